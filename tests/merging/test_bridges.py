"""A face that was lost for a moment is placed; one that was deleted is not."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from understudy.faces import ExtractSettings, Face, Pose, align_face
from understudy.facesets import Faceset
from understudy.facesets.extract_record import ExtractRecord
from understudy.facesets.face_file import write_face
from understudy.facesets.metadata import SourceFrame
from understudy.media import Frame, open_source, write_image
from understudy.merging.bridges import Bridges
from understudy.merging.plan import plan_faces
from understudy.project import Silent

COUNT = 30
LOST = range(10, 14)


@pytest.fixture
def footage(tmp_path, textured):
    pixels = (textured * 255).astype(np.uint8)
    for index in range(COUNT):
        write_image(tmp_path / "clip" / f"{index:03d}.png", np.roll(pixels, index, axis=1))
    return open_source([tmp_path / "clip"])


@pytest.fixture
def film(tmp_path, textured, place_face, footage):
    """A face that moves 3 pixels a frame and is lost in four frames, and the record of that extraction."""
    frame = Frame((textured * 255).astype(np.uint8), 0, Fraction(0))
    for index in set(range(COUNT)) - set(LOST):
        landmarks = place_face(80 + 3 * index, 120, 60)
        box = np.concatenate([landmarks.min(axis=0), landmarks.max(axis=0)])
        face = Face(box, landmarks, Pose(0, 0, 0), 1.0, "drawn", track=0 if index < LOST.start else 14000)
        rate = float(footage.info.rate)
        source = SourceFrame(clip="clip", frame=index, time=index / rate, width=320, height=240)
        write_face(tmp_path / "aligned" / f"{index:05d}_0.jpg", align_face(frame, face, "full", 32), source, quality=80)
    record = ExtractRecord(settings=ExtractSettings(), clips=[])
    for index in range(COUNT):
        record.add(0 if index in LOST else 1)
    return tmp_path / "aligned", record


def found(film, footage, seconds=0.5, record=None):
    folder, own = film
    return Bridges.find(Faceset(folder), footage, record or own, seconds, Silent())


def test_the_face_is_placed_on_its_way_and_both_tracks_are_one(film, footage, place_face):
    bridges = found(film, footage)
    plan = plan_faces(Faceset(film[0]), smooth=1.0, bridges=bridges.bridges)
    assert sorted(plan) == list(range(COUNT))
    for index in range(COUNT):
        (face,) = plan[index]
        assert np.abs(face.landmarks - place_face(80 + 3 * index, 120, 60)).max() < 0.1
        assert (face.found is None) == (index in LOST)
    assert Counter(face.track for faces in plan.values() for face in faces) == {0: COUNT}
    assert any("4 frames" in note for note in bridges.notes())


def test_a_longer_gap_is_left_and_told(film, footage):
    bridges = found(film, footage, seconds=0.1)
    assert [gap.frames for gap in bridges.open] == [LOST]
    assert set(plan_faces(Faceset(film[0]), smooth=1.0, bridges=bridges.bridges)).isdisjoint(LOST)
    assert "frames 11 to 14" in bridges.notes()[0]


def test_a_face_that_was_found_and_deleted_is_not_placed(film, footage):
    folder, record = film
    record.change({11: 1, 12: 1})
    bridges = found(film, footage)
    assert sorted(plan_faces(Faceset(folder), smooth=0.0, bridges=bridges.bridges)) == [
        index for index in range(COUNT) if index not in (11, 12)
    ]


def test_faces_that_an_extraction_placed_and_somebody_deleted_are_not_placed_again(film, footage):
    folder, record = film
    filled = record.model_copy(update={"settings": ExtractSettings(fill_gaps=8)})
    bridges = found(film, footage, record=filled)
    assert set(plan_faces(Faceset(folder), smooth=0.0, bridges=bridges.bridges)).isdisjoint(LOST)


def test_a_cut_is_not_bridged(film, footage, tmp_path, textured):
    for index in range(12, COUNT):
        write_image(tmp_path / "clip" / f"{index:03d}.png", np.full((240, 320, 3), 250, np.uint8))
    assert found(film, footage).bridges == ()
    assert found(film, footage, seconds=0.1).open == ()


def test_without_a_record_nothing_is_placed(film, footage):
    folder, _ = film
    bridges = Bridges.find(Faceset(folder), footage, None, 0.5, Silent())
    assert (bridges.bridges, bridges.open) == ((), ())
