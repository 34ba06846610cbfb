"""A folder of pictures appears whole or not at all."""

import numpy as np
import pytest

from understudy.media import EncodeSettings, open_sink, open_source, read_image, write_image
from understudy.media.linear import to_linear
from understudy.project.errors import UnderstudyError


def render(source, path, image_format="png"):
    with open_sink(path, like=source, settings=EncodeSettings(image_format=image_format)) as sink:
        for frame in source.frames():
            sink.write(frame, frame.pixels, None)
    return sorted(path.iterdir())


@pytest.mark.parametrize("image_format", ["png", "tiff"])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le", "yuva444p10le"])
def test_video_becomes_numbered_pictures_of_its_depth(tmp_path, make_video, pixel_format, image_format):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", pixel_format, count=3)])
    written = render(source, tmp_path / "out", image_format)
    assert [path.name for path in written] == [f"0000{n}.{image_format}" for n in (1, 2, 3)]
    for path, frame in zip(written, source.frames(), strict=True):
        pixels, alpha = read_image(path)
        np.testing.assert_array_equal(pixels, frame.pixels)
        assert pixels.dtype == frame.pixels.dtype
        if frame.alpha is not None:
            np.testing.assert_array_equal(alpha, frame.alpha)


def test_exr_holds_linear_light(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", count=1)])
    (path,) = render(source, tmp_path / "out", "exr")
    frame = next(source.frames())
    np.testing.assert_allclose(read_image(path)[0], to_linear(frame.unit()), rtol=2e-3, atol=1e-6)


def test_pictures_keep_their_names_and_clashing_ones_stay_apart(tmp_path):
    for folder in ("a", "b"):
        for name in ("shot.0101.png", "shot.0102.png"):
            write_image(tmp_path / folder / name, np.zeros((4, 4, 3), np.uint8))
    written = render(open_source([tmp_path / "a"]), tmp_path / "one")
    assert [path.name for path in written] == ["shot.0101.png", "shot.0102.png"]
    written = render(open_source([tmp_path / "a", tmp_path / "b"]), tmp_path / "two")
    assert [path.name for path in written] == [
        "shot.0101.png",
        "shot.0101_00003.png",
        "shot.0102.png",
        "shot.0102_00004.png",
    ]


def test_an_empty_folder_is_filled_and_any_other_is_refused(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mp4", count=1)])
    (tmp_path / "empty").mkdir()
    assert len(render(source, tmp_path / "empty")) == 1
    with pytest.raises(UnderstudyError, match="exists already"):
        render(source, tmp_path / "empty")


def test_nothing_half_written_stays(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mp4", count=5)])

    def fail():
        with open_sink(tmp_path / "out", like=source, settings=EncodeSettings()) as sink:
            for frame in source.frames():
                sink.write(frame, frame.pixels, None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with pytest.raises(UnderstudyError, match="no frame"):
        open_sink(tmp_path / "out", like=source, settings=EncodeSettings()).close()
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


@pytest.mark.parametrize(
    ("image_format", "bits", "dtype"), [("png", 16, np.uint16), ("tiff", 16, np.uint16), ("png", 8, np.uint8)]
)
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le"])
def test_depth_is_what_is_asked_for(tmp_path, make_video, image_format, bits, dtype, pixel_format):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", pixel_format, count=2)])
    settings = EncodeSettings(image_format=image_format, bits=bits)
    with open_sink(tmp_path / "out", like=source, settings=settings) as sink:
        for frame in source.frames():
            sink.write(frame, frame.pixels, None)
    for before, after in zip(source.frames(), open_source([tmp_path / "out"]).frames(), strict=True):
        assert after.pixels.dtype == dtype
        assert np.abs(before.unit() - after.unit()).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize(("image_format", "bits"), [("jpg", 16), ("png", 32), ("exr", 8), ("tiff", 10)])
def test_depths_that_a_format_lacks_are_refused(tmp_path, make_video, image_format, bits):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", count=1)])
    with pytest.raises(UnderstudyError, match=f"{image_format} has no {bits} bits"):
        open_sink(tmp_path / "out", like=source, settings=EncodeSettings(image_format=image_format, bits=bits))


def test_float_exr_is_exact_and_half_is_smaller(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", "yuv420p10le", count=1)])
    sizes = {}
    for bits in (16, 32):
        out = tmp_path / str(bits)
        with open_sink(out, like=source, settings=EncodeSettings(image_format="exr", bits=bits)) as sink:
            for frame in source.frames():
                sink.write(frame, frame.pixels, None)
        (picture,) = out.iterdir()
        sizes[bits] = picture.stat().st_size
        wanted = to_linear(next(source.frames()).unit())
        np.testing.assert_allclose(read_image(picture)[0], wanted, atol=1e-6 if bits == 32 else 1e-3)
    assert sizes[16] < sizes[32]
