"""The modelled head: what holds for every performer and every expression."""

import numpy as np
import pytest

from understudy.actors.expression import OFFSETS, offsets
from understudy.actors.jaw import WIDEST, below_mouth, jaw_weight, opened
from understudy.actors.lattice import lattice
from understudy.actors.lids import Aperture, eye_columns, seat, slide
from understudy.actors.neutral import neutral_head
from understudy.actors.shape import ONE_SIDED, TRAITS, shaped
from understudy.actors.solids import EYE_CENTRE, EYE_RADIUS, head_distance


def test_the_neutral_head_is_symmetric() -> None:
    head = neutral_head()
    assert np.abs(head[:, ::-1] * [-1, 1, 1] - head).max() < 1e-3


def test_vertices_lie_on_the_solid_but_for_the_mouth() -> None:
    head = neutral_head()
    net = lattice()
    upper_face = head[: net.eyes.lower]
    assert np.abs(head_distance(upper_face)).max() < 0.5


def test_head_is_as_wide_and_long_as_an_adults() -> None:
    head = neutral_head().reshape(-1, 3)
    assert 140 < np.ptp(head[:, 0]) < 160
    assert 180 < np.ptp(head[head[:, 1] > 0][:, 2]) < 205


@pytest.mark.parametrize("name", sorted(TRAITS))
def test_a_trait_moves_points_by_millimetres_and_smoothly(name: str) -> None:
    head = neutral_head()
    moved = shaped(head, {name: 2.0}) - head
    size = np.linalg.norm(moved, axis=-1)
    assert 0.5 < size.max() < 16
    assert np.linalg.norm(np.diff(moved, axis=1), axis=-1)[:150].max() < 2.5
    if name in ONE_SIDED:
        return
    opposite = shaped(head, {name: -2.0}) - head
    assert np.allclose(opposite, -moved, atol=1e-3)


def test_a_lopsided_trait_swells_one_side_and_thins_the_other() -> None:
    points = np.float32([[40, -60, 0], [-40, -60, 0]])
    moved = shaped(points, {"cheek_fullness": 0.0}, {"cheek_fullness": 0.4}) - points
    assert moved[0, 0] > 0.2
    assert moved[1, 0] > 0.2  # the left side is thinner by as much: towards +x, inwards


def test_one_sided_expressions_leave_the_other_side_alone() -> None:
    head, fields = neutral_head(), offsets()
    for name in OFFSETS:
        if name.endswith("_left"):
            far = head[..., 0] > 15
            assert np.abs(fields[OFFSETS.index(name)][far]).max() < 1e-3
            mirrored = fields[OFFSETS.index(name.replace("left", "right"))][:, ::-1] * [-1, 1, 1]
            assert np.allclose(fields[OFFSETS.index(name)], mirrored, atol=0.02)


def test_the_jaw_parts_the_lips_and_leaves_the_skull() -> None:
    head, net = neutral_head(), lattice()
    middle = net.shape[1] // 2
    moved = opened(head, jaw_weight(), 1.0)
    gap = moved[net.mouth.upper, middle, 1] - moved[net.mouth.lower, middle, 1]
    assert 20 < gap < 45
    assert np.abs(moved - head)[head[..., 1] > -10].max() < 0.7
    assert 0.25 < WIDEST < 0.4
    assert below_mouth()[net.mouth.upper, middle] == 0
    assert below_mouth()[net.mouth.lower, middle] == 1


@pytest.mark.parametrize("side", [-1, 1])
def test_lids_meet_when_shut_and_part_when_open(side: int) -> None:
    net = lattice()
    centre = np.float32(EYE_CENTRE) * np.float32([side, 1, 1])
    gaps = []
    for blink in (0.0, 0.5, 1.0):
        head = neutral_head().copy()
        slide(head, side, Aperture(), blink=blink, widen=0.0, droop=0.0)
        seat(head, side, centre, EYE_RADIUS)
        columns = eye_columns(side)
        gaps.append(float((head[net.eyes.upper, columns] - head[net.eyes.lower, columns])[:, 1].max()))
        window = head[net.eyes.upper - 10 : net.eyes.upper + 1, columns]
        assert np.linalg.norm(window - centre, axis=-1).min() > EYE_RADIUS + 0.5  # outside the eyeball
    assert gaps[2] < 0.2
    assert 8 < gaps[0] < 13
    assert gaps[2] < gaps[1] < gaps[0]
