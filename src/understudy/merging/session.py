"""From a project with faces and a trained model to the marked video."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.media import EncodeSettings
from understudy.merging.appearance import Appearance
from understudy.merging.comparison import SideBySide, write_pair
from understudy.merging.contact_sheet import ContactSheet, complete
from understudy.merging.earlier import keep_earlier, refuse_unlike
from understudy.merging.fingerprint import Fingerprints, of_output
from understudy.merging.outputs import MarkedOutput, Marks, MaskOutput, Output
from understudy.merging.part_rendering import Missing, PartRendering
from understudy.merging.part_store import PartRecord, PartStore
from understudy.merging.partition import divide, runs
from understudy.merging.persons import read_persons
from understudy.merging.preparation import Preparation, prepare
from understudy.merging.render import RenderedFrame
from understudy.merging.report import Report
from understudy.merging.settings import MergeSettings
from understudy.merging.smaller import HalfSize, write_half
from understudy.project import Progress, Project, Silent, UnderstudyError
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
    sheet = ContactSheet(list(ready.plan) if settings.sheet and not preview else (), ready.face_type)
    page = Report(ready, frames or range(count)) if report else None

    def look(rendered: RenderedFrame) -> None:
        sheet.add(rendered)
        if page is not None:
            page.look(rendered)

    parts = _Parts(project, ready, outputs, look, frames, progress)
    parts.render()
    if parts.faces == 0 and parts.failures:
        parts.forget()
        raise UnderstudyError(f"not one face could be swapped: {parts.failures[0]}")
    kept, notes = parts.join(keep=not preview)
    if (picture := complete(sheet, ready.renderer, ready.source)) is not None:
        path = project.root / "contact_sheet.jpg"
        at_the_edge = label.model_copy(update={"safe_area": 1.0})  # no screen cuts it off, and the pictures stay free
        write_marked_image(path, picture, label=at_the_edge, signing=marks.signing, origin=ready.origin)
    written = None
    if page is not None:
        written = page.write(project.root / "report", project.title, parts.appearances, parts.failures, marks)
    lines = (*ready.warnings, *ready.source.warnings, *notes, *parts.failures)
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
    outputs: list[Output] = [MarkedOutput(result, ready.source, encode, marks)]
    if settings.pictures:
        outputs.append(MarkedOutput(_named(project.merged, frames), ready.source, encode, marks))
    if settings.comparison:
        beside = SideBySide(ready.source)
        path = _named(project.root / "comparison.mp4", frames)
        outputs.append(MarkedOutput(path, beside, EncodeSettings(), marks, write_pair))
    if settings.masks:
        outputs.append(MaskOutput(_named(project.merged_mask, frames)))
    return outputs


class _Parts:
    """The parts of one merge: found or rendered, and joined."""

    def __init__(
        self,
        project: Project,
        ready: Preparation,
        outputs: Sequence[Output],
        look: Callable[[RenderedFrame], None],
        frames: range | None,
        progress: Progress,
    ) -> None:
        self._ready, self._outputs, self._look, self._progress = ready, outputs, look, progress
        self._store = PartStore(project.cache / "merge")
        info = ready.source.info
        clip_starts = [sum(clip.frame_count for clip in info.clips[:place]) for place in range(len(info.clips))]
        cuts = [*clip_starts, *(line for shot in ready.edits.shots for line in (shot.first - 1, shot.last))]
        self._parts = divide(info.frame_count, cuts, within=frames)
        fingerprints = Fingerprints(
            ready.source,
            ready.plan,
            ready.settings_at,
            reach=ready.renderer.reach.frames,
            faces=project.aligned("dst"),
            apart=(*ready.model_digests, repr(read_persons(project)), repr(ready.renderer.reach)),
            mattes=ready.mattes,
        )
        self._names = {part: fingerprints.of(part) for part in self._parts}
        self._records: dict[range, PartRecord] = {}
        self.rendered = 0

    @property
    def frames(self) -> int:
        return sum(len(record.times) for record in self._records.values())

    @property
    def faces(self) -> int:
        return sum(record.faces for record in self._records.values())

    @property
    def failures(self) -> list[str]:
        return [line for part in self._parts if part in self._records for line in self._records[part].failures]

    @property
    def appearances(self) -> Iterator[Appearance]:
        return (seen for record in self._records.values() for seen in record.appearances)

    def render(self) -> None:
        """Find what is there, and render the rest."""
        self._store.clear_leftovers()
        missing: dict[range, Missing] = {}
        for part in self._parts:
            record = self._store.record(self._names[part])
            files = [(output, self._path(output, part)) for output in self._outputs]
            lacking = tuple((output, path) for output, path in files if record is None or not path.exists())
            if record is None:
                self._store.drop([path for _, path in lacking])
            if lacking:
                missing[part] = Missing(part, lacking)
            elif record is not None:
                self._records[part] = record
        self._progress.begin("merge", sum(map(len, self._parts)))
        self._progress.advance(sum(len(part) for part in self._parts if part not in missing), "from earlier")
        ready = self._ready
        rendering = PartRendering(
            ready.renderer,
            ready.source,
            ready.failures,
            finished=self._finished,
            look=self._look,
            progress=self._progress,
        )
        for run in runs(self._parts, missing):
            rendering.run([missing[part] for part in run])

    def _finished(self, part: range, record: PartRecord) -> None:
        self._store.keep(self._names[part], record)
        self._records[part] = record
        self.rendered += len(record.times)

    def forget(self) -> None:
        """Delete the parts in which something failed."""
        for part, record in self._records.items():
            if record.failures:
                self._store.forget(self._names[part])
                self._store.drop(self._path(output, part) for output in self._outputs)

    def join(self, *, keep: bool) -> tuple[Path | None, list[str]]:
        """Make the outputs of their parts; where the earlier result lies, and what could not be kept of the footage."""
        kept: list[Path | None] = []
        notes: list[str] = []
        used = set(self._names.values())
        for output in self._outputs:
            files = {part: self._path(output, part) for part in self._parts if part in self._records}
            used |= {path.stem for path in files.values()}
            made_of = hashlib.sha256(
                repr((list(files.values()), output.joining, self._ready.origin)).encode()
            ).hexdigest()
            if self._store.joined(output.path) == made_of:
                kept.append(None)
                continue
            kept.append(keep_earlier(output.path) if keep else None)
            found = [self._records[part].part(path, part.start) for part, path in files.items()]
            notes += output.join(found)
            self._store.note_joined(output.path, made_of)
        self._store.prune(used)
        return kept[0], notes

    def _path(self, output: Output, part: range) -> Path:
        return self._store.path(of_output(self._names[part], output.identity), output.suffix)


def _named(path: Path, frames: range | None) -> Path:
    """The name of an output, which says so where it holds only some frames."""
    return path if frames is None else path.with_stem(f"{path.stem}_{frames.start + 1}-{frames.stop}")
