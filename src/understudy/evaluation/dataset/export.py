"""From projects to a data set, and from a data set's manifest to the same data set."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from understudy.evaluation.dataset.composition import compose, plan_digest
from understudy.evaluation.dataset.datasheet import datasheet
from understudy.evaluation.dataset.manifest import Digests, Manifest, Pair, read_manifest, tools
from understudy.evaluation.dataset.pair_folder import LABELS, WRITTEN, write_pair
from understudy.evaluation.dataset.settings import DatasetSettings
from understudy.merging.preparation import Preparation, prepare
from understudy.models.latest import latest_model
from understudy.project import SIDES, Progress, Project, Silent, UnderstudyError
from understudy.project.atomic import atomic_path, write_text
from understudy.provenance import SigningSettings
from understudy.provenance.origin import clip_digest

MANIFEST, README = "manifest.json", "README.md"
_PLAN = "unfinished.json"  # the manifest of a data set that is not complete


@dataclass(frozen=True)
class Exported:
    """A data set.

    Attributes:
        folder: where it lies.
        manifest: of it.
        notes: what its maker should know, one line each.
    """

    folder: Path
    manifest: Manifest
    notes: tuple[str, ...]


def export_dataset(
    projects: Sequence[Project],
    out: Path,
    settings: DatasetSettings | None = None,
    *,
    model: str | None = None,
    signing: SigningSettings | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write real and fake pairs of every project, with masks, labels, a manifest and a datasheet.

    Each project is merged with its own settings. What was finished of an interrupted export is not made again.

    Args:
        projects: with a trained model and a consent record each.
        out: a folder that is empty, or holds an unfinished export of the same projects and settings.
        model: name of the model in every project; the one trained last when None.
        signing: whose certificate signs the fakes.

    Raises:
        UnderstudyError: no consent, clips that the content guard refuses, no model, a project given twice, or a folder
            that holds something else or cannot be written to.
    """
    settings = settings or DatasetSettings()
    if not projects:
        raise UnderstudyError("a data set is made of projects: name their folders")
    if len({project.id for project in projects}) < len(projects):
        raise UnderstudyError("a project is named twice: name each once")
    manifest = Manifest(made_with=tools(), settings=settings, pairs=compose(projects, settings, model))
    made = _write(manifest, {project.id: project for project in projects}, out, signing, progress or Silent())
    if settings.val + settings.test > 0 and len({pair.split for pair in manifest.pairs}) == 1:
        note = "everything is in one split: there are no more performers that can be kept apart"
        return Exported(made.folder, made.manifest, (*made.notes, note))
    return made


