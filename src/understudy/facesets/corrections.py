"""Landmarks set by hand become aligned faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from understudy.faces import ExtractSettings, Face, face_matrix, head_pose
from understudy.facesets.extract_record import ExtractRecord
from understudy.facesets.extraction import RECORD_NAME, clip_sizes
from understudy.facesets.face_file import FACE_SUFFIXES, FaceFile
from understudy.facesets.face_trash import FaceTrash
from understudy.facesets.face_writer import FaceWriter, free_face_name, open_clips
from understudy.facesets.faceset import Faceset
from understudy.facesets.landmark_file import LandmarkFace, LandmarkFile
from understudy.facesets.renaming import is_plain
from understudy.facesets.source_frames import frames_at
from understudy.media import Frame
from understudy.project import Progress, Project, Side, Silent, UnderstudyError

BACKEND = "manual"
_SAME = 0.005  # pixels; files keep thousandths


@dataclass(frozen=True)
class PlacedLandmarks:
    """What became of landmarks: how many faces were replaced, added, and left since they are as they were."""

    folder: Path
    replaced: int
    added: int
    unchanged: int


def place_landmarks(
    project: Project,
    side: Side,
    document: LandmarkFile,
    settings: ExtractSettings | None = None,
    *,
    progress: Progress | None = None,
) -> PlacedLandmarks:
    """Cut faces anew, or for the first time, where someone says that their landmarks are.

    A face that names the file of an aligned face replaces it, which goes to the trash; one that names none, or one
    that is not there, is added. Faces that are there already stay as they are, so that placing twice changes no more.
    Faces that the document does not mention stay, too.

    Args:
        document: as read from a file, or as an editor has it.
        settings: of faces where nothing was extracted yet; else those of the extraction apply.

    Raises:
        UnderstudyError: a frame that the clips do not have, a file that is a face of another frame, or landmarks that
            span no face: nothing has been changed then. Or a face cannot be written.
    """
    progress = progress or Silent()
    path = project.data(side) / RECORD_NAME
    record = ExtractRecord.load(path)
    settings = record.settings if record is not None else settings or ExtractSettings()
    writer = FaceWriter(project, side, settings, open_clips(project, side, settings))
    if record is not None and not record.finished:
        raise UnderstudyError(f"the extraction of {side} is not finished: run 'understudy extract {side}' first")
    total = writer.source.info.frame_count
    if record is None:
        record = ExtractRecord(settings=settings, clips=clip_sizes(project, side), counts=[(0, total)], finished=True)
    writer.folder.mkdir(parents=True, exist_ok=True)
    placing = _Placing(writer, Faceset(writer.folder))
    wanted: dict[int, list[LandmarkFace]] = {}
    for entry in document.frames:
        if entry.frame >= total:
            raise UnderstudyError(f"landmarks for frame {entry.frame}, but the clips of {side} have {total} frames")
        wanted.setdefault(entry.frame, []).extend(entry.faces)
    changed = {index: faces for index, faces in wanted.items() if placing.has_work(index, faces)}
    progress.begin(f"place landmarks {side}", len(changed))
    for frame in frames_at(writer.source, changed):
        if frame.index in changed:
            placing.place(frame, changed[frame.index])
            progress.advance(1)
    record.change({index: placing.count(index) for index in changed})
    record.save(path)
    unchanged = sum(map(len, wanted.values())) - placing.replaced - placing.added
    return PlacedLandmarks(writer.folder, placing.replaced, placing.added, unchanged)


class _Placing:
    """The faces of a set by frame, while some are replaced."""

    def __init__(self, writer: FaceWriter, faceset: Faceset) -> None:
        self._writer = writer
        self._of_frame = faceset.by_frame()
        self._frame_of = {file.path.name: file.frame for files in self._of_frame.values() for file in files}
        self.replaced = self.added = 0

    def has_work(self, index: int, faces: Sequence[LandmarkFace]) -> bool:
        """Whether any of the faces is not there as it is.

        Raises:
            UnderstudyError: a name that is no face file's, or that of another frame's; landmarks that span no face.
        """
        for face in faces:
            if face.file is not None and not (is_plain(face.file) and Path(face.file).suffix in FACE_SUFFIXES):
                raise UnderstudyError(f"frame {index}: {face.file!r} is no name of a face file")
            if face.file is not None and self._frame_of.get(face.file, index) != index:
                raise UnderstudyError(f"{face.file} is a face of frame {self._frame_of[face.file]}, not of {index}")
        new = [face for face in faces if not self._is_there(index, face)]
        for face in new:
            face_matrix(face.landmarks, self._writer.settings.face_type, self._writer.settings.image_size)
        return bool(new)

    def count(self, index: int) -> int:
        """Faces of a frame."""
        return len(self._of_frame.get(index, ()))

    def place(self, frame: Frame, faces: Sequence[LandmarkFace]) -> None:
        """Write what is new of a frame's faces, and its debug picture."""
        for face in faces:
            if self._is_there(frame.index, face):
                continue
            old = self._named(frame.index, face.file)
            placed = _face(np.array(face.landmarks, np.float32), -1 if old is None else old.metadata.track)
            if old is None:
                name = face.file or free_face_name(frame.index, self._writer.suffix, self._frame_of)
                self.added += 1
            else:
                name = old.path.name
                FaceTrash(self._writer.folder).put({name: "landmarks corrected"})
                self._of_frame[frame.index].remove(old)
                self.replaced += 1
            self._writer.write_face(frame, placed, name)
            written = FaceFile.read(self._writer.folder / name)
            assert written is not None  # noqa: S101  (just written)
            self._of_frame.setdefault(frame.index, []).append(written)
            self._frame_of[name] = frame.index
        self._writer.draw(frame, [file.metadata.face() for file in self._of_frame[frame.index]])

    def _named(self, index: int, name: str | None) -> FaceFile | None:
        return next((file for file in self._of_frame.get(index, ()) if file.path.name == name), None)

    def _is_there(self, index: int, face: LandmarkFace) -> bool:
        """Whether the named face, or any of the frame where none is named, has these landmarks."""
        named = self._named(index, face.file)
        candidates = self._of_frame.get(index, ()) if face.file is None else [] if named is None else [named]
        return any(np.abs(np.subtract(f.metadata.source_landmarks, face.landmarks)).max() < _SAME for f in candidates)


def _face(landmarks: NDArray[np.float32], track: int) -> Face:
    return Face(
        box=np.concatenate([landmarks.min(axis=0), landmarks.max(axis=0)]),
        landmarks=landmarks,
        pose=head_pose(landmarks),
        confidence=1.0,
        backend=BACKEND,
        track=track,
    )
