"""Facesets go to the old formats and come back the same; imports say what they left out."""

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dfl_reader import read_jpeg
from drawn_faces import draw_face, fill_with_every_kind
from understudy.faces import align_face
from understudy.facesets import FaceFile, Faceset, SourceFrame, write_face
from understudy.facesets.exchange.dfl_face import read_record
from understudy.facesets.exchange.export_faces import ExportFormat, export_faces
from understudy.facesets.exchange.import_faces import import_faces
from understudy.facesets.face_file import write_picture
from understudy.facesets.jpeg_segments import APP15, segment, segments
from understudy.facesets.metadata import Polygon
from understudy.facesets.old_record import has_record, without_record
from understudy.project import UnderstudyError
from understudy.project.plain_pickle import dump_plain


@pytest.fixture(scope="module")
def two_hundred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Faces of every kind."""
    folder = tmp_path_factory.mktemp("set") / "aligned"
    fill_with_every_kind(folder, 200)
    return folder


@pytest.mark.parametrize("file_format", ["dfl", "dfl-pak"])
def test_two_hundred_faces_come_back_as_they_were(two_hundred: Path, tmp_path: Path, file_format: ExportFormat) -> None:
    faces = list(Faceset(two_hundred))
    exported = export_faces(faces, tmp_path / "old", file_format)
    assert exported.faces == 200
    done = import_faces(exported.path, tmp_path / "new")
    assert (done.faces, done.skipped) == (200, ())
    for before, after in zip(faces, Faceset(tmp_path / "new"), strict=True):
        assert after.path.name == before.path.name
        assert after.metadata == before.metadata
        assert after.picture() == before.picture()  # the mask is in it


def test_an_export_reads_back_in_the_old_programs_terms(two_hundred: Path, tmp_path: Path) -> None:
    faces = list(Faceset(two_hundred))
    export_faces(faces, tmp_path / "old", "dfl")
    for face in faces:
        record, shape = read_jpeg((tmp_path / "old" / face.path.name).read_bytes())
        meta = face.metadata
        assert shape == (meta.size, meta.size)
        assert record["landmarks"] == [list(point) for point in meta.landmarks]
        assert record["source_landmarks"] == [list(point) for point in meta.source_landmarks]
        assert record["source_filename"] == (meta.source.name or f"{meta.source.frame + 1:05d}.png")
        np.testing.assert_array_equal(record["image_to_face_mat"], meta.matrix)
        np.testing.assert_array_equal(record["source_rect"], np.rint(meta.box))


def test_what_the_old_program_changed_wins_over_what_we_knew(two_hundred: Path, tmp_path: Path) -> None:
    (face,) = [face for face in Faceset(two_hundred) if face.frame == 2]
    export_faces([face], tmp_path / "old", "dfl")
    path = tmp_path / "old" / face.path.name
    record = {
        key: getattr(value, "value", value)
        for key, value in read_record(path.read_bytes()).items()
        if key != "seg_ie_polys"
    }
    record |= {"source_filename": "00077.png", "source_rect": np.array([1, 2, 3, 4])}
    plain = without_record(path.read_bytes())
    path.write_bytes(plain[:20] + segment(APP15, dump_plain(record)) + plain[20:])
    import_faces(tmp_path / "old", tmp_path / "new")
    found = Faceset(tmp_path / "new")[0].metadata
    assert found.polygons is None
    assert found.box == (1, 2, 3, 4)
    assert (found.source.name, found.source.frame) == ("00077.png", 76)
    assert found.pose == face.metadata.pose


def test_in_place_keeps_the_pixels_and_the_old_record(dfl_faceset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    shutil.copytree(dfl_faceset, folder, ignore=shutil.ignore_patterns("*.pak", "*.dat", "*.json", "*.md"))
    before = {path.name: read_pixels(path) for path in folder.iterdir()}
    assert import_faces(folder, None).faces == 24
    for face in Faceset(folder):
        np.testing.assert_array_equal(read_pixels(face.path), before[face.path.name])
        original = (dfl_faceset / face.path.name).read_bytes()
        record = next(s.body(original) for s in segments(original) if s.code == APP15)
        assert record in face.picture()
    assert import_faces(folder, None).faces == 24  # again, without harm


def test_the_old_record_goes_when_the_face_is_changed_and_not_when_it_is_renamed(
    dfl_faceset: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "aligned"
    shutil.copytree(dfl_faceset, folder, ignore=shutil.ignore_patterns("*.pak", "*.dat", "*.json", "*.md"))
    import_faces(folder, None)
    faceset = Faceset(folder)
    faceset.rename({name: f"renamed_{name}" for name in faceset.names})
    assert all(has_record(face.picture()) for face in faceset)
    face = faceset[3]
    drawn = [Polygon(kind="include", points=[(1.0, 2.0), (50.0, 2.0), (20.0, 60.0)])]
    changed = face.metadata.model_copy(update={"polygons": drawn})
    write_picture(face.path, face.picture(), changed, face.mask_picture())
    assert not has_record(face.path.read_bytes())
    import_faces(folder, None)
    read = FaceFile.read(face.path)
    assert read is not None
    assert read.metadata == changed


def read_pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_meta_dat_gives_back_what_an_editor_took(dfl_faceset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "edited"
    folder.mkdir()
    shutil.copy(dfl_faceset / "meta.dat", folder)
    for number, path in enumerate(sorted(dfl_faceset.glob("*.jpg"))):
        with Image.open(path) as picture:
            side = 1024 if number % 2 else 256
            picture.resize((side, side)).save(folder / path.name, quality=95)
    assert import_faces(folder, tmp_path / "out").faces == 24
    import_faces(dfl_faceset, tmp_path / "direct")
    for restored, direct in zip(Faceset(tmp_path / "out"), Faceset(tmp_path / "direct"), strict=True):
        assert restored.metadata.model_copy(update={"source": direct.metadata.source}) == direct.metadata
        assert restored.aligned().image.shape == (256, 256, 3)
        assert np.abs(restored.aligned().image.astype(int) - direct.aligned().image).mean() < 3


def test_frames_number_and_size_every_face(dfl_faceset: Path, tmp_path: Path) -> None:
    frames = tmp_path / "data_dst"
    frames.mkdir()
    for number in range(2, 26):  # 00001.png is not there, so that the numbers are not the order
        Image.new("RGB", (64, 48)).save(frames / f"{number:05d}.png")
    shutil.copytree(dfl_faceset, frames / "aligned")
    import_faces(frames / "aligned", tmp_path / "out")
    faces = list(Faceset(tmp_path / "out"))
    assert [(face.metadata.source.frame, face.metadata.source.name) for face in faces[:3]] == [
        (0, "00001.png"),  # not found: by its number
        (0, "00002.png"),
        (1, "00003.png"),
    ]
    assert (faces[1].metadata.source.width, faces[1].metadata.source.height) == (64, 48)
    assert faces[1].metadata.source.clip == "data_dst"


def test_what_is_left_out_is_told_and_an_import_goes_on(dfl_faceset: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "mixed", tmp_path / "out"
    folder.mkdir()
    for path in sorted(dfl_faceset.glob("*.jpg"))[:3]:
        shutil.copy(path, folder)
    Image.new("RGB", (32, 32)).save(folder / "holiday.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    first = import_faces(folder, out)
    assert first.faces == 3
    assert [name for name, _ in first.skipped] == ["broken.jpg", "holiday.jpg"]
    (out / "00001_0.jpg").unlink()
    assert import_faces(folder, out).faces == 3
    shutil.copy(out / "00002_0.jpg", folder / "00000_0.jpg")  # another face of that name
    again = import_faces(folder, out)
    assert dict(again.skipped)["00000_0.jpg"].startswith("another face")
    with pytest.raises(UnderstudyError, match="does not exist"):
        import_faces(tmp_path / "none", out)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnderstudyError, match="no faces to import"):
        import_faces(tmp_path / "empty", out)


def test_an_export_overwrites_nothing(two_hundred: Path, tmp_path: Path) -> None:
    faces = list(Faceset(two_hundred))[:2]
    export_faces(faces, tmp_path / "old", "dfl")
    export_faces(faces, tmp_path / "old", "dfl-pak")
    for file_format in ("dfl", "dfl-pak"):
        with pytest.raises(UnderstudyError, match="exists already"):
            export_faces(faces, tmp_path / "old", file_format)
    with pytest.raises(UnderstudyError, match="no faces"):
        export_faces([], tmp_path / "new", "dfl")
    assert sorted(path.name for path in (tmp_path / "old").iterdir()) == ["00001_0.jpg", "00002_0.jpg", "faceset.pak"]


def test_a_png_face_is_a_face(tmp_path: Path) -> None:
    frame, face = draw_face(0)
    aligned = align_face(frame, face, "full", 64)
    source = SourceFrame(clip="drawn", frame=0, time=0.0, width=300, height=300)
    written = write_face(tmp_path / "a.jpg", aligned, source, quality=95)
    Image.fromarray(aligned.image).save(tmp_path / "b.png")
    write_picture(tmp_path / "b.png", (tmp_path / "b.png").read_bytes(), written.metadata, None)
    found = FaceFile.read(tmp_path / "b.png")
    assert found is not None
    assert found.metadata == written.metadata
    np.testing.assert_array_equal(found.aligned().image, aligned.image)


def test_persons_of_a_pack_come_into_folders_of_their_own(dfl_faceset: Path, tmp_path: Path) -> None:
    files = [path.read_bytes() for path in sorted(dfl_faceset.glob("*.jpg"))[:3]]
    people = ["anna", "anna", "bert"]
    index = dump_plain([{"filename": f"{n}.jpg", "person_name": person} for n, person in enumerate(people)])
    ends = np.cumsum([0, *map(len, files)]).tolist()
    data = struct.pack("<QQ", 1, len(index)) + index + struct.pack("<4Q", *ends) + b"".join(files)
    (tmp_path / "faceset.pak").write_bytes(data)
    assert import_faces(tmp_path / "faceset.pak", tmp_path / "out").faces == 3
    assert len(Faceset(tmp_path / "out" / "anna")) == 2
    assert len(Faceset(tmp_path / "out" / "bert")) == 1


def test_faces_that_were_renamed_by_sorting_know_their_first_names(dfl_faceset: Path, tmp_path: Path) -> None:
    (tmp_path / "sorted").mkdir()
    paths = sorted(dfl_faceset.glob("*.jpg"))
    for number, path in enumerate(reversed(paths)):
        shutil.copy(path, tmp_path / "sorted" / f"{number:05d}.jpg")
    shutil.copy(paths[0], tmp_path / "sorted" / "00024.jpg")  # a second face of the first frame
    shutil.copy(paths[1], tmp_path / "sorted" / "00002_3.jpg")  # one that kept its name
    import_faces(tmp_path / "sorted", tmp_path / "out")
    found = {face.path.name: face.metadata.original_name for face in Faceset(tmp_path / "out")}
    assert found["00000.jpg"] == "00024_0.jpg"
    assert found["00023.jpg"] == "00001_0.jpg"
    assert found["00024.jpg"] == "00001_1.jpg"
    assert found["00002_3.jpg"] is None
