from fractions import Fraction

import numpy as np
import pytest

from understudy.faces import Face, Pose, align_face
from understudy.facesets import Faceset
from understudy.facesets.face_file import write_face
from understudy.facesets.metadata import SourceFrame
from understudy.media import Frame
from understudy.merging.plan import plan_faces


@pytest.fixture
def write(tmp_path, textured):
    frame = Frame((textured * 255).astype(np.uint8), 0, Fraction(0))

    def write(name, index, landmarks, track=0):
        face = Face(np.zeros(4, np.float32), landmarks, Pose(0, 0, 0), 1.0, "drawn", track=track)
        source = SourceFrame(clip="clip.mp4", frame=index, time=index / 25, width=320, height=240)
        return write_face(tmp_path / name, align_face(frame, face, "full", 32), source, quality=80).path

    return write


def test_faces_are_found_by_their_frame_the_smallest_first(write, tmp_path, place_face):
    write("a.jpg", 3, place_face(100, 100, 50), track=0)
    write("b.jpg", 3, place_face(200, 100, 30), track=1)
    write("c.jpg", 9, place_face(100, 100, 50), track=0)
    plan = plan_faces(Faceset(tmp_path), smooth=0.0)
    assert {index: [face.name for face in faces] for index, faces in plan.items()} == {
        3: ["b.jpg", "a.jpg"],
        9: ["c.jpg"],
    }
    assert np.allclose(plan[3][1].landmarks, place_face(100, 100, 50), atol=1e-3)


def test_a_deleted_face_is_left_as_it_is(write, tmp_path, place_face):
    write("a.jpg", 3, place_face(100, 100, 50))
    write("b.jpg", 4, place_face(100, 100, 50)).unlink()
    assert list(plan_faces(Faceset(tmp_path), smooth=0.2)) == [3]


def test_smoothing_steadies_a_track_and_keeps_tracks_apart(write, tmp_path, place_face):
    random = np.random.default_rng(0)
    for index in range(12):
        noise = random.standard_normal((68, 2)).astype(np.float32)
        write(f"a{index}.jpg", index, place_face(100 + 2 * index, 100, 50) + noise, track=0)
        write(f"b{index}.jpg", index, place_face(250, 100, 50), track=1)
    rough, smooth = (plan_faces(Faceset(tmp_path), smooth=seconds) for seconds in (0.0, 0.4))

    def error(plan, index):
        moving = next(face for face in plan[index] if face.name.startswith("a"))
        return np.abs(moving.landmarks - place_face(100 + 2 * index, 100, 50)).mean()

    assert np.mean([error(smooth, i) for i in range(3, 9)]) < 0.6 * np.mean([error(rough, i) for i in range(3, 9)])
    still = next(face for face in smooth[5] if face.name.startswith("b"))
    assert np.allclose(still.landmarks, place_face(250, 100, 50), atol=2e-3)


def test_a_file_that_was_copied_counts_once(write, tmp_path, place_face):
    random = np.random.default_rng(0)
    for index in range(12):
        noise = random.standard_normal((68, 2)).astype(np.float32)
        write(f"a{index}.jpg", index, place_face(100, 100, 50) + noise)
    alone = plan_faces(Faceset(tmp_path), smooth=0.4)
    for index in range(12):
        (tmp_path / f"b{index}.jpg").write_bytes((tmp_path / f"a{index}.jpg").read_bytes())
    together = plan_faces(Faceset(tmp_path), smooth=0.4)
    for index, (face,) in alone.items():
        assert len(together[index]) == 2
        assert all(np.array_equal(each.landmarks, face.landmarks) for each in together[index])
