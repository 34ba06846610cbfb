"""What marking does to a picture, and what it leaves alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from understudy.media.frame import ColorTags
from understudy.media.linear import from_linear, to_linear
from understudy.media.planes import LumaPlane
from understudy.media.scene_light import scene_linear
from understudy.provenance.watermark import Embedder, payload_of, read_frame

PAYLOAD = payload_of("0123456789abcdef")


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


def test_the_loss_is_bounded_whatever_the_picture(picture: NDArray[np.uint8]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    embedder = Embedder(PAYLOAD, 360, 640)
    for pixels in (picture, noise, np.full_like(noise, 128)):
        assert psnr(embedder.mark(pixels), pixels) >= 42


def test_marking_leaves_its_input_and_mean_colour(picture: NDArray[np.uint8]) -> None:
    before = picture.copy()
    marked = Embedder(PAYLOAD, 360, 640).mark(picture)
    assert np.array_equal(picture, before)
    assert np.abs(marked.mean(axis=(0, 1)) - picture.mean(axis=(0, 1))).max() < 0.05


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_black_and_white_stay(level: int, dtype: type) -> None:
    pixels = np.full((200, 200, 3), level * (np.iinfo(dtype).max // 255), dtype)
    assert np.array_equal(Embedder(PAYLOAD, 200, 200).mark(pixels), pixels)


def test_depths_are_marked_alike(picture: NDArray[np.uint8]) -> None:
    """A deep picture bears what an 8-bit one does, without its rounding."""
    embedder = Embedder(PAYLOAD, 360, 640)
    shallow = embedder.mark(picture).astype(float) - picture
    deep = embedder.mark(picture.astype(np.uint16) * 257) / 257 - picture
    linear = to_linear(picture / np.float32(255))
    light = from_linear(embedder.mark(linear)) * 255 - picture
    assert np.abs(shallow - deep).max() <= 1
    assert np.corrcoef(deep.ravel(), light.ravel())[0, 1] > 0.98
    assert len(np.unique(np.rint(deep * 257))) > 500
    for pixels in (picture.astype(np.uint16) * 257, linear):
        reading = read_frame(embedder.mark(pixels))
        assert reading is not None
        assert reading.payload == PAYLOAD


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_that_was_marked_as_code_values_is_read_as_light(picture: NDArray[np.uint8], transfer: int) -> None:
    marked = Embedder(PAYLOAD, 360, 640).mark(picture.astype(np.uint16) * 257)
    reading = read_frame(scene_linear(marked, ColorTags(transfer=transfer)))
    assert reading is not None
    assert reading.payload == PAYLOAD


def test_light_beyond_white_and_what_is_no_number_stay() -> None:
    pixels = np.full((100, 100, 3), 7.5, np.float32)
    pixels[:10], pixels[10:20], pixels[20:30] = np.nan, -0.5, np.inf
    assert np.array_equal(Embedder(PAYLOAD, 100, 100).mark(pixels), pixels, equal_nan=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_outside_of_the_region_nothing_changes(picture: NDArray[np.uint8], dtype: type) -> None:
    pixels = picture.astype(dtype) if dtype is not np.float32 else to_linear(picture / np.float32(255))
    region = np.zeros((360, 640), np.bool_)
    region[100:260, 200:400] = True
    marked = Embedder(PAYLOAD, 360, 640).mark(pixels, region)
    assert np.array_equal(marked[~region], pixels[~region])
    assert not np.array_equal(marked[region], pixels[region])


def test_the_pattern_stands_still(picture: NDArray[np.uint8]) -> None:
    """Two frames that are alike are marked alike: nothing flickers."""
    embedder = Embedder(PAYLOAD, 360, 640)
    assert np.array_equal(embedder.mark(picture), Embedder(PAYLOAD, 360, 640).mark(picture))
    other = embedder.mark(picture + np.uint8(1)) - (picture + np.uint8(1))
    assert (other != embedder.mark(picture) - picture).mean() < 0.02


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (3, 500), (17, 31)])
def test_any_size_is_taken(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 3), 90, np.uint8)
    marked = Embedder(PAYLOAD, *size).mark(pixels)
    assert np.abs(marked.astype(int) - 90).max() < 6
    assert read_frame(marked) is None


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="100x100"):
        Embedder(PAYLOAD, 100, 100).mark(np.zeros((50, 100, 3), np.uint8))


@pytest.mark.parametrize(("depth", "full_range"), [(8, False), (8, True), (10, False), (10, True)])
def test_luma_is_marked_as_pixels_are(picture: NDArray[np.uint8], depth: int, full_range: bool) -> None:
    """In a codec's own samples the mark is what it would have been in RGB, and stays in their range."""
    peak = 2**depth - 1
    unit = 2 ** (depth - 8)
    black, white = (0, peak) if full_range else (16 * unit, 235 * unit)
    grey = np.repeat(picture[..., 1:2], 3, axis=2)
    before = np.rint(black + grey[..., 0] * ((white - black) / 255)).astype(np.uint8 if depth == 8 else np.uint16)
    padded = np.zeros((360, 704), before.dtype)  # as a decoder's rows are
    padded[:, :640] = before
    embedder = Embedder(PAYLOAD, 360, 640)
    embedder.mark_luma(LumaPlane(padded[:, :640], black, white, peak))
    assert not padded[:, 640:].any()
    assert padded.max() <= peak
    added = (padded[:, :640].astype(float) - before) * 255 / (white - black)
    wanted = embedder.mark(grey)[..., 0].astype(float) - grey[..., 0]
    midtones = np.abs(grey[..., 0] - 127.5) < 118  # beyond them RGB has less room than luma
    assert np.abs(added - wanted)[midtones].max() < 2.3
    assert np.corrcoef(added.ravel(), wanted.ravel())[0, 1] > 0.9
