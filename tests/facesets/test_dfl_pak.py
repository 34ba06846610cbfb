"""faceset.pak: read byte for byte, written so that an independent reader agrees, and no name leaves the folder."""

import struct
from pathlib import Path

import numpy as np
import pytest

from dfl_reader import FaceType, SampleType, read_jpeg, read_pak
from understudy.facesets.exchange.dfl_face import read_face
from understudy.facesets.exchange.dfl_pak import open_pak, write_pak
from understudy.facesets.exchange.export_faces import export_faces
from understudy.facesets.exchange.import_faces import import_faces
from understudy.facesets.faceset import Faceset
from understudy.facesets.safe_name import safe_name
from understudy.project import UnderstudyError
from understudy.project.plain_pickle import dump_plain


def _pak(entries: list[object], files: list[bytes], *, table: list[int] | None = None, version: int = 1) -> bytes:
    index = dump_plain(entries)
    ends = np.cumsum([0, *map(len, files)]).tolist() if table is None else table
    return struct.pack("<QQ", version, len(index)) + index + struct.pack(f"<{len(ends)}Q", *ends) + b"".join(files)


def test_reads_the_original_programs_pak_byte_for_byte(dfl_faceset: Path) -> None:
    pak = open_pak(dfl_faceset / "faceset.pak")
    assert len(pak.entries) == 24
    for entry, data in pak.pictures():
        assert data == (dfl_faceset / entry.name).read_bytes()


def test_an_independent_reader_finds_what_was_written(dfl_faceset: Path, tmp_path: Path) -> None:
    files = sorted(dfl_faceset.glob("*.jpg"))
    import_faces(dfl_faceset, tmp_path / "aligned")
    export_faces(list(Faceset(tmp_path / "aligned")), tmp_path / "faceset.pak", "dfl-pak")
    members = read_pak((tmp_path / "faceset.pak").read_bytes())
    assert len(members) == 24
    for (entry, data), path in zip(members, files, strict=True):
        record, shape = read_jpeg(data)
        face = read_face(path.read_bytes())
        assert face is not None
        assert entry["sample_type"] is SampleType.FACE
        assert entry["face_type"] is FaceType.WHOLE
        assert entry["filename"] == path.name
        assert entry["shape"] == (*shape, 3)
        assert entry["landmarks"] == record["landmarks"] == [list(point) for point in face.metadata.landmarks]
        assert len(entry["seg_ie_polys"]["polys"]) == len(face.metadata.polygons or [])
        assert entry["xseg_mask"] is None
        packed = entry["xseg_mask_compressed"]
        assert (None if packed is None else packed.tobytes()) == face.mask
        assert entry["eyebrows_expand_mod"] == (face.metadata.brow_expansion or 1.0)
        assert entry["source_filename"] == record["source_filename"]


@pytest.mark.parametrize("last", ["relative", "absolute"])
def test_both_kinds_of_last_offset_are_read(tmp_path: Path, last: str) -> None:
    files = [b"first file", b"", b"third"]
    entries: list[object] = [{"filename": f"{n}.jpg", "person_name": None} for n in range(3)]
    data = _pak(entries, files)
    table = [0, 10, 10, 15 if last == "relative" else len(data)]
    (tmp_path / "faceset.pak").write_bytes(_pak(entries, files, table=table))
    assert [data for _, data in open_pak(tmp_path / "faceset.pak").pictures()] == files


@pytest.mark.parametrize(
    "name",
    ["../evil.jpg", "/etc/evil.jpg", "a/b.jpg", "..\\evil.jpg", "c:evil.jpg", "..", ".", "", ".hidden.jpg", "a\0.jpg",
     "a.jpg ", "a" * 300, 7, None],
)  # fmt: skip
@pytest.mark.parametrize("key", ["filename", "person_name"])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: object, key: str) -> None:
    if (key, name) == ("person_name", None):
        return
    (tmp_path / "faceset.pak").write_bytes(_pak([{"filename": "a.jpg", "person_name": None} | {key: name}], [b"x"]))
    with pytest.raises(UnderstudyError, match="no plain file name"):
        open_pak(tmp_path / "faceset.pak")
    with pytest.raises(ValueError, match="no plain file name"):
        safe_name(name)


_ONE: list[object] = [{"filename": "a.jpg", "person_name": None}]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "too short"),
        (_pak(_ONE, [b"x"], version=2), "version 2"),
        (struct.pack("<QQ", 1, 1 << 62) + b"x" * 100, "an index of"),
        (_pak(_ONE, [b"x"], table=[5, 6]), "outside"),
        (_pak(_ONE * 2, [b"x", b"y"]), "two files"),
        (_pak([{"filename": "a.jpg"}, {"filename": "A.JPG"}], [b"x", b"y"]), "two files"),
        (_pak([{"filename": "a.jpg"}, {"filename": "b.jpg"}], [b"x", b"y"], table=[0, 1 << 60, 2]), "outside"),
        (_pak(_ONE, [b"x"])[:-20], "cut off|damaged|outside"),
        (_pak(["text"], [b"x"]), "no dict"),
        (_pak(_ONE, [b"x"]).replace(b"filename", b"fi\xffename"), "damaged"),
    ],
)
def test_damage_is_one_clear_line(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "faceset.pak"
    path.write_bytes(data)
    with pytest.raises(UnderstudyError, match=reason) as fault:
        open_pak(path)
    assert str(path) in str(fault.value)
    assert "\n" not in str(fault.value)


def test_only_faces_are_packed(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0\0\x02\xff\xda\0\x02")
    with pytest.raises(UnderstudyError, match="no face file"):
        write_pak(tmp_path / "faceset.pak", [tmp_path / "a.jpg"])
    assert not (tmp_path / "faceset.pak").exists()
