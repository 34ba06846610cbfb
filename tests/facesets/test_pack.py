"""A pack holds exactly what was packed, reads as a stream, and is refused when it is not what it says."""

import json
import zipfile
from pathlib import Path

import pytest

from drawn_faces import fill_faceset
from understudy.facesets import Faceset
from understudy.facesets.pack import INDEX_NAME, open_pack, pack_faces, unpack_faces
from understudy.project import UnderstudyError


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("packs")
    fill_faceset(root / "aligned", range(6))
    pack_faces(list(Faceset(root / "aligned")), root / "aligned.zip")
    return root


def test_unpacked_files_are_the_packed_ones(packed: Path, tmp_path: Path) -> None:
    assert unpack_faces(open_pack(packed / "aligned.zip"), tmp_path / "out") == 6
    originals = sorted((packed / "aligned").glob("*.jpg"))
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == [path.name for path in originals]
    for path in originals:
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
    assert unpack_faces(open_pack(packed / "aligned.zip"), tmp_path / "out") == 6  # again, without harm
    (tmp_path / "out" / originals[0].name).write_bytes(b"mine")
    with pytest.raises(UnderstudyError, match="in the way"):
        unpack_faces(open_pack(packed / "aligned.zip"), tmp_path / "out")
    assert (tmp_path / "out" / originals[0].name).read_bytes() == b"mine"


def test_any_zip_reader_reads_it_and_the_index_comes_first(packed: Path) -> None:
    with zipfile.ZipFile(packed / "aligned.zip") as archive:
        members = archive.infolist()
        assert members[0].filename == INDEX_NAME
        assert members[0].header_offset == 0
        assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}
        assert archive.testzip() is None
        lines = archive.read(INDEX_NAME).decode().splitlines()
    assert json.loads(lines[0]) == {"schema": "understudy/faceset", "version": 1, "faces": 6}
    assert [json.loads(line)["name"] for line in lines[1:]] == [member.filename for member in members[1:]]


def test_the_index_tells_what_the_files_tell(packed: Path) -> None:
    faces = Faceset(packed / "aligned")
    for line, face in zip(open_pack(packed / "aligned.zip").index(), faces, strict=True):
        assert line.face == face.metadata


def test_equal_facesets_make_equal_packs(packed: Path, tmp_path: Path) -> None:
    pack_faces(list(Faceset(packed / "aligned")), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (packed / "aligned.zip").read_bytes()
    with pytest.raises(UnderstudyError, match="exists already"):
        pack_faces(list(Faceset(packed / "aligned")), tmp_path / "again.zip")


def _with_index(packed: Path, target: Path, change: dict, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(packed / "aligned.zip") as old, zipfile.ZipFile(target, "w", compression) as new:
        lines = [json.loads(line) for line in old.read(INDEX_NAME).splitlines()]
        lines[1] |= change
        new.writestr(INDEX_NAME, "".join(json.dumps(line) + "\n" for line in lines))
        for member in old.infolist()[1:]:
            name = change.get("name", member.filename) if member.filename == "00000_0.jpg" else member.filename
            new.writestr(name, old.read(member))
    return target


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "../evil.jpg"}, "no plain file name"),
        ({"name": "/etc/evil.jpg"}, "no plain file name"),
        ({"name": "evil.py"}, "no name of a face"),
        ({"name": "00001_0.jpg"}, "name of two|not what was packed"),
        ({"size": 1 << 40}, "less than or equal"),
        ({"size": 5}, "not what was packed"),
        ({"sha256": "0" * 64}, "not what was packed"),
        ({"face": {}}, "Field required"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_hostile_packs_write_nothing_outside(packed: Path, tmp_path: Path, change: dict, reason: str) -> None:
    path = _with_index(packed, tmp_path / "bad.zip", change)
    with pytest.raises(UnderstudyError, match=reason) as fault:
        unpack_faces(open_pack(path), tmp_path / "room" / "out")
    assert str(path) in str(fault.value)
    assert not list(tmp_path.rglob("evil*"))


def test_compressed_members_are_refused(packed: Path, tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="compressed"):
        open_pack(_with_index(packed, tmp_path / "bad.zip", {}, zipfile.ZIP_DEFLATED))


def test_damage_is_one_clear_line(packed: Path, tmp_path: Path) -> None:
    data = (packed / "aligned.zip").read_bytes()
    path = tmp_path / "bad.zip"
    at = data.index(b"\xff\xd8\xff") + 3000
    for damaged in (b"", data[:-30], data[:2000], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]):
        path.write_bytes(damaged)
        with pytest.raises(UnderstudyError, match=r"bad\.zip") as fault:
            unpack_faces(open_pack(path), tmp_path / "out")
        assert "\n" not in str(fault.value)
    with pytest.raises(UnderstudyError, match="cannot read"):
        open_pack(tmp_path / "none.zip")
