"""From a project with faces and a trained model to the marked video."""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from understudy.facesets import Faceset
from understudy.media import EncodeSettings, FrameSource, SourceInfo, open_source
from understudy.merging.comparison import SideBySide, write_pair
from understudy.merging.contact_sheet import ContactSheet
from understudy.merging.mask_folder import MaskFolder
from understudy.merging.plan import PlacedFace, plan_faces
from understudy.merging.predictor import Predictor, best_device
from understudy.merging.render import RenderedFrame, Renderer
from understudy.merging.settings import MergeSettings
from understudy.models import latest_model, load_model, trained_last
from understudy.project import Progress, Project, Silent, UnderstudyError
from understudy.project.trash import move_to_trash
from understudy.provenance import LabelSettings, MarkedWriter, Origin, SigningSettings, open_marked, write_marked_image
from understudy.provenance.guard import check_project

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
    consent = project.consent()
    settings = settings or MergeSettings()
    label = label or LabelSettings()
    signing = signing or SigningSettings()
    progress = progress or Silent()
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
        Predictor(network, device, batch_size=settings.batch_size),
        plan,
        settings,
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
        settings_sha256=hashlib.sha256(settings.model_dump_json().encode()).hexdigest(),
    )
    output = output or project.result()
    if settings.frames and project.merged.is_dir():
        move_to_trash(project.merged)
    with ExitStack() as stack:

        def opened(path: Path, like: FrameSource, encode: EncodeSettings) -> MarkedWriter:
            return stack.enter_context(
                open_marked(path, like=like, encode=encode, label=label, signing=signing, origin=origin)
            )

        paths = [output, *([project.merged] if settings.frames else [])]
        writers = [opened(path, source, encode or EncodeSettings()) for path in paths]
        beside = project.root / "comparison.mp4"
        pairs = opened(beside, SideBySide(source), EncodeSettings()) if settings.comparison else None
        masks = stack.enter_context(MaskFolder(project.merged_mask)) if settings.masks else None
        sheet = ContactSheet(list(plan) if settings.sheet else (), network.face_type)
        outputs = _Outputs(writers, pairs, masks, sheet)
        count, swapped = _run(renderer, source, outputs, progress, failures)
        if swapped == 0:
            raise UnderstudyError(f"not one face could be swapped: {failures[0]}")
    if (picture := sheet.picture()) is not None:
        path = project.root / "contact_sheet.jpg"
        write_marked_image(path, picture, label=label, signing=signing, origin=origin)
    notes = (*warnings, *source.warnings, *writers[0].notes, *failures)
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
