"""Grain and sharpness of a plate, steadier over frames than in each of them."""

import cv2
import numpy as np
import pytest

from understudy.merging.grain import add_grain, grain_field, measure_grain
from understudy.merging.sharpness import match_sharpness
from understudy.merging.texture import Texture

SIZE, FRAMES, AROUND = 96, 104, 6
INSIDE = np.ones((SIZE, SIZE), np.bool_)
SHARES = np.exp(-2.0 * (np.arange(-AROUND, AROUND + 1) / (AROUND + 1)) ** 2)


@pytest.fixture(scope="module")
def plate():
    """Soft structure that keeps still."""
    noise = np.random.default_rng(3).random((SIZE, SIZE, 3), dtype=np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 1.2)
    return 0.3 + 0.4 * (smooth - smooth.min()) / np.ptp(smooth)


@pytest.fixture(scope="module")
def textures(plate):
    """Of frames with grain, each with its own."""
    strength, spread = np.array([0.015, 0.01, 0.01]), np.array([0.8, 0.8, 0.8])
    return [
        Texture.of(plate + grain_field((SIZE, SIZE), (0, 0), frame, strength, spread), INSIDE)
        for frame in range(FRAMES)
    ]


@pytest.mark.parametrize(
    "number", [lambda t: t.grain.strength[0], lambda t: t.grain.spread[1], lambda t: np.log(t.sharpness)]
)
def test_an_estimate_flickers_by_as_much_less_as_a_mean_of_so_many(textures, number):
    """Frames that count by their shares s leave sqrt(sum s^2) / sum s of what is no frame's own."""
    width = len(SHARES)
    apart = [Texture.mean(list(zip(SHARES, textures[k : k + width], strict=True))) for k in range(0, FRAMES, width)]
    alone, together = (np.std([number(texture) for texture in group]) for group in (textures, apart))
    expected = np.sqrt((SHARES**2).sum()) / SHARES.sum()
    assert 0.5 * expected < together / alone < 1.7 * expected  # eight means tell their spread to a third or so


def test_the_mean_of_equals_is_what_each_is(textures):
    mean = Texture.mean([(1.0, textures[0]), (0.3, textures[0])])
    assert np.allclose(mean.grain.strength, textures[0].grain.strength)
    assert np.isclose(mean.sharpness, textures[0].sharpness)


def test_a_texture_stands_for_the_plate(plate, textures):
    """The plate of one frame and its texture change a face alike."""
    grainy = plate + np.random.default_rng(1).normal(0, 0.02, plate.shape).astype(np.float32)
    cover, texture, face = INSIDE.astype(np.float32), Texture.of(grainy, INSIDE), plate[::-1].copy()
    one = match_sharpness(face, grainy, cover, amount=1.0)
    other = match_sharpness(face, 0 * grainy, cover, amount=1.0, wanted=texture.sharpness)
    assert np.array_equal(one, other)
    one = add_grain(face, grainy, cover, (0, 0), frame=2, amount=1.0)
    other = add_grain(face, 0 * grainy, cover, (0, 0), frame=2, amount=1.0, wanted=texture.grain)
    assert np.array_equal(one, other)


def test_too_little_tells_nothing(plate):
    assert Texture.of(plate, ~INSIDE) is None
    assert measure_grain(plate, ~INSIDE) is None
