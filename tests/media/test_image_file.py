"""Pictures survive being written and read, and broken ones are named."""

import cv2
import numpy as np
import OpenEXR
import pytest
from PIL import Image

from understudy.media import read_image, write_image
from understudy.media.linear import from_linear, to_linear
from understudy.project.errors import UnderstudyError


def noise(dtype, shape=(9, 13, 3)):
    random = np.random.default_rng(1)
    if dtype == np.float32:
        return random.normal(0.5, 2, shape).astype(np.float32)
    return random.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize(
    ("suffix", "dtype"),
    [(".png", np.uint8), (".png", np.uint16), (".tif", np.uint8), (".tiff", np.uint16), (".exr", np.float32)],
)
def test_lossless_formats_give_back_every_bit(tmp_path, suffix, dtype, with_alpha):
    path = tmp_path / f"größe 画像{suffix}"
    pixels, alpha = noise(dtype), noise(dtype, (9, 13)) if with_alpha else None
    write_image(path, pixels, alpha)
    again, alpha_again = read_image(path)
    np.testing.assert_array_equal(again, pixels)
    assert again.dtype == dtype
    assert (alpha_again is None) == (alpha is None)
    if with_alpha:
        np.testing.assert_array_equal(alpha_again, alpha)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_jpeg_keeps_colour_at_full_resolution(tmp_path):
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2, 0] = 250
    stripes[:, 1::2, 2] = 250
    write_image(tmp_path / "a.jpg", stripes, quality=98)
    pixels, alpha = read_image(tmp_path / "a.jpg")
    assert alpha is None
    assert np.abs(pixels.astype(int) - stripes).max() < 20
    write_image(tmp_path / "deep.jpg", stripes.astype(np.uint16) * 257, quality=98)
    np.testing.assert_array_equal(read_image(tmp_path / "deep.jpg")[0], pixels)


def test_integers_become_half_floats_of_linear_light_in_exr_and_come_back(tmp_path):
    pixels = noise(np.uint8)
    write_image(tmp_path / "a.exr", pixels)
    linear, _ = read_image(tmp_path / "a.exr")
    np.testing.assert_allclose(linear, to_linear(pixels / 255), rtol=1e-3, atol=1e-6)
    write_image(tmp_path / "back.png", linear)
    back, _ = read_image(tmp_path / "back.png")
    assert back.dtype == np.uint16
    np.testing.assert_allclose(back / 257, pixels, atol=0.3)


def test_the_srgb_curve_has_its_known_values_and_inverts():
    np.testing.assert_allclose(to_linear(np.array([0, 0.04045, 0.5, 1])), [0, 0.0031308, 0.21404114, 1], atol=1e-6)
    values = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(from_linear(to_linear(values)), values, atol=1e-5)
    np.testing.assert_allclose(from_linear(np.array([-1.0, 5.0, np.nan])), [0, 1, 0], atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_becomes_three_equal_channels(tmp_path, dtype):
    gray = noise(dtype, (5, 7))
    (tmp_path / "g.png").write_bytes(cv2.imencode(".png", gray)[1].tobytes())
    pixels, alpha = read_image(tmp_path / "g.png")
    assert alpha is None
    for channel in range(3):
        np.testing.assert_array_equal(pixels[..., channel], gray)


def test_grey_exr_and_windows_that_overhang_are_read_in_place(tmp_path):
    luma = noise(np.float32, (6, 8))
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "dataWindow": (np.array([-2, 1], np.int32), np.array([5, 6], np.int32)),
        "displayWindow": (np.array([0, 0], np.int32), np.array([9, 4], np.int32)),
    }
    with OpenEXR.File(header, {"Y": luma}) as file:
        file.write(str(tmp_path / "w.exr"))
    pixels, _ = read_image(tmp_path / "w.exr")
    expected = np.zeros((5, 10), np.float32)
    expected[1:5, 0:6] = luma[0:4, 2:8]
    np.testing.assert_array_equal(pixels[..., 1], expected)


def test_webp_and_palettes_are_read(tmp_path):
    pixels = noise(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True)
    np.testing.assert_array_equal(read_image(tmp_path / "a.webp")[0], pixels)
    flat = np.zeros((8, 8, 3), np.uint8)
    flat[:4] = (200, 10, 30)
    Image.fromarray(flat).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_image(tmp_path / "p.png")[0], flat)


def test_exif_orientation_is_applied(tmp_path):
    flat = np.zeros((16, 24, 3), np.uint8)
    flat[:8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the stored top is the right side
    Image.fromarray(flat).save(tmp_path / "o.jpg", exif=exif, quality=95)
    pixels, _ = read_image(tmp_path / "o.jpg")
    assert pixels.shape == (24, 16, 3)
    assert pixels[:, 9:].min() > 200
    assert pixels[:, :7].max() < 50


def test_what_is_no_picture_is_named_in_one_line(tmp_path):
    write_image(tmp_path / "whole.png", noise(np.uint8, (64, 64, 3)))
    write_image(tmp_path / "whole.exr", noise(np.float32, (64, 64, 3)))
    contents = {
        "empty.png": b"",
        "text.jpg": b"not a picture at all",
        "short.png": (tmp_path / "whole.png").read_bytes()[:100],
        "short.exr": (tmp_path / "whole.exr").read_bytes()[:2000],
        "text.exr": b"v/1\x01 but nothing else",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    for name in (*contents, "missing.png", "missing.exr"):
        with pytest.raises(UnderstudyError) as caught:
            read_image(tmp_path / name)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_picture_bomb_is_refused_by_its_header(tmp_path):
    Image.new("1", (20000, 8)).save(tmp_path / "bomb.png")
    with pytest.raises(UnderstudyError, match="20000x8"):
        read_image(tmp_path / "bomb.png")


def test_unknown_suffixes_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(UnderstudyError, match="suffix"):
        write_image(tmp_path / "a.gif", noise(np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_endless_bytes_is_not_read(tmp_path):
    path = tmp_path / "endless.png"
    write_image(path, np.zeros((8, 8, 3), np.uint8))
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # a hole: it takes no space on disk
    with pytest.raises(UnderstudyError, match="far more than a picture"):
        read_image(path)
