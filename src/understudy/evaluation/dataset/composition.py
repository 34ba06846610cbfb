"""Which pairs a data set consists of: every project described, its performers numbered, its split chosen."""

import hashlib
import json
import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from understudy.evaluation.dataset.manifest import Pair, Training
from understudy.evaluation.dataset.settings import DatasetSettings
from understudy.evaluation.dataset.split import Split, divide, joined
from understudy.facesets import Faceset
from understudy.media import open_source
from understudy.merging import MergeSettings
from understudy.merging.plan import PlacedFace, plan_faces
from understudy.models import latest_model, load_model, trained_last
from understudy.project import SIDES, Project, Side, UnderstudyError
from understudy.project.folder import SETTINGS_FILE, one_line
from understudy.provenance.origin import clip_digest
from understudy.training.checkpoint import STATE_NAME


def compose(projects: Sequence[Project], settings: DatasetSettings, model: str | None) -> tuple[Pair, ...]:
    """One pair for every project, in their order.

    Two performers are one where the consent records give them one name or where they share a clip. Everybody who is
    swapped with somebody, directly or through others, is in the same split.

    Args:
        model: name of the model in every project; the one trained last when None.

    Raises:
        UnderstudyError: no consent, no model, no faces, settings that are not valid, or a clip that cannot be read.
    """
    records = [project.consent() for project in projects]
    clips = [{side: tuple(map(clip_digest, project.clips(side))) for side in SIDES} for project in projects]
    performers = joined(
        [
            _known_by(side, getattr(record, side).name, digests[side])
            for record, digests in zip(records, clips, strict=True)
            for side in SIDES
        ]
    )
    of_pair = [performers[2 * number : 2 * number + 2] for number in range(len(projects))]
    splits = _splits(projects, joined([frozenset(pair) for pair in of_pair]), settings)
    pairs = []
    for number, project in enumerate(projects):
        weights = latest_model(project.model_folder(model or trained_last(project.models)))
        merge = merge_settings(project)
        src, dst = of_pair[number]
        pairs.append(
            Pair(
                name=f"pair-{number + 1:03d}",
                split=splits[number],
                project=project.id,
                src=f"performer-{src + 1:03d}",
                dst=f"performer-{dst + 1:03d}",
                consent=records[number].digest(),
                src_basis=records[number].src.basis,
                dst_basis=records[number].dst.basis,
                src_clips=clips[number]["src"],
                dst_clips=clips[number]["dst"],
                model=load_model(weights).kind,
                model_sha256=clip_digest(weights),
                training=_training(weights),
                faces=plan_digest(plan_faces(Faceset(project.aligned("dst")), smooth=merge.smooth)),
                merge=merge,
            )
        )
    return tuple(pairs)


def merge_settings(project: Project) -> MergeSettings:
    """The built-in settings with what the project's file says of merging.

    Raises:
        UnderstudyError: it says something that is not allowed.
    """
    try:
        return MergeSettings.model_validate(project.settings("merge"))
    except ValidationError as error:
        raise UnderstudyError(f"{project.root / SETTINGS_FILE}, [merge]: {one_line(error)}") from error


def plan_digest(plan: dict[int, list[PlacedFace]]) -> str:
    """SHA-256 of where the faces are placed, frame by frame."""
    listed = [
        (frame, [face.landmarks.astype(float).round(3).tolist() for face in plan[frame]]) for frame in sorted(plan)
    ]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def _known_by(side: Side, name: str, digests: Iterable[str]) -> frozenset[Hashable]:
    """What tells a performer: the clips, and the name unless it only says the side."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    return frozenset(digests) | (frozenset() if folded == side else frozenset({("name", folded)}))


def _splits(projects: Sequence[Project], groups: list[int], settings: DatasetSettings) -> list[Split]:
    sizes = [0] * (max(groups) + 1)
    for project, group in zip(projects, groups, strict=True):
        sizes[group] += open_source(project.clips("dst")).info.frame_count
    names = [projects[groups.index(group)].id for group in range(len(sizes))]
    shares: dict[Split, float] = {
        "train": 1 - settings.val - settings.test,
        "val": settings.val,
        "test": settings.test,
    }
    chosen = divide(sizes, names, shares, seed=settings.seed)
    return [chosen[group] for group in groups]


def _training(weights: Path) -> Training | None:
    """How the weights came about, where the checkpoint says it."""
    try:
        state = json.loads((weights.with_name(STATE_NAME)).read_text(encoding="utf-8"))
        settings = json.dumps(state["settings"], sort_keys=True)
        return Training(
            seed=state["settings"]["seed"],
            iteration=state["iteration"],
            settings_sha256=hashlib.sha256(settings.encode()).hexdigest(),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
