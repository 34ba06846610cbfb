"""The fitted similarity is the one that was applied, and the best there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.faces import transform, umeyama
from understudy.project.errors import UnderstudyError


@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(1e-3, 1e3),
    shift=st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)),
    seed=st.integers(0, 999),
)
def test_recovers_a_similarity(angle: float, scale: float, shift: tuple[float, float], seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(33, 2))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    applied = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])
    assert np.allclose(umeyama(points, transform(points, applied)), applied, rtol=0, atol=1e-8 * max(1, scale, *shift))


def test_no_similarity_near_by_fits_better() -> None:
    rng = np.random.default_rng(3)
    points, target = rng.normal(size=(33, 2)), rng.normal(size=(33, 2))
    fitted = umeyama(points, target)
    best = ((transform(points, fitted) - target) ** 2).sum()
    for _ in range(50):
        a, b, x, y = rng.normal(size=4) * 1e-3
        near = fitted + np.array([[a, -b, x], [b, a, y]])
        assert ((transform(points, near) - target) ** 2).sum() >= best


def test_mirrored_points_are_not_reflected() -> None:
    points = np.random.default_rng(1).normal(size=(33, 2))
    assert np.linalg.det(umeyama(points, points * (-1, 1))[:, :2]) > 0


@pytest.mark.parametrize("points", [np.zeros((33, 2)), np.full((33, 2), np.nan), np.full((33, 2), np.inf)])
def test_points_without_extent_or_value_are_refused(points: np.ndarray) -> None:
    with pytest.raises(UnderstudyError):
        umeyama(points, np.random.default_rng(0).normal(size=(33, 2)))
