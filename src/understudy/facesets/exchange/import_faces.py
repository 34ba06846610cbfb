"""Facesets of other programs, made ours: DeepFaceLab's folders and packs, faceswap's folders."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from understudy.facesets.exchange.dfl_face import read_face
from understudy.facesets.exchange.dfl_meta import META_NAME, DflMeta
from understudy.facesets.exchange.dfl_pak import PAK_NAME, open_pak
from understudy.facesets.exchange.dfl_record import BACKEND, DflFace
from understudy.facesets.exchange.faceswap_png import read_faceswap
from understudy.facesets.face_file import (
    FACE_SUFFIXES,
    FaceFile,
    attach,
    encode_jpeg,
    read_mask_picture,
    read_metadata,
)
from understudy.facesets.metadata import FaceMetadata, SourceFrame
from understudy.facesets.old_record import without_record
from understudy.facesets.picture_pixels import decode_picture, side_of
from understudy.facesets.png_chunks import SIGNATURE
from understudy.facesets.source_frames import PICTURE_RATE, SourceFrames, frame_number
from understudy.media import resize
from understudy.media.images import IMAGE_SUFFIXES
from understudy.media.relay import Behind, ahead
from understudy.project import Progress, Silent, UnderstudyError
from understudy.project.atomic import write_bytes

_MAX_PICTURE = 64 << 20
_WORKERS, _DEPTH = 2, 16
_RESIZED_QUALITY = 100


@dataclass(frozen=True)
class ImportResult:
    """What an import brought.

    Attributes:
        folder: where the faces lie.
        faces: how many were imported.
        skipped: name and reason of every file that was not, in order.
    """

    folder: Path
    faces: int
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Face:
    """A face between two formats: a picture without foreign metadata, and what is to go with it."""

    picture: bytes
    metadata: FaceMetadata
    mask: bytes | None
    name: str


def import_faces(
    source: Path, out: Path | None, *, frames: Path | None = None, progress: Progress | None = None
) -> ImportResult:
    """Import the faces of a folder or of a `faceset.pak`.

    Pictures are copied bit by bit and only their metadata is new, but for those of faceswap, which are cut out again.
    What cannot be read is skipped and told; an import that is repeated goes on where it was interrupted.

    Args:
        source: a folder of DeepFaceLab's faces (a `faceset.pak` in it is read in place of loose files, and a `meta.dat`
            for files that have lost their record), such a pak itself, or a folder of faceswap's faces.
        out: where to; None: in place. Files then keep their old record too, so that the old program still reads them.
        frames: the video or the folder of pictures that the faces came from; without it, the folder above `source` if
            it holds pictures. It gives every face its frame's exact number and size.

    Raises:
        UnderstudyError: `source` holds no faces, or nothing can be written.
    """
    progress = progress or Silent()
    pictures, total = _pictures(source)
    if out is None and not source.is_dir():
        raise UnderstudyError(f"{source} cannot be imported in place: name a folder with --out")
    folder = source if out is None else out
    meta_file = source / META_NAME
    meta = DflMeta(meta_file) if meta_file.is_file() else None
    numbers, names = _FrameNumbers(source, frames), _FirstNames()
    skipped: list[tuple[str, str]] = []
    imported = 0
    writers = Behind(workers=_WORKERS, depth=_DEPTH)
    progress.begin(f"importing {source.name}", total)
    try:
        jobs = (partial(_convert, place, read, meta, in_place=out is None) for place, read in pictures)
        for place, face in ahead(jobs, workers=_WORKERS, depth=_DEPTH):
            try:
                if isinstance(face, UnderstudyError):
                    raise face
                metadata = names.first_name(numbers.place(face.metadata), face.name)
                target = folder / place.with_name(face.name)
                if out is not None and target.exists() and not _is_same(target, metadata):
                    raise UnderstudyError(f"another face called {target.name} is there already")
                picture = attach(face.picture, metadata, face.mask, target)
            except UnderstudyError as error:
                skipped.append((str(place), str(error)))
            else:
                writers.submit(partial(write_bytes, target, picture))
                imported += 1
            progress.advance(1, f"{len(skipped)} skipped" if skipped else "")
        writers.finish()
    except BaseException:
        writers.cancel()
        raise
    if not imported:
        reason = f"; the first of {len(skipped)} files: {skipped[0][0]}: {skipped[0][1]}" if skipped else ""
        raise UnderstudyError(f"no faces to import in {source}{reason}")
    return ImportResult(folder, imported, tuple(skipped))


class _FrameNumbers:
    """Gives each face the frame that it came from."""

    def __init__(self, source: Path, frames: Path | None) -> None:
        folder = (source if source.is_dir() else source.parent).resolve()
        above = folder.parent
        if frames is None and any(path.suffix.lower() in IMAGE_SUFFIXES for path in above.iterdir()):
            frames = above
        self._frames = None if frames is None else SourceFrames(frames)
        self._clip = above.name if folder.name.startswith("aligned") else folder.name
        self._seen: dict[str, int] = {}

    def place(self, metadata: FaceMetadata) -> FaceMetadata:
        """`metadata` with its frame's number; names that are no numbers are numbered as they come."""
        known = metadata.source
        if self._frames is not None and (found := self._frames.find(known)) is not None:
            return metadata.model_copy(update={"source": found})
        if known.clip:
            return metadata
        name = known.name or ""
        number = frame_number(name)
        if number is None:
            number = self._seen.setdefault(name, len(self._seen))
        source = SourceFrame(
            **{**known.model_dump(), "clip": self._clip, "frame": number, "time": number / PICTURE_RATE},
        )
        return metadata.model_copy(update={"source": source})


