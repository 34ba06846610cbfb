"""Everything that a merge needs, found and checked before the first frame is rendered."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from understudy.facesets import Faceset
from understudy.facesets.extraction import RECORD_NAME
from understudy.media import FrameSource, SourceInfo, open_source
from understudy.merging.bridges import Bridges, read_record
from understudy.merging.cast import load_cast
from understudy.merging.edits import EditFile, EditList
from understudy.merging.edits.edit_file import edit_text
from understudy.merging.edits.edited_settings import EditedSettings, edits_of
from understudy.merging.mattes import Mattes
from understudy.merging.neighbours import Reach
from understudy.merging.persons import read_persons, tell_persons, without_left_alone
from understudy.merging.plan import PlacedFace, plan_faces
from understudy.merging.predictor import best_device
from understudy.merging.render import Renderer, SettingsAt
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
        edits: what differs from the merge's settings, shot by shot.
        settings_at: the settings of every frame and face.
        renderer: swaps them.
        model_digests: SHA-256 of every model in use, the mask network's too.
        mattes: limit the faces.
        origin: for everything that is written of them.
        warnings: what the owner should know of the clips, one line each.
        failures: one line for each face that could not be swapped; grows while rendering.
        notes: what else the owner should know of what was rendered; likewise.
    """

    source: FrameSource
    faces: Faceset
    plan: dict[int, list[PlacedFace]]
    gaps: Bridges
    edits: EditList
    settings_at: SettingsAt
    renderer: Renderer
    model_digests: tuple[str, ...]
    mattes: Mattes
    origin: Origin
    warnings: tuple[str, ...]
    failures: list[str]
    notes: list[str]


def prepare(
    project: Project,
    settings: MergeSettings,
    *,
    progress: Progress,
    model: str | None = None,
    fixed: Collection[str] = (),
) -> Preparation:
    """Check consent, clips and edit list, which is made of the shots that are found where there is none, and load the
    networks.

    Args:
        model: name of the trained model for everybody who has none of their own; the one trained last when None.
        fixed: names of settings that hold in every frame, whatever the edit list says.

    Raises:
        UnderstudyError: no consent record, clips that the content guard refuses, no trained model, no aligned faces,
            faces of other footage, people named in the project who are not in the footage, an edit list that says
            something that cannot be, a mask that asks for a mask network where there is none, or damaged mattes.
    """
    consent = project.consent()
    mattes = Mattes.of(project)
    warnings = check_project(project, progress)
    persons = read_persons(project)
    cast = load_cast(project, model, persons, settings)
    faces = Faceset(project.aligned("dst"))
    source = open_source(project.clips("dst"))
    _refuse_other_footage(faces, source.info)
    failures: list[str] = []
    notes: list[str] = []
    edits = edits_of(EditFile(project), source, progress)
    settings_at = EditedSettings(settings, edits, fixed=fixed)
    names = sorted({*(person.name for person in persons), *(name for shot in edits.shots for name in shot.persons)})
    record = read_record(project.data("dst") / RECORD_NAME)
    bridges = Bridges.find(faces, source, record, settings.longest_gap, progress)
    plan = plan_faces(
        faces,
        smooth=settings.smooth,
        bridges=bridges.bridges,
        persons=tell_persons(faces, names) if names else {},
        layers={person.name: person.layer for person in persons},
    )
    plan = without_left_alone(plan, persons)
    if not plan:
        raise UnderstudyError("[[person]] leaves everybody in dst as they are: nothing is left to swap")

    def everywhere() -> Iterator[MergeSettings]:
        return (settings_at(index, face) for index, placed in plan.items() for face in placed)

    segmenter = segmenter_for(project, everywhere(), best_device())
    cast.segment_with(segmenter)
    renderer = Renderer(
        cast.predictor,
        plan,
        settings_at,
        of_person=cast.of_person,
        reach=Reach.of(settings, source.info),
        report=lambda failure: failures.append(str(failure)),
        mattes=mattes,
        note=notes.append,
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
        settings_sha256=hashlib.sha256((settings.model_dump_json() + edit_text(edits)).encode()).hexdigest(),
    )
    return Preparation(
        source=source,
        faces=faces,
        plan=plan,
        gaps=bridges,
        edits=edits,
        settings_at=settings_at,
        renderer=renderer,
        model_digests=(
            *(model.sha256 for model in cast.models),
            *([segmenter.sha256] if segmenter is not None else []),
        ),
        mattes=mattes,
        origin=origin,
        warnings=(*warnings, *bridges.notes(), *missing_network(everywhere())),
        failures=failures,
        notes=notes,
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
