"""From clips to a faceset: every face found, aligned, described and written, in one pass over the video."""

import json
import math
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from understudy.faces import ExtractSettings, Face, align_face, draw_debug, find_faces
from understudy.facesets.face_file import FaceFile, encode_jpeg, write_face
from understudy.facesets.metadata import SourceFrame
from understudy.media import Frame, FrameSource, open_source
from understudy.project import Progress, Project, Side, Silent, UnderstudyError
from understudy.project.atomic import remove_leftovers, write_bytes, write_text
from understudy.project.trash import move_to_trash

_WRITERS = 2
_FRAMES_IN_FLIGHT = 16
_DEBUG_QUALITY = 75


@dataclass(frozen=True)
class ExtractResult:
    """What an extraction found.

    Attributes:
        folder: where the aligned faces lie.
        frames: frames read.
        frames_with_face: frames in which at least one face was found.
        faces: aligned faces written.
    """

    folder: Path
    frames: int
    frames_with_face: int
    faces: int


class _Manifest(BaseModel):
    """How far an extraction has come, and of what; written beside the faces so that it can be resumed."""

    model_config = ConfigDict(extra="forbid")

    version: int = 1
    settings: ExtractSettings
    clips: list[tuple[str, int]]
    frames: int = 0
    frames_with_face: int = 0
    faces: int = 0
    finished: bool = False


def extract(
    project: Project,
    side: Side,
    settings: ExtractSettings | None = None,
    *,
    again: bool = False,
    progress: Progress | None = None,
) -> ExtractResult:
    """Find, align and write the faces of one side's clips into `data_<side>/aligned`.

    An interrupted extraction goes on where it was; a finished one is left alone, so that faces that were sorted out
    do not come back.

    Args:
        settings: default settings when None.
        again: move an earlier faceset to the trash and start over.

    Raises:
        UnderstudyError: no readable frame, no face in any frame, or faces of other settings or clips are in the way.
    """
    settings = settings or ExtractSettings()
    progress = progress or Silent()
    folder, manifest_path = project.aligned(side), project.data(side) / "extract.json"
    source = open_source(project.clips(side))
    clips = [(path.name, _size(path)) for path in project.clips(side)]
    manifest = None if again else _load_manifest(manifest_path)
    if manifest is None or (manifest.finished and manifest.faces == 0):
        _clear(folder, again=again)
        manifest = _Manifest(settings=settings, clips=clips)
    elif (manifest.settings, manifest.clips) != (settings, clips):
        raise UnderstudyError(
            f"{folder} holds faces extracted with other settings or from other clips; "
            "repeat with --again to move them to the trash and start over"
        )
    if not manifest.finished:
        remove_leftovers(folder)
        _run(_Job(project, side, settings, source), manifest, manifest_path, progress)
    if manifest.faces == 0:
        raise UnderstudyError(
            f"no face found in {manifest.frames} frames of {', '.join(name for name, _ in clips)}; "
            "try a lower --min-face or --min-confidence"
        )
    return ExtractResult(folder, manifest.frames, manifest.frames_with_face, manifest.faces)


@dataclass(frozen=True)
class _Job:
    project: Project
    side: Side
    settings: ExtractSettings
    source: FrameSource

    def write(self, frame: Frame, faces: tuple[Face, ...]) -> None:
        folder, name = self.project.aligned(self.side), f"{frame.index + 1:05d}"
        where = SourceFrame(
            clip=self.source.info.clip_of(frame.index).path.name,
            frame=frame.index,
            time=float(frame.time),
            width=frame.width,
            height=frame.height,
        )
        for number, face in enumerate(faces):
            aligned = align_face(frame, face, self.settings.face_type, self.settings.image_size)
            write_face(folder / f"{name}_{number}.jpg", aligned, where, quality=self.settings.jpeg_quality)
        if self.settings.debug:
            debug = draw_debug(frame.eight_bit(), faces, self.settings.face_type)
            path = self.project.aligned_debug(self.side) / f"{name}.jpg"
            write_bytes(path, encode_jpeg(debug, _DEBUG_QUALITY))


def _run(job: _Job, manifest: _Manifest, manifest_path: Path, progress: Progress) -> None:
    folder = job.project.aligned(job.side)
    folder.mkdir(parents=True, exist_ok=True)
    start = manifest.frames
    first = _restart(start, job.settings, job.source.info.rate)
    found = find_faces(job.source.frames(first), job.settings, _faces_of_frame(folder, first - 1))
    progress.begin(f"extract {job.side}", job.source.info.frame_count)
    progress.advance(start)
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="write-face") as writers:
        pending: deque[tuple[int, Future[None]]] = deque()
        try:
            for frame, faces in found:
                if frame.index < start:
                    continue
                # A restart at such a frame finds the same faces as this run does: see find_faces.
                if frame.index % job.settings.detect_every == 0 and frame.index > start:
                    _drain(pending, 0)
                    write_text(manifest_path, manifest.model_dump_json())
                pending.append((frame.index, writers.submit(job.write, frame, faces)))
                _drain(pending, _FRAMES_IN_FLIGHT)
                manifest.frames = frame.index + 1
                manifest.frames_with_face += bool(faces)
                manifest.faces += len(faces)
                progress.advance(1, f"{manifest.faces} faces")
            _drain(pending, 0)
        except BaseException:
            for _, future in pending:
                future.cancel()
            raise
    for warning in job.source.warnings:
        progress.say(warning)
    manifest.finished = True
    write_text(manifest_path, manifest.model_dump_json())


def _restart(start: int, settings: ExtractSettings, rate: Fraction) -> int:
    """The searched frame from which on everything that frame `start` depends on is seen: its smoothing window too."""
    window = math.ceil(settings.smooth * rate)
    return max(0, start - window) // settings.detect_every * settings.detect_every


def _drain(pending: deque[tuple[int, Future[None]]], most: int) -> None:
    while len(pending) > most:
        pending.popleft()[1].result()


def _faces_of_frame(folder: Path, index: int) -> list[Face]:
    files: Iterable[Path] = sorted(folder.glob(f"{index + 1:05d}_*.jpg")) if index >= 0 else ()
    return [file.metadata.face() for path in files if (file := FaceFile.read(path)) is not None]


def _load_manifest(path: Path) -> _Manifest | None:
    try:
        return _Manifest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        raise UnderstudyError(f"cannot read {path}: {error}; repeat with --again to start over") from error


def _clear(folder: Path, *, again: bool) -> None:
    faces = sorted(folder.glob("*.jpg")) if folder.is_dir() else []
    if faces and not again:
        raise UnderstudyError(
            f"{folder} already holds {len(faces)} faces that this project did not extract; "
            "repeat with --again to move them to the trash"
        )
    for path in faces:
        move_to_trash(path)


def _size(clip: Path) -> int:
    return (
        sum(p.stat().st_size for p in sorted(clip.iterdir()) if p.is_file()) if clip.is_dir() else clip.stat().st_size
    )