class _FirstNames:
    """Gives faces that DeepFaceLab renamed when it sorted them the names that it had given them first."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def first_name(self, metadata: FaceMetadata, name: str) -> FaceMetadata:
        """`metadata` with the name that the frame's name and the order of its faces make, where it is not `name`."""
        if metadata.backend != BACKEND or metadata.original_name is not None or not metadata.source.name:
            return metadata
        frame = Path(metadata.source.name).stem
        number = self._count[frame]
        self._count[frame] += 1
        if re.fullmatch(re.escape(frame) + "_[0-9]+", Path(name).stem):
            return metadata
        return metadata.model_copy(update={"original_name": f"{frame}_{number}{Path(name).suffix}"[-255:]})


def _pictures(source: Path) -> tuple[Iterator[tuple[Path, Callable[[], bytes]]], int]:
    """Where each file belongs and how to read it; and how many there are."""
    pak = source / PAK_NAME if source.is_dir() else source
    if pak.is_file():
        packed = open_pak(pak)
        return ((entry.place, partial(_same, data)) for entry, data in packed.pictures()), len(packed.entries)
    if not source.is_dir():
        raise UnderstudyError(f"{source} does not exist: name a folder of faces or a faceset.pak")
    files = sorted(p for p in source.iterdir() if p.suffix.lower() in FACE_SUFFIXES and not p.name.startswith("."))
    return ((Path(path.name), partial(_read, path)) for path in files), len(files)


def _same(data: bytes) -> bytes:
    return data


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_PICTURE:
            raise UnderstudyError(f"the file is larger than {_MAX_PICTURE >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UnderstudyError(f"it cannot be read: {error.strerror or error}") from error


def _is_same(target: Path, metadata: FaceMetadata) -> bool:
    present = FaceFile.read(target)
    return present is not None and present.metadata == metadata


def _convert(
    place: Path, read: Callable[[], bytes], meta: DflMeta | None, *, in_place: bool
) -> tuple[Path, _Face | UnderstudyError]:
    """The face in a file, or why there is none."""
    try:
        return place, _face(read(), place.name, meta, in_place=in_place)
    except UnderstudyError as error:
        return place, error
    except ValueError as error:
        return place, UnderstudyError(str(error))


def _face(data: bytes, name: str, meta: DflMeta | None, *, in_place: bool) -> _Face:
    found = read_face(data)
    if found is not None:
        return _Face(data if in_place else without_record(data), found.metadata, found.mask, name)
    if data.startswith(SIGNATURE) and (foreign := read_faceswap(data)) is not None:
        if in_place:
            raise ValueError("faces of faceswap are cut out again: name a folder with --out")
        return _Face(foreign.picture, foreign.metadata, foreign.mask, f"{Path(name).stem}.jpg")
    if meta is not None and name in meta:
        return _restored(data, meta.face(name), name)
    own = read_metadata(data, Path(name))
    if own is None:
        raise ValueError("the picture says nothing of a face")
    return _Face(data, own, read_mask_picture(data, Path(name)), name)


def _restored(data: bytes, saved: DflFace, name: str) -> _Face:
    """A picture that lost its record, brought back to the size that it had."""
    side = saved.metadata.size
    if side_of(data) != side:
        data = encode_jpeg(resize(decode_picture(data), side, side), _RESIZED_QUALITY)
    return _Face(data, saved.metadata, saved.mask, name)
