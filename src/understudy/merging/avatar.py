"""The swapped face alone, upright and as large as the network makes it: every aligned face a picture of a video."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.media import EncodeSettings, Frame, FrameSource, resize
from understudy.merging.levels import from_display
from understudy.merging.preparation import prepare
from understudy.merging.render import RenderedFrame
from understudy.merging.settings import MergeSettings
from understudy.project import Progress, Project, Silent, UnderstudyError
from understudy.provenance import LabelSettings, SigningSettings, open_marked


@dataclass(frozen=True)
class AvatarResult:
    """What was made.

    Attributes:
        path: the marked video, or folder of pictures.
        frames: frames written; those without a face are black.
        faces: frames that show a face.
        notes: what could not be swapped or kept, one line each.
    """

    path: Path
    frames: int
    faces: int
    notes: tuple[str, ...]


def make_avatar(
    project: Project,
    settings: MergeSettings | None = None,
    *,
    source_beside: bool = False,
    model: str | None = None,
    encode: EncodeSettings | None = None,
    label: LabelSettings | None = None,
    signing: SigningSettings | None = None,
    output: Path | None = None,
    progress: Progress | None = None,
) -> AvatarResult:
    """Write what the network makes of each frame's largest aligned dst face, with dst's timing and sound.

    No mask and no colours are taken from the frame. An earlier result stays in its place until the new one is complete.

    Args:
        settings: of steadiness, model and morphing; the default ones when None, as of the others.
        source_beside: show the face that the network saw on the left of each.
        model: name of the trained model; the one trained last when None.
        output: the video or, without a suffix, a folder for pictures; `avatar.mp4` in the project when None.

    Raises:
        UnderstudyError: as `merge`.
    """
    progress = progress or Silent()
    alone = {"mode": "raw-predict", "mask": "full", "occluder": ""}
    settings = (settings or MergeSettings()).model_copy(update=alone)
    ready = prepare(project, settings, model=model, fixed=alone, progress=progress)
    path = output or project.root / "avatar.mp4"
    pictures = _Pictures(ready.source, ready.renderer.resolution, beside=source_beside)
    frames = faces = 0
    writer = open_marked(
        path,
        like=pictures,
        encode=encode or EncodeSettings(),
        label=label or LabelSettings(),
        signing=signing or SigningSettings(),
        origin=ready.origin,
    )
    progress.begin("avatar", ready.source.info.frame_count)
    with writer, closing(ready.renderer.render(ready.source.frames())) as rendering:
        for rendered in rendering:
            picture = pictures.of(rendered)
            writer.write(picture, picture.pixels)
            frames, faces = frames + 1, faces + bool(rendered.swapped)
            progress.advance(1, f"{faces} faces")
        if faces == 0:
            raise UnderstudyError(f"not one face could be swapped: {ready.failures[0] if ready.failures else 'none'}")
    notes = (*ready.warnings, *ready.source.warnings, *writer.notes, *ready.failures)
    return AvatarResult(path, frames, faces, notes)


class _Pictures:
    """The footage in the size of the network's pictures, so that a writer takes over its rate, timing and sound."""

    def __init__(self, footage: FrameSource, size: int, *, beside: bool) -> None:
        self._footage = footage
        self._size, self._beside = size, beside
        self.info = replace(footage.info, width=size * (2 if beside else 1), height=size, has_alpha=False)

    @property
    def warnings(self) -> list[str]:
        return self._footage.warnings

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Black pictures in the footage's timing."""
        return (self._frame(frame, np.zeros((1, 1, 3), np.float32)) for frame in self._footage.frames(start, stop))

    def of(self, rendered: RenderedFrame) -> Frame:
        """What the network made of a frame's topmost face; black where it has none."""
        if not rendered.swapped:
            return self._frame(rendered.frame, np.zeros((1, 1, 3), np.float32))
        _, prediction = rendered.swapped[-1]
        shown = [prediction.crop, prediction.face] if self._beside else [prediction.face]
        if prediction.face.shape[0] != self._size:  # a person's own model of another size
            shown = [resize(part, self._size, self._size) for part in shown]
        return self._frame(rendered.frame, np.hstack(shown))

    def _frame(self, frame: Frame, values: NDArray[Any]) -> Frame:
        whole = np.broadcast_to(values, (self.info.height, self.info.width, 3))
        return replace(frame, pixels=from_display(whole, frame.pixels.dtype), alpha=None, native=None)
