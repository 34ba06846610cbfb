"""An aligned face reads back as it was written, stands alone, and is refused when damaged."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from understudy.faces.face import AlignedFace, Face, Pose
from understudy.facesets import FaceFile, Faceset, SourceFrame, write_face
from understudy.project import UnderstudyError

_SOURCE = SourceFrame(clip="клип 1.mkv", frame=16, time=0.5333, width=640, height=480)


def _face(seed: int = 0) -> AlignedFace:
    rng = np.random.default_rng(seed)
    landmarks = rng.uniform(0, 64, (68, 2)).astype(np.float32)
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    image = np.stack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64)), np.full((64, 64), 90, np.uint8)], -1)
    return AlignedFace(
        image=image,
        face_type="whole_face",
        matrix=rng.normal(size=(2, 3)),
        landmarks=landmarks,
        face=Face(
            box=np.asarray([1.5, 2, 30, 40], np.float32),
            landmarks=landmarks * 3,
            pose=Pose(0.1, -0.2, 0.3),
            confidence=0.9,
            backend="test",
            dense=rng.uniform(0, 200, (468, 3)).astype(np.float32),
            track=4,
        ),
        brow_expansion=1.5,
    )


def test_round_trip(tmp_path: Path) -> None:
    face = _face()
    write_face(tmp_path / "00017_0.jpg", face, _SOURCE, quality=95)
    file = FaceFile.read(tmp_path / "00017_0.jpg")
    assert file is not None
    assert file.metadata.source == _SOURCE
    back = file.aligned()
    assert np.array_equal(back.matrix, face.matrix)
    assert back.face.pose == face.face.pose
    assert (back.face_type, back.face.track, back.face.backend) == ("whole_face", 4, "test")
    assert back.brow_expansion == 1.5
    for ours, theirs, digits in (
        (back.landmarks, face.landmarks, 1e-3),
        (back.face.landmarks, face.face.landmarks, 1e-3),
        (back.face.box, face.face.box, 1e-3),
        (back.face.dense, face.face.dense, 1e-2),
    ):
        assert np.abs(np.asarray(ours) - np.asarray(theirs)).max() <= digits
    assert np.abs(back.image.astype(int) - face.image).max() <= 6  # JPEG at quality 95, full chroma


def test_a_copied_and_renamed_file_still_says_what_it_is(tmp_path: Path) -> None:
    written = write_face(tmp_path / "a" / "00017_0.jpg", _face(), _SOURCE, quality=80)
    (tmp_path / "b").mkdir()
    shutil.copy(written.path, tmp_path / "b" / "anything.jpg")
    assert Faceset(tmp_path / "b")[0].metadata == written.metadata


def test_a_face_set_skips_other_pictures_and_trashes_without_losing(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    for k in range(3):
        source = _SOURCE.model_copy(update={"frame": k // 2})
        write_face(folder / f"{k // 2 + 1:05d}_{k % 2}.jpg", _face(k), source, quality=80)
    Image.new("RGB", (8, 8)).save(folder / "holiday.jpg")
    faces = Faceset(folder)
    assert len(faces) == 3
    assert {frame: len(found) for frame, found in faces.by_frame().items()} == {0: 2, 1: 1}
    [moved] = faces.trash(faces[0])
    assert moved.exists()
    assert len(faces) == len(Faceset(folder)) == 2


def test_damage_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "00017_0.jpg"
    data = write_face(path, _face(), _SOURCE, quality=80).path.read_bytes()
    damages = {
        "empty": b"",
        "cut": data[:300],
        "nan": data.replace(b'"confidence":0.9', b'"confidence":NaN'),
        "version": data.replace(b'"version":1', b'"version":7'),
        "few": data.replace(b'"landmarks":[[', b'"landmarks":[["a",1],['),
    }
    for name, damaged in damages.items():
        assert damaged != data, name
        path.write_bytes(damaged)
        with pytest.raises(UnderstudyError) as fault:
            FaceFile.read(path)
        assert str(path) in str(fault.value), name
        assert "\n" not in str(fault.value), name


def test_a_picture_resized_elsewhere_is_named(tmp_path: Path) -> None:
    small = replace(_face(), image=np.zeros((64, 64, 3), np.uint8))
    file = write_face(tmp_path / "a.jpg", small, _SOURCE, quality=80)
    grown = replace(small, image=np.zeros((80, 80, 3), np.uint8))
    other = write_face(tmp_path / "b.jpg", grown, _SOURCE, quality=80)
    mixed = other.path.read_bytes().replace(b'"size":80', b'"size":64')
    file.path.write_bytes(mixed)
    read = FaceFile.read(file.path)
    assert read is not None
    with pytest.raises(UnderstudyError, match="resized by another program"):
        read.aligned()
