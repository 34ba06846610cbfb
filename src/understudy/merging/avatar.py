"""The swapped face alone, upright and as large as the network makes it: every aligned face a picture of a video."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces import face_matrix, transform
from understudy.media import EncodeSettings, Frame, FrameSource, resize
from understudy.merging.composite import composite
from understudy.merging.levels import from_display, to_display
from understudy.merging.preparation import prepare
from understudy.merging.render import RenderedFrame, Renderer
from understudy.merging.settings import MergeSettings
from understudy.merging.settings.avatar import AvatarSettings
from understudy.project import Progress, Project, Silent, UnderstudyError
from understudy.provenance import LabelSettings, SigningSettings, open_marked

Values = NDArray[np.float32]


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
    settings: AvatarSettings | None = None,
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

    By default no mask and no colours are taken from the frame. Of the project's edit list the likeness counts alone. An
    earlier result stays in its place until the new one is complete.

    Args:
        settings: default settings when None; likewise the others.
        source_beside: show the face that the network saw on the left of each.
        model: name of the trained model; the one trained last when None.
        output: the video or, without a suffix, a folder for pictures; `avatar.mp4` in the project when None.

    Raises:
        UnderstudyError: as `merge`.
    """
    progress = progress or Silent()
    settings = settings or AvatarSettings()
    fixed = MergeSettings.model_fields.keys() - {"morph_factor"}
    alone = settings.of_merge().model_copy(update={"mode": "raw-predict"})
    ready = prepare(project, alone, model=model, fixed=fixed, progress=progress)
    finish = None if settings.is_bare else partial(_finished, settings=settings.of_merge(), renderer=ready.renderer)
    path = output or project.root / "avatar.mp4"
    pictures = _Pictures(ready.source, ready.renderer.resolution, beside=source_beside, finish=finish)
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


def _finished(rendered: RenderedFrame, *, settings: MergeSettings, renderer: Renderer) -> Values:
    """The topmost face laid over its own crop, as it would be over the frame: (S, S, 3), 0..1."""
    face, prediction = rendered.swapped[-1]
    kind, size = renderer.face_type_of(face), prediction.face.shape[0]
    landmarks = transform(face.landmarks, face_matrix(face.landmarks, kind, size)).astype(np.float32)
    below = from_display(prediction.crop, np.dtype(np.uint16))
    moment = replace(rendered.moments[-1], before=None, after=None)  # these lie in the frame
    return to_display(composite(below, landmarks, prediction, settings, face_type=kind, moment=moment).pixels)


class _Pictures:
    """The footage in the size of the network's pictures, so that a writer takes over its rate, timing and sound."""

    def __init__(
        self, footage: FrameSource, size: int, *, beside: bool, finish: Callable[[RenderedFrame], Values] | None
    ) -> None:
        self._footage, self._finish = footage, finish
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
        face = prediction.face if self._finish is None else self._finish(rendered)
        shown = [prediction.crop, face] if self._beside else [face]
        if prediction.face.shape[0] != self._size:  # a person's own model of another size
            shown = [resize(part, self._size, self._size) for part in shown]
        return self._frame(rendered.frame, np.hstack(shown))

    def _frame(self, frame: Frame, values: NDArray[Any]) -> Frame:
        whole = np.broadcast_to(values, (self.info.height, self.info.width, 3))
        return replace(frame, pixels=from_display(whole, frame.pixels.dtype), alpha=None, native=None)
