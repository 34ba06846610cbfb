"""RGB goes back into a codec's planes as it came out of them, and nowhere else."""

import av
import numpy as np
import pytest

from understudy.media.planes import CENTRE, LEFT, PlaneWriter, is_writable
from understudy.media.rgb import RgbReader, bit_depth

FORMATS = [
    *("yuv420p", "yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv410p", "yuva420p", "gray", "bgr0", "bgra"),
    *("yuv420p10le", "yuv422p12le", "yuv444p16le", "yuva444p10le", "gray10le", "gbrp10le", "gbrp16le", "gbrap12le"),
]


def writer(name, size=(64, 48), *, full=False, siting=LEFT):
    full = full or not name.startswith("yuv")
    return PlaneWriter(name, *size, matrix=1, full_range=full, siting=siting)


def tagged(frame, *, full):
    frame.colorspace, frame.color_range = 1, 2 if full else 1
    return frame


def samples(frame):
    planar = writer(frame.format.name, (frame.width, frame.height))
    return [view.copy() for view in planar._views(frame)]


@pytest.mark.parametrize("size", [(64, 48), (35, 27), (5, 3)])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_pixels_read_and_written_back_give_the_same_samples(make_picture, name, full, size):
    planes = writer(name, size, full=full)
    full = full or not name.startswith("yuv")
    alpha = make_picture(3, *size)[..., 1]
    native = tagged(planes.picture(make_picture(1, *size), alpha, None, None), full=full)
    pixels, alpha = RgbReader().read(native)
    again = planes.picture(pixels, alpha, native, None)
    coarse = 2 ** (bit_depth(name) - 8)
    for before, after in zip(samples(native), samples(again), strict=True):
        error = np.abs(before.astype(int) - after.astype(int))
        whole = before.shape == pixels.shape[:2]
        # Subsampled chroma is blurred at the bar's edges on the way, and libswscale stretches it over an odd width;
        # all else loses no more than rounding.
        if whole or size == (64, 48):
            assert error.mean() <= (0.3 if whole else 3) * max(1, coarse / 4)


@pytest.mark.parametrize("siting", [LEFT, CENTRE])
def test_smooth_chroma_does_not_wander(siting):
    y, x = np.mgrid[0:48, 0:64]
    ramp = np.stack([60 + 2 * x, np.full_like(x, 120), 40 + 3 * y], axis=2).astype(np.uint8)
    planes = writer("yuv420p", siting=CENTRE)  # what libswscale assumes where nothing is said
    native = tagged(planes.picture(ramp, None, None, None), full=False)
    pixels, _ = RgbReader().read(native)
    assert np.abs(pixels[4:-4, 4:-4].astype(int) - ramp[4:-4, 4:-4]).max() <= 3
    shifted = writer("yuv420p", siting=siting).picture(ramp, None, None, None)
    by = samples(native)[2].astype(int) - samples(shifted)[2]
    assert (by[4:-4, 4:-4].mean() > 0.3) == (siting is LEFT)


@pytest.mark.parametrize("size", [(64, 48), (35, 27)])
@pytest.mark.parametrize("name", [*FORMATS, "yuvj420p"])
def test_samples_whose_site_has_not_changed_are_the_decoders(make_picture, name, size):
    full = not name.startswith("yuv") or name.startswith("yuvj")
    random = np.random.default_rng(0)
    native = tagged(av.VideoFrame(*size, name), full=full)
    plain = name.replace("yuvj", "yuv")
    planes = writer(plain, size, full=full)
    reading = PlaneWriter(name, *size, matrix=1, full_range=full, siting=LEFT)
    for view in reading._views(native):
        view[...] = random.integers(0, 2 ** bit_depth(name), view.shape)
    changed = np.zeros(size[::-1], bool)
    changed[7:12, 9:20] = True
    changed[-1, -1] = True
    pixels = make_picture(2, *size)
    out = planes.picture(pixels, pixels[..., 0], native, changed)
    computed = planes.picture(pixels, None, native, None)
    before, after, wanted = reading._views(native), planes._views(out), planes._views(computed)
    components = 1 if len(before) < 3 else 3
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        if number >= components:  # alpha
            np.testing.assert_array_equal(new, old)
            continue
        step_y, step_x = (-(-a // b) for a, b in zip(size[::-1], old.shape, strict=True))
        touched = np.zeros(old.shape, bool)
        for row, column in np.argwhere(changed):
            touched[row // step_y, column // step_x] = True
        np.testing.assert_array_equal(new[~touched], old[~touched])
        np.testing.assert_allclose(new[touched].astype(int), wanted[number][touched].astype(int), atol=1)
        assert (new[touched] != old[touched]).any()


def test_nothing_changed_is_the_native_picture(make_picture):
    planes = writer("yuv420p10le")
    native = tagged(planes.picture(make_picture(0), None, None, None), full=False)
    out = planes.picture(make_picture(5), None, native, np.zeros((48, 64), bool))
    for before, after in zip(samples(native), samples(out), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_native_picture_of_another_range_or_format_is_not_mixed_in(make_picture):
    none = np.zeros((48, 64), bool)
    planes = writer("yuv420p")
    alone = samples(planes.picture(make_picture(5), None, None, None))
    for name, full in (("yuv420p", True), ("yuv422p", False), ("yuv420p10le", False)):
        native = tagged(writer(name, full=full).picture(make_picture(0), None, None, None), full=full)
        for a, b in zip(alone, samples(planes.picture(make_picture(5), None, native, none)), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("codec", "suffix", "siting"), [("libx264", "mp4", LEFT), ("libx265", "mp4", LEFT), ("ffv1", "mkv", CENTRE)]
)
def test_the_siting_of_a_streams_chroma_is_found(tmp_path, make_video, codec, suffix, siting):
    path = make_video(tmp_path / f"c.{suffix}", codec, count=1, options={"x265-params": "log-level=none"})
    with av.open(str(path)) as container:
        native = next(container.decode(video=0))
    assert writer("yuv420p")._siting_of(native) == siting


def test_scene_linear_light_is_encoded_for_display():
    middle = np.full((4, 4, 3), 0.21404114, np.float32)
    (luma,) = samples(
        PlaneWriter("gray", 4, 4, matrix=1, full_range=True, siting=LEFT).picture(middle, None, None, None)
    )
    assert (luma == 128).all()


def test_formats_that_pack_or_swap_their_samples_are_not_writable():
    for name in ("nv12", "p010le", "yuyv422", "pal8", "gray10be", "grayf32le", "rgb24", "monob", "rgb48be", "ya8"):
        assert not is_writable(name), name
    assert all(is_writable(name) for name in FORMATS)
