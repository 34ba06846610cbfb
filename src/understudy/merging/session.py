"""From a project with faces and a trained model to the marked video."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.media import EncodeSettings
from understudy.merging.comparison import SideBySide, write_pair
from understudy.merging.contact_sheet import ContactSheet, complete
from understudy.merging.earlier import refuse_unlike
from understudy.merging.layers import write_element, write_layers
from understudy.merging.mask_video import MaskVideoOutput, mask_video_beside
from understudy.merging.outputs import MarkedOutput, Marks, MaskOutput, Output, write_frame
from understudy.merging.parts import Parts
from understudy.merging.preparation import Preparation, prepare
from understudy.merging.render import RenderedFrame
from understudy.merging.report import Report
from understudy.merging.settings import MergeSettings
from understudy.merging.smaller import HalfSize, write_half
from understudy.project import Progress, Project, Silent, UnderstudyError
from understudy.project.lock import locked
from understudy.provenance import LabelSettings, SigningSettings, write_marked_image

_QUICK = EncodeSettings(codec="h264", speed="veryfast", quality=23)


@dataclass(frozen=True)
class MergeResult:
    """What a merge made.

    Attributes:
        path: the marked video, or folder of pictures.
        frames: frames in it.
        faces: faces swapped in them.
        rendered: frames that were rendered for it; the others were there from earlier merges.
        kept: where the earlier result of that name lies now; None where there was none.
        report: the page, where one was asked for.
        notes: what was left as it was or could not be kept, one line each.
    """

    path: Path
    frames: int
    faces: int
    rendered: int
    kept: Path | None
    report: Path | None
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
    fixed: Collection[str] = (),
    frames: range | None = None,
    preview: bool = False,
    report: bool = False,
    progress: Progress | None = None,
) -> MergeResult:
    """Put the src face into every dst frame that has an aligned face, and write the marked video.

    Frames without a face leave as they came in. An aligned face whose file was deleted stays as it is in the footage;
    one that fails is reported and stays as it is, too. What differs from shot to shot and from frame to frame stands in
    the project's `merge.json`, which is made of the shots that are found when there is none.

    The footage is rendered in parts, which are kept in the project, marked like the result: a merge that was
    interrupted goes on behind the last of them, and only parts whose settings, faces, model or footage changed are
    rendered again. The result appears when it is complete; an earlier one is kept under a number.

    Args:
        settings: default settings when None; likewise `encode`, `label` and `signing`.
        model: name of the trained model; the one trained last when None.
        output: the video or, without a suffix, a folder for pictures; `result.mp4` in the project when None.
        fixed: names of settings that hold in every frame, whatever `merge.json` says.
        frames: indices of the frames to render; all when None. The result is named for them.
        preview: write `preview.mp4` at half the size, and nothing else that shows every frame.
        report: also write a page with contact sheets, gaps, failures, colours and jitter of every shot.

    Raises:
        UnderstudyError: no consent record, clips that the content guard refuses, no trained model, no aligned faces,
            faces of other footage, no face that could be swapped, or a file that cannot be read or written.
    """
    settings = settings or MergeSettings()
    label = label or LabelSettings()
    progress = progress or Silent()
    ready = prepare(project, settings, model=model, fixed=fixed, progress=progress)
    count = ready.source.info.frame_count
    if frames is not None:
        if not 0 <= frames.start < frames.stop <= count:
            raise UnderstudyError(f"dst has the frames 1 to {count}, not {frames.start + 1} to {frames.stop}")
        label = label.model_copy(update={"seconds": None, "fade": 0.0})  # a piece of a film is labelled all the time
    marks = Marks(label, signing or SigningSettings(), ready.origin)
    if preview:
        result: Path = project.root / "preview.mp4"
        outputs: list[Output] = [MarkedOutput(result, HalfSize(ready.source), _QUICK, marks, write_half)]
    else:
        result = output or _named(project.result(), frames)
        outputs = _outputs(project, settings, ready, marks, encode or EncodeSettings(), result, frames)
    if output is not None:
        refuse_unlike(output)
    shown = [index for index in ready.plan if frames is None or index in frames]
    sheet = ContactSheet(shown if settings.sheet and not preview else (), ready.renderer.face_type_of)
    page = Report(ready, frames or range(count)) if report else None

    def look(rendered: RenderedFrame) -> None:
        sheet.add(rendered)
        if page is not None:
            page.look(rendered)

    _refuse_twice([*(each.path for each in outputs), *([project.root / "report"] if report else ())])
    parts = Parts(project, ready, outputs, frames)
    with locked(project.cache / "merge.lock", f"another merge is at work in {project.root}: wait until it is done"):
        parts.render(look, progress)
        if parts.faces == 0 and parts.failures:
            parts.forget()
            raise UnderstudyError(f"not one face could be swapped: {parts.failures[0]}")
        # A glance at a few frames is no reason to give up what the whole film is made of.
        kept, notes = parts.join(keep=not preview, prune=frames is None and not preview)
    if (picture := complete(sheet, ready.renderer, ready.source)) is not None:
        path = project.root / "contact_sheet.jpg"
        at_the_edge = label.model_copy(update={"safe_area": 1.0})  # no screen cuts it off, and the pictures stay free
        write_marked_image(path, picture, label=at_the_edge, signing=marks.signing, origin=ready.origin)
    written = None
    if page is not None:
        written = page.write(project.root / "report", project.title, parts.appearances, parts.failures, marks)
    lines = (*ready.warnings, *ready.source.warnings, *notes, *parts.notes, *parts.failures)
    return MergeResult(result, parts.frames, parts.faces, parts.rendered, kept, written, lines)


def _outputs(
    project: Project,
    settings: MergeSettings,
    ready: Preparation,
    marks: Marks,
    encode: EncodeSettings,
    result: Path,
    frames: range | None,
) -> list[Output]:
    """Everything that the settings ask for, the result first."""
    source, settings_at = ready.source, ready.settings_at
    write = write_element(settings_at) if settings.alpha else write_frame
    outputs: list[Output] = [
        MarkedOutput(result, source, encode, marks, write, mattes="alpha" if settings.alpha else None)
    ]
    if settings.pictures:
        outputs.append(MarkedOutput(_named(project.merged, frames), source, encode, marks))
    if settings.comparison:
        path = _named(project.root / "comparison.mp4", frames)
        outputs.append(MarkedOutput(path, SideBySide(source), EncodeSettings(), marks, write_pair))
    if settings.layers is not None:
        path = _named(project.merged_layers, frames)
        exr = EncodeSettings(image_format="exr", bits=16 if settings.layers == "half" else 32)
        write = write_layers(settings_at, ready.renderer.face_type_of)
        outputs.append(MarkedOutput(path, source, exr, marks, write, mattes="layers"))
    if settings.masks:
        outputs.append(MaskOutput(_named(project.merged_mask, frames)))
    if settings.mask_video:
        outputs.append(MaskVideoOutput(mask_video_beside(result), source.info))
    return outputs


def _refuse_twice(paths: Sequence[Path]) -> None:
    """Refuse to write two things under one name."""
    resolved = [path.resolve() for path in paths]
    for path in resolved:
        if resolved.count(path) > 1:
            raise UnderstudyError(f"{path} is the name of two things that are to be written: choose another --out")


def _named(path: Path, frames: range | None) -> Path:
    """The name of an output, which says so where it holds only some frames."""
    return path if frames is None else path.with_stem(f"{path.stem}_{frames.start + 1}-{frames.stop}")
