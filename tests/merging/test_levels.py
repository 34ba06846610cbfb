import numpy as np
import pytest

from understudy.media.linear import from_linear
from understudy.merging.levels import from_display, to_display


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_integer_level_comes_back(dtype):
    levels = np.arange(np.iinfo(dtype).max + 1, dtype=dtype)
    assert np.array_equal(from_display(to_display(levels), dtype), levels)


def test_floats_come_back_beyond_white_and_below_black():
    values = np.array([-2.0, -0.001, 0.0, 0.002, 0.18, 1.0, 50.0], np.float32)
    assert np.allclose(from_display(to_display(values), np.float32), values, rtol=1e-5)


def test_floats_within_the_displays_range_take_the_srgb_curve():
    values = np.linspace(0, 1, 1000, dtype=np.float32)
    assert np.allclose(to_display(values), from_linear(values), atol=1e-6)


def test_integers_are_rounded_and_clipped():
    values = np.array([-0.1, 0.4999 / 255, 0.5001 / 255, 1.2], np.float32)
    assert from_display(values, np.uint8).tolist() == [0, 0, 1, 255]
