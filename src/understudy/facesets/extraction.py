"""From clips to a faceset: every face found, aligned, described and written, in one pass over the video."""

import math
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from understudy.faces import ExtractSettings, Face, find_faces
from understudy.facesets.extract_record import ExtractRecord, Range, ranges_of
from understudy.facesets.face_file import FACE_SUFFIXES, FaceFile
from understudy.facesets.face_trash import FaceTrash
from understudy.facesets.face_writer import FaceWriter, free_face_name, open_clips
from understudy.facesets.faceset import Faceset
from understudy.facesets.gap_filling import fill_gaps
from understudy.project import Progress, Project, Side, Silent, UnderstudyError
from understudy.project.atomic import remove_leftovers
from understudy.project.trash import move_to_trash

_WRITERS = 2
_FRAMES_IN_FLIGHT = 16
RECORD_NAME = "extract.json"


@dataclass(frozen=True)
class ExtractResult:
    """What an extraction found.

    Attributes:
        folder: where the aligned faces lie.
        frames: frames read.
        frames_with_face: frames in which at least one face was found.
        faces: aligned faces found.
        filled: aligned faces that were placed in gaps.
        gaps: ranges of frames in which no face was found, filled or not.
        redone: frames that were looked at again.
    """

    folder: Path
    frames: int
    frames_with_face: int
    faces: int
    filled: int = 0
    gaps: tuple[Range, ...] = ()
    redone: tuple[Range, ...] = ()


def extract(
    project: Project,
    side: Side,
    settings: ExtractSettings | None = None,
    *,
    again: bool = False,
    redo: Literal["deleted"] | None = None,
    progress: Progress | None = None,
) -> ExtractResult:
    """Find, align and write the faces of one side's clips into `data_<side>/aligned`.

    An interrupted extraction goes on where it was; a finished one is left alone, so that faces that were sorted out
    do not come back.

    Args:
        settings: default settings when None.
        again: move an earlier faceset to the trash and start over.
        redo: "deleted": look again, with these settings, at the frames of a finished extraction that have fewer
            faces now than were found, or whose debug picture is gone.

    Raises:
        UnderstudyError: no readable frame, no face in any frame, or faces of other settings or clips are in the way.
    """
    settings = settings or ExtractSettings()
    progress = progress or Silent()
    record_path = project.data(side) / RECORD_NAME
    writer = FaceWriter(project, side, settings, open_clips(project, side, settings))
    clips = clip_sizes(project, side)
    record = None if again else ExtractRecord.load(record_path)
    redone: tuple[Range, ...] = ()
    if redo is not None:
        record = _finished(record, writer, clips)
        redone = _redo(writer, record, record_path, progress)
    elif record is None or (record.finished and record.faces == 0):
        _clear(writer.folder, again=again)
        record = ExtractRecord(settings=settings, clips=clips)
    elif (record.settings, record.clips) != (settings, clips):
        raise UnderstudyError(
            f"{writer.folder} holds faces extracted with other settings or from other clips; "
            "repeat with --again to move them to the trash and start over"
        )
    if not record.finished:
        remove_leftovers(writer.folder)
        _run(writer, record, record_path, progress)
    if record.faces == 0:
        raise UnderstudyError(
            f"no face found in {record.frames} frames of {', '.join(name for name, _ in clips)}; "
            "try a lower --min-face or --min-confidence"
        )
    return ExtractResult(
        folder=writer.folder,
        frames=record.frames,
        frames_with_face=record.frames_with_face,
        faces=record.faces,
        filled=record.filled,
        gaps=record.gaps,
        redone=redone,
    )


def clip_sizes(project: Project, side: Side) -> list[tuple[str, int]]:
    """Name and size in bytes of each clip, by which it is known again."""
    return [(path.name, _size(path)) for path in project.clips(side)]


def _run(writer: FaceWriter, record: ExtractRecord, record_path: Path, progress: Progress) -> None:
    settings, source = writer.settings, writer.source
    writer.folder.mkdir(parents=True, exist_ok=True)
    start = record.frames
    first = _restart(start, settings, source.info.rate)
    found = find_faces(source.frames(first), settings, _faces_of_frame(writer.folder, first - 1))
    progress.begin(f"extract {writer.side}", source.info.frame_count)
    progress.advance(start)
    faces_so_far = record.faces
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="write-face") as writers:
        pending: deque[tuple[int, Future[None]]] = deque()
        try:
            for frame, faces in found:
                if frame.index < start:
                    continue
                # A restart at such a frame finds the same faces as this run does: see find_faces.
                if frame.index % settings.detect_every == 0 and frame.index > start:
                    _drain(pending, 0)
                    record.save(record_path)
                pending.append((frame.index, writers.submit(writer.write, frame, faces)))
                _drain(pending, _FRAMES_IN_FLIGHT)
                record.add(len(faces))
                faces_so_far += len(faces)
                progress.advance(1, f"{faces_so_far} faces")
            _drain(pending, 0)
        except BaseException:
            for _, future in pending:
                future.cancel()
            raise
    for warning in source.warnings:
        progress.say(warning)
    record.save(record_path)
    if settings.fill_gaps:
        record.filled = fill_gaps(writer, settings.fill_gaps, progress)
    record.finished = True
    record.save(record_path)


