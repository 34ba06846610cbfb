"""Everything that a merge needs, found and checked before the first frame is rendered."""

import hashlib
from dataclasses import dataclass

from understudy.faces.face import FaceType
from understudy.facesets import Faceset
from understudy.facesets.extraction import RECORD_NAME
from understudy.media import FrameSource, SourceInfo, open_source
from understudy.merging.bridges import Bridges, read_record
from understudy.merging.cast import load_cast
from understudy.merging.mattes import Mattes
from understudy.merging.neighbours import Reach
from understudy.merging.persons import read_persons, tell_persons
from understudy.merging.plan import PlacedFace, plan_faces
from understudy.merging.predictor import best_device
from understudy.merging.render import Renderer
from understudy.merging.restore import missing_network
from understudy.merging.segmentation import segmenter_for
from understudy.merging.settings import MergeSettings
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
        gaps: where a face was lost for a moment, and what becomes of it.
        renderer: swaps them.
        face_type: of the network for everybody.
        model_digests: SHA-256 of every model in use, the mask network's too.
        mattes: limit the faces.
        origin: for everything that is written of them.
        warnings: what the owner should know of the clips, one line each.
        failures: one line for each face that could not be swapped, and for what else is amiss; grows while rendering.
    """

    source: FrameSource
    faces: Faceset
    plan: dict[int, list[PlacedFace]]
    gaps: Bridges
    renderer: Renderer
    face_type: FaceType
    model_digests: tuple[str, ...]
    mattes: Mattes
    origin: Origin
    warnings: tuple[str, ...]
    failures: list[str]


def prepare(project: Project, settings: MergeSettings, *, progress: Progress, model: str | None = None) -> Preparation:
    """Check consent and clips, and load the networks.

    Args:
        model: name of the trained model for everybody who has none of their own; the one trained last when None.

    Raises:
        UnderstudyError: no consent record, clips that the content guard refuses, no trained model, no aligned faces,
            faces of other footage, people named in the project who are not in the footage, a mask that asks for a mask
            network where there is none, or damaged mattes.
    """
    consent = project.consent()
    segmenter = segmenter_for(project, [settings], best_device())
    mattes = Mattes.of(project)
    warnings = check_project(project, progress)
    persons = read_persons(project)
    cast = load_cast(project, model, persons, settings, segmenter=segmenter)
    faces = Faceset(project.aligned("dst"))
    source = open_source(project.clips("dst"))
    _refuse_other_footage(faces, source.info)
    failures: list[str] = []

    record = read_record(project.data("dst") / RECORD_NAME)
    bridges = Bridges.find(faces, source, record, settings.longest_gap, progress)
    plan = plan_faces(
        faces,
        smooth=settings.smooth,
        bridges=bridges.bridges,
        persons=tell_persons(faces, [person.name for person in persons]) if persons else {},
        layers={person.name: person.layer for person in persons},
    )
    renderer = Renderer(
        cast.predictor,
        plan,
        lambda _index, _face: settings,
        of_person=cast.of_person,
        reach=Reach.of(settings, source.info),
        report=lambda failure: failures.append(str(failure)),
        mattes=mattes,
        note=failures.append,
    )
    main, *further = cast.models
    origin = Origin(
        project_id=project.id,
        consent=consent,
        src_clips=project.clips("src"),
        dst_clips=project.clips("dst"),
        model=main.name,
        model_sha256=main.sha256,
        model_version=main.version,
        further_models=tuple(further),
        settings_sha256=hashlib.sha256(settings.model_dump_json().encode()).hexdigest(),
    )
    return Preparation(
        source=source,
        faces=faces,
        plan=plan,
        gaps=bridges,
        renderer=renderer,
        face_type=cast.predictor.face_type,
        model_digests=(
            *(model.sha256 for model in cast.models),
            *([segmenter.sha256] if segmenter is not None else []),
        ),
        mattes=mattes,
        origin=origin,
        warnings=(*warnings, *bridges.notes(), *missing_network(settings)),
        failures=failures,
    )


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
