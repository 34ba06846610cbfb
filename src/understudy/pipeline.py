"""The verbs in a row: clips in, marked video out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.faces import ExtractSettings
from understudy.facesets import extract
from understudy.media import EncodeSettings
from understudy.merging import MergeResult, MergeSettings, merge
from understudy.project import ConsentRecord, Progress, Project, Side, Silent, UnderstudyError
from understudy.project.folder import SETTINGS_FILE
from understudy.provenance import LabelSettings, SigningSettings
from understudy.training import TrainSettings, train


@dataclass(frozen=True)
class SwapSettings:
    """The settings of every step."""

    extract: ExtractSettings = ExtractSettings()
    train: TrainSettings = TrainSettings()
    merge: MergeSettings = MergeSettings()
    encode: EncodeSettings = EncodeSettings()
    label: LabelSettings = LabelSettings()
    signing: SigningSettings = SigningSettings()


def swap(
    src: Sequence[Path],
    dst: Sequence[Path],
    output: Path,
    *,
    consent: ConsentRecord,
    settings: SwapSettings | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> MergeResult:
    """Replace the face in `dst` by that of `src`: extract both, train, merge.

    Every step goes on where an interrupted call left it; the time that `settings.train.until` gives counts over all of
    them.

    Args:
        output: the marked video.
        consent: the consent record of both performers.
        folder: the project folder; beside `output`, named after it, when None.

    Raises:
        UnderstudyError: whatever the steps raise, or `folder` holds a project of other clips.
    """
    settings = settings or SwapSettings()
    progress = progress or Silent()
    project = _project(folder or output.with_name(f"{output.stem}.understudy"), src, dst, consent)
    sides: tuple[Side, ...] = ("src", "dst")
    for side in sides:
        extract(project, side, settings.extract, progress=progress)
    train(project, settings.train, progress, whole_time=True)
    return merge(
        project,
        settings.merge,
        model=settings.train.name,
        encode=settings.encode,
        label=settings.label,
        signing=settings.signing,
        output=output,
        progress=progress,
    )


def _project(root: Path, src: Sequence[Path], dst: Sequence[Path], consent: ConsentRecord) -> Project:
    if not (root / SETTINGS_FILE).exists():
        return Project.create(root, src=src, dst=dst, consent=consent)
    project = Project(root)
    if any(
        [clip.resolve() for clip in project.clips(side)] != [clip.resolve() for clip in clips]
        for side, clips in (("src", src), ("dst", dst))
    ):
        raise UnderstudyError(f"{root} is a project of other clips; name another --out or --project")
    project.record_consent("src", consent.src)
    project.record_consent("dst", consent.dst)
    return project
