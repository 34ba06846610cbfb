"""From a project with faces and a trained model to the marked video."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from understudy.media import EncodeSettings, FrameSource
from understudy.merging.comparison import SideBySide, write_pair
from understudy.merging.contact_sheet import ContactSheet
from understudy.merging.mask_folder import MaskFolder
from understudy.merging.preparation import prepare
from understudy.merging.render import RenderedFrame, Renderer
from understudy.merging.settings import MergeSettings
from understudy.project import Progress, Project, Silent, UnderstudyError
from understudy.project.trash import move_to_trash
from understudy.provenance import LabelSettings, MarkedWriter, SigningSettings, open_marked, write_marked_image

_FRAMES_TO_ENCODE = 4  # finished frames that wait for the encoder


@dataclass(frozen=True)
class MergeResult:
    """What a merge made.

    Attributes:
        path: the marked video, or folder of pictures.
        frames: frames written.
        faces: faces swapped in them.
        notes: what was left as it was or could not be kept, one line each.
    """

    path: Path
    frames: int
    faces: int
    notes: tuple[str, ...]


def merge(
    project: Project,
    settings: MergeSettings | None = None,
    *,
    model: str | None = None,
    encode: EncodeSettings | None = None,
    label: LabelSettings | None = None,
    signing: SigningSettings | None = None,
    output: Path | None = None,
    progress: Progress | None = None,
) -> MergeResult:
    """Put the src face into every dst frame that has an aligned face, and write the marked video.

    Frames without a face leave as they came in. An aligned face whose file was deleted stays as it is in the footage;
    one that fails is reported and stays as it is, too. The result appears when it is complete: until then, and when
    the merge is interrupted, an earlier one stays in its place. An interrupted merge starts over; nothing of it is
    kept, since decoding, swapping and encoding again costs less than storing frames without loss.

    Args:
        settings: default settings when None; likewise `encode`, `label` and `signing`.
        model: name of the trained model; the one trained last when None.
        output: the video or, without a suffix, a folder for pictures; `result.mp4` in the project when None.

    Raises:
        UnderstudyError: no consent record, clips that the content guard refuses, no trained model, no aligned faces,
            faces of other footage, no face that could be swapped, or a file that cannot be read or written.
    """
    settings = settings or MergeSettings()
    label = label or LabelSettings()
    signing = signing or SigningSettings()
    progress = progress or Silent()
    ready = prepare(project, settings, model=model, progress=progress)
    source, failures = ready.source, ready.failures
    output = output or project.result()
    if settings.frames and project.merged.is_dir():
        move_to_trash(project.merged)
    with ExitStack() as stack:

        def opened(path: Path, like: FrameSource, encode: EncodeSettings) -> MarkedWriter:
            return stack.enter_context(
                open_marked(path, like=like, encode=encode, label=label, signing=signing, origin=ready.origin)
            )

        paths = [output, *([project.merged] if settings.frames else [])]
        writers = [opened(path, source, encode or EncodeSettings()) for path in paths]
        beside = project.root / "comparison.mp4"
        pairs = opened(beside, SideBySide(source), EncodeSettings()) if settings.comparison else None
        masks = stack.enter_context(MaskFolder(project.merged_mask)) if settings.masks else None
        sheet = ContactSheet(list(ready.plan) if settings.sheet else (), ready.face_type)
        outputs = _Outputs(writers, pairs, masks, sheet)
        count, swapped = _run(ready.renderer, source, outputs, progress, failures)
        if swapped == 0:
            raise UnderstudyError(f"not one face could be swapped: {failures[0]}")
    if (picture := sheet.picture()) is not None:
        path = project.root / "contact_sheet.jpg"
        at_the_edge = label.model_copy(update={"safe_area": 1.0})  # no screen cuts it off, and the pictures stay free
        write_marked_image(path, picture, label=at_the_edge, signing=signing, origin=ready.origin)
    notes = (*ready.warnings, *source.warnings, *writers[0].notes, *failures)
    return MergeResult(output, count, swapped, notes)


@dataclass(frozen=True)
class _Outputs:
    """Everything that a merged frame is written to."""

    writers: list[MarkedWriter]
    pairs: MarkedWriter | None
    masks: MaskFolder | None
    sheet: ContactSheet

    def write(self, rendered: RenderedFrame) -> None:
        frame, composite = rendered.frame, rendered.composite
        for writer in self.writers:
            writer.write(frame, composite.pixels, composite.changed)
        if self.pairs is not None:
            write_pair(self.pairs, rendered)
        if self.masks is not None:
            self.masks.write(frame, composite.alpha)
        self.sheet.add(rendered)


def _run(
    renderer: Renderer, source: FrameSource, outputs: _Outputs, progress: Progress, failures: list[str]
) -> tuple[int, int]:
    """Render and write every frame, writing on a thread of its own; how many frames and faces it were."""
    frames = faces = told = 0
    progress.begin("merge", source.info.frame_count)
    pending: deque[Future[None]] = deque()
    with closing(renderer.render(source.frames())) as rendering, ThreadPoolExecutor(1, "encode") as encoder:
        for rendered in rendering:
            pending.append(encoder.submit(outputs.write, rendered))
            if len(pending) > _FRAMES_TO_ENCODE:
                pending.popleft().result()
            for line in failures[told:]:
                progress.say(line)
            told = len(failures)
            frames, faces = frames + 1, faces + len(rendered.swapped)
            progress.advance(1, f"{faces} faces")
        for write in pending:
            write.result()
    return frames, faces