def _redo(writer: FaceWriter, record: ExtractRecord, record_path: Path, progress: Progress) -> tuple[Range, ...]:
    """Look again at frames that lost a face or their debug picture; which they were.

    Each frame is searched afresh and its faces are replaced; their files keep their kind. The record follows range by
    range, so that an interrupted run goes on with what is left.
    """
    kept = {"bit_depth": record.settings.bit_depth, "debug": record.settings.debug or writer.settings.debug}
    writer = replace(writer, settings=writer.settings.model_copy(update=kept))
    faceset = Faceset(writer.folder)
    here = faceset.columns("frame", "interpolated")
    seen = here["frame"][here["interpolated"] == 0]
    frames = record.lacking(Counter(seen.astype(int).tolist()))
    if record.settings.debug:
        frames |= {index for index in range(record.frames) if not writer.debug_picture(index).exists()}
    ranges = ranges_of(frames)
    progress.begin(f"extract {writer.side} again", len(frames))
    settings = writer.settings.model_copy(update={"detect_every": 1})
    of_frame: dict[int, list[str]] = {}
    for name, index in zip(faceset.names, here["frame"].astype(int).tolist(), strict=True):
        of_frame.setdefault(index, []).append(name)
    taken = set(faceset.names)
    for first, last in ranges:
        before = [faceset[name].metadata.face() for name in of_frame.get(first - 1, [])]
        found = {}
        for frame, faces in find_faces(writer.source.frames(first, last + 1), settings, before):
            old = of_frame.get(frame.index, [])
            if old:
                FaceTrash(writer.folder).put(dict.fromkeys(old, "extracted again"))
            taken -= set(old)
            for face in faces:
                name = free_face_name(frame.index, writer.suffix, taken)
                taken.add(name)
                writer.write_face(frame, face, name)
            writer.draw(frame, faces)
            found[frame.index] = len(faces)
            progress.advance(1)
        record.change(found)
        record.save(record_path)
    if ranges and writer.settings.fill_gaps:
        record.filled = fill_gaps(writer, writer.settings.fill_gaps, progress)
        record.save(record_path)
    return ranges


def _finished(record: ExtractRecord | None, writer: FaceWriter, clips: list[tuple[str, int]]) -> ExtractRecord:
    """The record of an extraction that can be mended with the writer's settings.

    Raises:
        UnderstudyError: there is none, or its faces have another geometry or come from other clips.
    """
    if record is None or not record.finished:
        raise UnderstudyError(f"{writer.folder} holds no finished extraction: run it without --redo first")
    kept, wanted = record.settings, writer.settings
    if (kept.face_type, kept.image_size, record.clips) != (wanted.face_type, wanted.image_size, clips):
        raise UnderstudyError(
            f"{writer.folder} holds faces of type {kept.face_type} and {kept.image_size} pixels of other clips or "
            "settings: --redo keeps face type, size and clips as they are"
        )
    return record


def _restart(start: int, settings: ExtractSettings, rate: Fraction) -> int:
    """The searched frame from which on everything that frame `start` depends on is seen: its smoothing window too."""
    window = math.ceil(settings.smooth * rate)
    return max(0, start - window) // settings.detect_every * settings.detect_every


def _drain(pending: deque[tuple[int, Future[None]]], most: int) -> None:
    while len(pending) > most:
        pending.popleft()[1].result()


def _faces_of_frame(folder: Path, index: int) -> list[Face]:
    files: Iterable[Path] = sorted(folder.glob(f"{index + 1:05d}_*")) if index >= 0 else ()
    faces = [FaceFile.read(path) for path in files if path.suffix in FACE_SUFFIXES]
    return [file.metadata.face() for file in faces if file is not None]


def _clear(folder: Path, *, again: bool) -> None:
    faces = sorted(path for path in folder.iterdir() if _is_face(path)) if folder.is_dir() else []
    if faces and not again:
        raise UnderstudyError(
            f"{folder} already holds {len(faces)} faces that this project did not extract; "
            "repeat with --again to move them to the trash"
        )
    for path in faces:
        move_to_trash(path)


def _is_face(path: Path) -> bool:
    return path.suffix.lower() in FACE_SUFFIXES and not path.name.startswith(".")


def _size(clip: Path) -> int:
    return (
        sum(p.stat().st_size for p in sorted(clip.iterdir()) if p.is_file()) if clip.is_dir() else clip.stat().st_size
    )
