"""HDR as light: known values of the curves, and code values that come back out of a file."""

import numpy as np
import OpenEXR
import pytest

from understudy.media import EncodeSettings, open_sink, open_source, read_image
from understudy.media.exr import read_channels, write_channels
from understudy.media.frame import ColorTags
from understudy.media.hdr_curves import hlg_light, pq_light
from understudy.media.linear import to_linear
from understudy.media.matte import Matte, in_layers
from understudy.media.scene_light import scene_linear

PQ = ColorTags(primaries=9, transfer=16, matrix=9, full_range=False)
HLG = ColorTags(primaries=9, transfer=18, matrix=9, full_range=False)


def pq_code(light):
    """The inverse EOTF as ST 2084 prints it, of cd/m2."""
    power = (np.maximum(light, 0) / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg_code(light):
    """The OETF as ARIB STD-B67 prints it."""
    light = np.maximum(light, 0)
    bright = 0.17883277 * np.log(np.maximum(12 * light - 0.28466892, 1e-9)) + 0.55991073
    return np.where(light <= 1 / 12, np.sqrt(3 * light), bright)


def test_the_curves_have_their_known_values():
    """PQ: BT.2408, table 1, and BT.2100; HLG: BT.2100, table 5."""
    nits = pq_light(np.array([0, 0.508078, 0.580689, 0.751827, 1]))
    np.testing.assert_allclose(nits, [0, 100, 203, 1000, 10_000], rtol=1e-4, atol=1e-9)
    scene = hlg_light(np.array([0, 0.25, 0.5, 0.75, 1]))
    np.testing.assert_allclose(scene, [0, 1 / 48, 1 / 12, 0.2649626, 1], rtol=1e-6)


@pytest.mark.parametrize("half", [True, False])
def test_every_ten_bit_code_comes_back_from_exr(tmp_path, half):
    codes = np.arange(1024)
    pixels = np.rint(codes * 65535 / 1023).astype(np.uint16).reshape(32, 32)
    for color, back in ((PQ, lambda light: pq_code(203 * light)), (HLG, lambda light: hlg_code(0.2649626 * light))):
        path = tmp_path / f"{color.transfer}.exr"
        write_channels(path, {"Y": scene_linear(pixels, color)}, half=half)
        found = np.rint(1023 * back(read_channels(path)["Y"].astype(np.float64))).ravel()
        assert np.abs(found - codes).max() <= 1


def test_reference_white_is_one_and_other_footage_is_as_it_was():
    assert scene_linear(np.uint16([round(0.580689 * 65535)]), PQ)[0] == pytest.approx(1, rel=1e-3)
    assert scene_linear(np.uint16([round(0.75 * 65535)]), HLG)[0] == pytest.approx(1, rel=1e-3)
    whole = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(scene_linear(whole, ColorTags(transfer=1)), to_linear(whole / np.float32(255)))


@pytest.mark.parametrize("color", [PQ, HLG])
def test_pictures_of_hdr_video_are_light_and_say_whose(tmp_path, make_video, color):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", "yuv420p10le", count=1, tags=color)])
    with open_sink(tmp_path / "out", like=source, settings=EncodeSettings(image_format="exr", bits=32)) as sink:
        for frame in source.frames():
            sink.write(frame, frame.pixels, None)
    (path,) = (tmp_path / "out").iterdir()
    np.testing.assert_array_equal(read_image(path)[0], scene_linear(frame.pixels, color))
    with OpenEXR.File(str(path), header_only=True) as file:
        header = {name: file.header().get(name) for name in ("chromaticities", "whiteLuminance")}
    np.testing.assert_allclose(header["chromaticities"], [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329])
    assert header["whiteLuminance"] == (203.0 if color == PQ else None)
    assert any("reference white at 1" in note for note in sink.notes)


def test_a_face_over_hdr_footage_gives_the_merged_frame_in_light(tmp_path):
    random = np.random.default_rng(3)
    merged, plate = random.integers(0, 65536, (2, 8, 9, 3), dtype=np.uint16)
    alpha = random.random((8, 9)).astype(np.float32)
    layers = in_layers(merged, plate, Matte(alpha), PQ)
    over = np.dstack([layers[f"face.{name}"] + (1 - alpha) * layers[f"plate.{name}"] for name in "RGB"])
    np.testing.assert_allclose(over, pq_light(merged / 65535) / 203, rtol=1e-4, atol=1e-4)
