"""The verbs in a row: clips in, marked video out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.faces import ExtractSettings
from understudy.media import EncodeSettings
from understudy.merging import MergeSettings
from understudy.project import SIDES, ConsentRecord, Progress, Project, Side, Silent, UnderstudyError
from understudy.project.folder import SETTINGS_FILE
from understudy.provenance import LabelSettings, SigningSettings
from understudy.provenance.guard import check_project
from understudy.training import TrainSettings

if TYPE_CHECKING:
    from understudy.merging import MergeResult


@dataclass(frozen=True)
class SwapSettings:
    """The settings of every step."""

    extract: ExtractSettings = field(default_factory=ExtractSettings)
    train: TrainSettings = field(default_factory=TrainSettings)
    merge: MergeSettings = field(default_factory=MergeSettings)
    encode: EncodeSettings = field(default_factory=EncodeSettings)
    label: LabelSettings = field(default_factory=LabelSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)


def swap(
    src: Sequence[Path],
    dst: Sequence[Path],
    output: Path,
    *,
    consent: ConsentRecord,
    settings: SwapSettings | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> "MergeResult":
    """Replace the face in `dst` by that of `src`: extract both, train, merge.

    Every step goes on where an interrupted call left it.

    Args:
        output: the marked video.
        consent: the consent record of both performers.
        folder: the project folder; beside `output`, named after it, when None.

    Raises:
        UnderstudyError: whatever the content guard and the steps raise, or `folder` holds a project of other clips.
    """
    from understudy.facesets import extract  # not above: the settings are read without what the steps need
    from understudy.merging import merge
    from understudy.training import train

    settings = settings or SwapSettings()
    progress = progress or Silent()
    project = _project(folder or output.with_name(f"{output.stem}.understudy"), src, dst, consent)
    check_project(project, progress)  # of which the merge reminds, and which is not to come after hours of training
    for side in SIDES:
        extract(project, side, settings.extract, progress=progress)
    train(project, settings.train, progress)
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
    wanted: dict[Side, Sequence[Path]] = {"src": src, "dst": dst}
    if any(_resolved(project.clips(side)) != _resolved(clips) for side, clips in wanted.items()):
        raise UnderstudyError(f"{root} is a project of other clips; name another --out or --project")
    for side in SIDES:
        given, recorded = getattr(consent, side), project.recorded_consent(side)
        if recorded is None or recorded.revoked or not given.restates(recorded):
            project.record_consent(side, given)
    return project


def _resolved(clips: Sequence[Path]) -> list[Path]:
    return [clip.resolve() for clip in clips]
