"""Faces of every kind go through every format and come back with everything that they said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drawn_faces import draw_face, fill_with_every_kind
from faceswap_faces import faceswap_header, faceswap_png
from understudy.facesets import FaceFile, Faceset, jpeg_segments, png_chunks
from understudy.facesets.conversion import convert_faces
from understudy.facesets.exchange.dfl_record import make_record
from understudy.facesets.exchange.export_faces import export_faces
from understudy.facesets.exchange.import_faces import import_faces
from understudy.facesets.face_file import encode_picture
from understudy.facesets.jpeg_segments import APP1, APP15
from understudy.facesets.pack import open_pack, pack_faces, unpack_faces
from understudy.facesets.picture_pixels import decode_picture
from understudy.project.atomic import write_bytes
from understudy.project.plain_pickle import dump_plain

Trip = Callable[[list[FaceFile], Path], Path]


def _own_png(faces: list[FaceFile], room: Path) -> Path:
    convert_faces(faces, room / "png", "png")
    return room / "png"


def _dfl_jpeg(faces: list[FaceFile], room: Path) -> Path:
    import_faces(export_faces(faces, room / "old", "dfl").path, room / "new")
    return room / "new"


def _dfl_pak(faces: list[FaceFile], room: Path) -> Path:
    import_faces(export_faces(faces, room / "old", "dfl-pak").path, room / "new")
    return room / "new"


def _dfl_png(faces: list[FaceFile], room: Path) -> Path:
    """As the old program's PNG files of early days have it: the record in a chunk behind the header."""
    convert_faces(faces, room / "png", "png")
    for face in Faceset(room / "png"):
        bare = encode_picture(decode_picture(face.picture()), ".png", 0)
        record = png_chunks.chunk(b"fcWp", dump_plain(make_record(face.metadata, face.mask_picture())))
        end = png_chunks.HEADER_END
        write_bytes(room / "old" / face.path.name, bare[:end] + record + bare[end:])
    import_faces(room / "old", room / "new")
    return room / "new"


def _meta_dat(faces: list[FaceFile], room: Path) -> Path:
    """The old program's files, their records saved, then stripped from them by an editor."""
    export_faces(faces, room / "old", "dfl")
    saved = {}
    for path in sorted((room / "old").iterdir()):
        data = path.read_bytes()
        face = next(face for face in faces if face.path.stem == path.stem)
        record = make_record(face.metadata, face.mask_picture())
        saved[path.name] = (list(decode_picture(data).shape), record)
        write_bytes(path, jpeg_segments.without(data, lambda found: found.code in (APP1, APP15)))
    write_bytes(room / "old" / "meta.dat", dump_plain(saved))
    import_faces(room / "old", room / "new")
    return room / "new"


def _pack(faces: list[FaceFile], room: Path) -> Path:
    pack_faces(faces, room / "faces.zip")
    unpack_faces(open_pack(room / "faces.zip"), room / "new")
    return room / "new"


_COUNTS = [20, pytest.param(200, marks=pytest.mark.slow)]


@pytest.mark.parametrize("count", _COUNTS)
@pytest.mark.parametrize("trip", [_own_png, _dfl_jpeg, _dfl_png, _dfl_pak, _meta_dat, _pack])
def test_everything_comes_back(trip: Trip, count: int, tmp_path: Path) -> None:
    fill_with_every_kind(tmp_path / "aligned", count)
    faces = list(Faceset(tmp_path / "aligned"))
    back = list(Faceset(trip(faces, tmp_path)))
    assert [face.path.stem for face in back] == [face.path.stem for face in faces]
    for before, after in zip(faces, back, strict=True):
        assert after.metadata == before.metadata  # landmarks, matrix, polygons, frame
        assert np.array_equal(decode_picture(after.picture()), decode_picture(before.picture()))
        one, other = before.mask(), after.mask()
        assert (one is None) == (other is None)
        assert one is None or other is None or np.array_equal(one, other)


@pytest.mark.parametrize("count", _COUNTS)
def test_landmarks_and_masks_of_faceswap_come_in(count: int, tmp_path: Path) -> None:
    for seed in range(count):
        write_bytes(tmp_path / "old" / f"{seed:05d}.png", faceswap_png(seed, faceswap_header(seed)))
    assert import_faces(tmp_path / "old", tmp_path / "new").faces == count
    for seed, face in enumerate(Faceset(tmp_path / "new")):
        _, drawn = draw_face(seed)
        assert np.allclose(face.metadata.source_landmarks, drawn.landmarks, atol=1e-3)
        assert face.metadata.source.name == f"shot_{seed:06d}.png"
        mask = face.mask()
        assert mask is not None
        assert 0 < mask.mean() < 1