def repeat_dataset(
    manifest: Path,
    out: Path,
    projects: Sequence[Project] = (),
    *,
    signing: SigningSettings | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Make a data set again from its manifest: the same labels and masks to the byte, and the same pixels.

    The notes say whether what came is the same, and what differs in the tools where it is not.

    Args:
        manifest: of a finished data set.
        projects: those it was made of; where none are given, `FOLDER.projects.json` beside the data set's folder says
            where they lie.

    Raises:
        UnderstudyError: as `export_dataset`; or a project, its clips, faces or weights are not those of the manifest.
    """
    wanted = read_manifest(manifest)
    if any(pair.written is None for pair in wanted.pairs):
        raise UnderstudyError(f"{manifest} is of an unfinished data set: give the manifest.json of a finished one")
    found = {project.id: project for project in projects or _remembered(_places(manifest.parent))}
    missing = [pair.project for pair in wanted.pairs if pair.project not in found]
    if missing:
        raise UnderstudyError(f"{manifest} speaks of the projects {', '.join(missing)}: name their folders")
    pairs = tuple(_today(pair, found[pair.project]) for pair in wanted.pairs)
    fresh = wanted.model_copy(update={"made_with": tools(), "pairs": pairs})
    made = _write(fresh, found, out, signing, progress or Silent())
    return Exported(made.folder, made.manifest, (*made.notes, *_compared(wanted, made.manifest)))


def _today(pair: Pair, project: Project) -> Pair:
    """A pair to be written again, under the consent that is in force now."""
    consent = project.consent()
    now = {"consent": consent.digest(), "src_basis": consent.src.basis, "dst_basis": consent.dst.basis}
    return pair.model_copy(update={**now, "written": None})


def _compared(then: Manifest, now: Manifest) -> list[str]:
    other = [
        f"{before.name}: other {part} than in the manifest"
        for before, after in zip(then.pairs, now.pairs, strict=True)
        if before.written is not None and after.written is not None
        for part in Digests.model_fields
        if getattr(before.written, part) != getattr(after.written, part)
    ]
    if not other:
        return ["labels, masks and pixels are those of the manifest"]
    used = now.made_with
    return other + [
        f"{name} was {old}, is {used.get(name, 'not used')}"
        for name, old in then.made_with.items()
        if old != used.get(name)
    ]


def _write(
    manifest: Manifest, projects: Mapping[str, Project], out: Path, signing: SigningSettings | None, progress: Progress
) -> Exported:
    _claim(out, manifest)
    notes: list[str] = []
    written: list[Pair] = []
    for pair in manifest.pairs:
        digests = _finished(out / pair.folder)
        if digests is None:
            ready = _ready(pair, projects[pair.project], progress)
            digests = write_pair(pair, ready, manifest.settings, out, signing or SigningSettings(), progress)
            notes += [*ready.warnings, *ready.source.warnings, *ready.failures]
        written.append(pair.model_copy(update={"written": digests}))
    complete = manifest.model_copy(update={"pairs": tuple(written)})
    with atomic_path(out / LABELS) as temporary, temporary.open("wb") as labels:
        for pair in written:
            with (out / pair.folder / LABELS).open("rb") as part:
                shutil.copyfileobj(part, labels)
    write_text(out / README, datasheet(complete))
    places = {pair.project: str(projects[pair.project].root.resolve()) for pair in written}
    write_text(_places(out), json.dumps(places, indent=1) + "\n")
    write_text(out / MANIFEST, complete.text())
    (out / _PLAN).unlink()
    return Exported(out, complete, tuple(notes))


def _places(out: Path) -> Path:
    """Where it is kept on this machine where the projects lie: beside the data set, which may be given away."""
    folder = out.resolve()
    return folder.with_name(f"{folder.name}.projects.json")


def _claim(out: Path, manifest: Manifest) -> None:
    """Make a folder this export's own, or refuse one that is not."""
    plan = out / _PLAN
    if plan.is_file():
        if plan.read_text(encoding="utf-8") != manifest.text():
            raise UnderstudyError(
                f"{out} holds an unfinished data set of other projects or settings: name another --out"
            )
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UnderstudyError(f"{out} exists already: name another --out")
    else:
        write_text(plan, manifest.text())


def _finished(folder: Path) -> Digests | None:
    try:
        return Digests.model_validate_json((folder / WRITTEN).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None


def _ready(pair: Pair, project: Project, progress: Progress) -> Preparation:
    """The merge of a project, made of exactly what the pair says."""
    for side in SIDES:
        if tuple(map(clip_digest, project.clips(side))) != getattr(pair, f"{side}_clips"):
            raise UnderstudyError(f"{project.root}: the clips of {side} are not those of {pair.name} in the manifest")
    ready = prepare(project, pair.merge, model=_model(pair, project), progress=progress)
    if plan_digest(ready.plan) != pair.faces:
        raise UnderstudyError(f"{project.aligned('dst')}: the faces are not those of {pair.name} in the manifest")
    return ready


def _model(pair: Pair, project: Project) -> str:
    """Name of the model whose newest weights are those of the pair."""
    for folder in sorted(project.models.iterdir()) if project.models.is_dir() else ():
        if any(folder.glob("*/weights.safetensors")) and clip_digest(latest_model(folder)) == pair.model_sha256:
            return folder.name
    raise UnderstudyError(
        f"{project.models} has no model with the weights {pair.model_sha256[:16]}… of {pair.name}: bring back the "
        "checkpoint of that time"
    )


def _remembered(path: Path) -> list[Project]:
    """The projects that the data set was made of on this machine."""
    try:
        places = json.loads(path.read_text(encoding="utf-8"))
        return [Project(Path(place)) for place in places.values()]
    except (OSError, ValueError, AttributeError, TypeError):
        raise UnderstudyError(f"where are the projects? {path} does not say: name their folders") from None
