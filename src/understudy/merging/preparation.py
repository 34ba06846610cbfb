"""Everything that a merge needs, found and checked before the first frame is rendered."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from understudy.faces.face import FaceType
from understudy.facesets import Faceset
from understudy.media import FrameSource, SourceInfo, open_source
from understudy.merging.plan import PlacedFace, plan_faces
from understudy.merging.predictor import Predictor, best_device
from understudy.merging.render import Renderer
from understudy.merging.settings import MergeSettings
from understudy.models import latest_model, load_model, trained_last
from understudy.project import Progress, Project, UnderstudyError
from understudy.provenance import Origin
from understudy.provenance.guard import check_project


@dataclass(frozen=True, eq=False)
class Preparation:
    """A merge that can begin.

    Attributes:
        source: the dst clips.
        faces: their aligned faces.
        plan: which faces of which frames are swapped.
        renderer: swaps them.
        face_type: of the network.
        origin: for everything that is written of them.
        warnings: what the owner should know of the clips, one line each.
        failures: one line for each face that could not be swapped; grows while rendering.
    """

    source: FrameSource
    faces: Faceset
    plan: dict[int, list[PlacedFace]]
    renderer: Renderer
    face_type: FaceType
    origin: Origin
    warnings: tuple[str, ...]
    failures: list[str]


def prepare(project: Project, settings: MergeSettings, *, progress: Progress, model: str | None = None) -> Preparation:
    """Check consent and clips, and load the network.

    Args:
        model: name of the trained model; the one trained last when None.

    Raises:
        UnderstudyError: no consent record, clips that the content guard refuses, no trained model, no aligned faces, or
            faces of other footage.
    """
    consent = project.consent()
    warnings = check_project(project, progress)
    model = model or trained_last(project.models)
    weights = latest_model(project.model_folder(model))
    faces = Faceset(project.aligned("dst"))
    source = open_source(project.clips("dst"))
    _refuse_other_footage(faces, source.info)
    device = best_device()
    network = load_model(weights, device)
    failures: list[str] = []

    def report(index: int, face: PlacedFace, error: Exception) -> None:
        failures.append(f"frame {index + 1}: {face.name} stays as it is: {error}")

    plan = plan_faces(faces, smooth=settings.smooth)
    renderer = Renderer(
        Predictor(network, device, batch_size=settings.batch_size, morph=settings.morph_factor),
        plan,
        lambda _index, _face: settings,
        resolution=network.resolution,
        face_type=network.face_type,
        report=report,
    )
    origin = Origin(
        project_id=project.id,
        consent=consent,
        src_clips=project.clips("src"),
        dst_clips=project.clips("dst"),
        model=model,
        model_sha256=_sha256(weights),
        model_version=f"iteration {weights.parent.name}",
        settings_sha256=hashlib.sha256(settings.model_dump_json().encode()).hexdigest(),
    )
    return Preparation(source, faces, plan, renderer, network.face_type, origin, warnings, failures)


def _refuse_other_footage(faces: Faceset, info: SourceInfo) -> None:
    """Refuse faces that were not extracted from this footage."""
    if len(faces) == 0:
        raise UnderstudyError(f"no aligned faces in {faces.folder}; run 'understudy extract dst' first")
    for file in faces:
        where = file.metadata.source
        if (where.width, where.height) != (info.width, info.height) or where.frame >= info.frame_count:
            raise UnderstudyError(
                f"{file.path} comes from frame {where.frame + 1} of a clip of {where.width}x{where.height} pixels, but "
                f"the dst clips have {info.frame_count} frames of {info.width}x{info.height}; extract dst again"
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
