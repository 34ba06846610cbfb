"""Close-ups, small faces and heads the wrong way up are found where a plain look does not find them."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from understudy.faces import Region, warp
from understudy.faces.blazeface import BlazeFace
from understudy.faces.detection import overlap
from understudy.faces.search import _starts, search

from .conftest import Clip


@pytest.fixture(scope="module")
def face(clip: Clip) -> tuple[BlazeFace, np.ndarray, Region]:
    detector = BlazeFace()
    image = clip("signer_b_milk.mkv", 1)[0].pixels
    return detector, image, Region.of(detector.detect(image)[0])


def test_a_close_up_is_found_through_its_border(face: tuple[BlazeFace, np.ndarray, Region]) -> None:
    detector, image, region = face
    close = warp(image, region.matrix(400, 1.0), 400)
    assert all(hit.confidence < 0.5 for hit in detector.detect(close))
    best = search(detector, close, min_face=40, rotate=False)[0]
    assert best.confidence > 0.5
    assert overlap(best.box, np.float32([[0, 0, 399, 399]]))[0] > 0.7


def test_a_small_face_is_found_in_a_tile(face: tuple[BlazeFace, np.ndarray, Region]) -> None:
    detector, image, region = face
    large = np.full((3600, 4400, 3), 90, np.uint8)
    large[900 : 900 + image.shape[0], 1500 : 1500 + image.shape[1]] = image
    assert not detector.detect(large)
    best = search(detector, large, min_face=60, rotate=False)[0]
    assert best.confidence > 0.5
    middle = (best.box[:2] + best.box[2:]) / 2
    assert np.abs(middle - (region.x + 1500, region.y + 900)).max() < 10


@pytest.mark.parametrize("angle", [0, 90, 135, 180, 250])
def test_a_turned_face_is_found_the_right_way_round(face: tuple[BlazeFace, np.ndarray, Region], angle: float) -> None:
    detector, image, region = face
    height, width = image.shape[:2]
    side = 900
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1)  # clockwise
    turn[:, 2] += (side / 2 - width / 2, side / 2 - height / 2)
    hits = search(detector, cv2.warpAffine(image, turn, (side, side)), min_face=40, rotate=True)
    expected = region.roll + np.deg2rad(angle)
    best = min(hits, key=lambda hit: abs(np.angle(np.exp(1j * (hit.roll - expected)))))
    assert abs(np.angle(np.exp(1j * (best.roll - expected)))) < 0.25
    middle = (best.box[:2] + best.box[2:]) / 2
    assert np.abs(middle - (turn[:, :2] @ (region.x, region.y) + turn[:, 2])).max() < 12
    assert best.confidence > 0.5


@pytest.mark.parametrize(("length", "side", "step"), [(1920, 768, 668), (768, 768, 100), (769, 768, 1), (100, 768, 5)])
def test_tiles_cover_the_image(length: int, side: int, step: int) -> None:
    starts = _starts(length, side, step)
    assert starts[0] == 0
    assert starts[-1] == max(0, length - side)
    assert all(0 < after - before <= step for before, after in pairwise(starts))


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (5, 3), (64, 64), (480, 640)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_nothing_is_found_in_nothing(
    face: tuple[BlazeFace, np.ndarray, Region], shape: tuple[int, int], value: int
) -> None:
    detector, _, _ = face
    hits = search(detector, np.full((*shape, 3), value, np.uint8), min_face=8, rotate=True)
    assert all(hit.confidence < 0.5 for hit in hits)
