"""What a frame is told of those around it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from understudy.media import Frame, open_source, write_image
from understudy.merging.neighbours import Reach, Scene, Sight, with_neighbours
from understudy.merging.plan import PlacedFace
from understudy.merging.settings import MergeSettings

POINTS = np.zeros((68, 2), np.float32)


def stream(count, cuts=(), tracks=(0,)):
    for index in range(count):
        faces = [PlacedFace(f"{index}-{track}", POINTS, track) for track in tracks]
        sights = [Sight(face, ValueError()) for face in faces]
        yield Frame(np.zeros((2, 2, 3), np.uint8), index, Fraction(index)), Scene(index, index in cuts, sights)


def seen(reach, **film):
    return {
        frame.index: [scene.index for scene in neighbours.around]
        for frame, neighbours in with_neighbours(stream(**film), reach)
    }


def test_as_many_before_as_after():
    assert seen(2, count=6) == {
        0: [0, 1, 2],
        1: [0, 1, 2, 3],
        2: [0, 1, 2, 3, 4],
        3: [1, 2, 3, 4, 5],
        4: [2, 3, 4, 5],
        5: [3, 4, 5],
    }
    assert seen(0, count=3) == {0: [0], 1: [1], 2: [2]}


def test_nothing_beyond_a_cut():
    around = seen(3, count=8, cuts=(0, 4))
    assert (around[3], around[4]) == ([0, 1, 2, 3], [4, 5, 6, 7])


def test_the_same_track_nearest_first_and_no_face_without_a_track():
    *_, (_, neighbours) = list(with_neighbours(stream(5, tracks=(7, -1)), 3))[:3]
    tracked, stray = (sight.face for sight in neighbours.scene.sights)
    assert [distance for distance, _ in neighbours.of(tracked, 2)] == [-1, 1, -2, 2]
    assert {sight.face.track for _, sight in neighbours.of(tracked, 2)} == {7}
    assert list(neighbours.of(stray, 2)) == []
    assert list(neighbours.of(replace(tracked, person="person:2"), 2)) == []


@pytest.mark.parametrize(("rate", "expected"), [(25, Reach(2, 6, 1)), (60, Reach(6, 15, 1))])
def test_windows_are_seconds_and_large_frames_shorten_them(tmp_path, rate, expected):
    for index in range(2):
        write_image(tmp_path / "clip" / f"{index}.png", np.zeros((8, 8, 3), np.uint8))
    info = replace(open_source([tmp_path / "clip"]).info, rate=Fraction(rate))
    settings = MergeSettings(steady_mask=0.2, steady_color=0.5)
    assert Reach.of(settings, info) == expected
    huge = replace(info, width=16000, height=8000, bit_depth=16)
    assert Reach.of(settings, huge).frames * 16000 * 8000 * 6 <= 2**30
