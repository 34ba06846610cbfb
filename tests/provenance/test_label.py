"""The visible label: readable on anything, and nowhere but in its corner."""

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from understudy.media.frame import ColorTags
from understudy.project import UnderstudyError
from understudy.provenance import LabelSettings, draw_label
from understudy.provenance.label import _stamp
from understudy.provenance.label_words import Language

DTYPES = (np.uint8, np.uint16, np.float32)


def background(seed: int, dtype: type, height: int = 240, width: int = 320) -> NDArray[Any]:
    """Noise between two random levels, so that bright, dark, flat and busy pictures all occur."""
    random = np.random.default_rng(seed)
    low, high = np.sort(random.uniform(0, 1, (2, 3)), axis=0)
    unit = random.uniform(low, high, (height, width, 3))
    if dtype is np.float32:
        return (unit * 4 - 1).astype(np.float32)  # scene-linear: below black and above white
    return (unit * np.iinfo(dtype).max).astype(dtype)


def luminance(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Relative luminance as WCAG 2 defines it, (H, W)."""
    if pixels.dtype == np.float32:
        linear = np.clip(pixels.astype(np.float64), 0, 1)
    else:
        code = pixels / np.iinfo(pixels.dtype).max
        linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


@given(seed=st.integers(0, 10**6), dtype=st.sampled_from(DTYPES))
@settings(max_examples=40, deadline=None)
def test_letters_stand_out_from_any_background(seed: int, dtype: type) -> None:
    chosen = LabelSettings()
    labelled, _ = draw_label(background(seed, dtype), chosen)
    stamp = _stamp(chosen, 240, 320)
    assert stamp is not None
    shown = luminance(labelled[stamp.rows, stamp.columns])
    letters = shown[stamp.text[..., 0] >= 0.99]
    plate = shown[(stamp.text[..., 0] == 0) & (stamp.plate[..., 0] >= 1)]
    assert letters.size > 20
    assert (letters.min() + 0.05) / (plate.max() + 0.05) >= 7  # WCAG 2 AAA


@given(
    seed=st.integers(0, 10**6),
    dtype=st.sampled_from(DTYPES),
    place=st.sampled_from(["top-left", "top-right", "bottom-left", "bottom-right"]),
    size=st.floats(1.5, 15),
    height=st.integers(1, 200),
    width=st.integers(1, 400),
)
@settings(max_examples=60, deadline=None)
def test_only_flagged_pixels_change(seed: int, dtype: type, place: Any, size: float, height: int, width: int) -> None:
    pixels = background(seed, dtype, height, width)
    before = pixels.copy()
    labelled, changed = draw_label(pixels, LabelSettings(place=place, size=size))
    assert np.array_equal(pixels, before)
    assert labelled.shape == pixels.shape
    assert labelled.dtype == pixels.dtype
    assert np.array_equal(labelled[~changed], pixels[~changed])
    if changed.any():
        rows, columns = np.nonzero(changed)
        above, below = rows.min(), height - 1 - rows.max()
        left, right = columns.min(), width - 1 - columns.max()
        assert (above <= below) if place.startswith("top") else (below <= above)
        assert (left <= right) if place.endswith("left") else (right <= left)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 720), (3840, 2160), (720, 1280)])
def test_the_label_fits_and_its_text_has_the_height_asked_for(width: int, height: int) -> None:
    stamp = _stamp(LabelSettings(size=3), height, width)
    assert stamp is not None
    assert 0 <= stamp.rows.start < stamp.rows.stop <= height
    assert 0 <= stamp.columns.start < stamp.columns.stop <= width
    lines = np.flatnonzero(stamp.text[..., 0].max(axis=1) > 0.5)
    assert 0.6 < (lines[-1] - lines[0] + 1) / (0.03 * height) < 1.1


def test_text_that_is_too_wide_shrinks_to_fit() -> None:
    narrow = _stamp(LabelSettings(size=15), 600, 200)
    assert narrow is not None
    assert narrow.columns.stop - narrow.columns.start < 200


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 4000, 3), (4000, 1, 3), (20, 20, 3)])
def test_a_picture_too_small_for_letters_is_left_alone(shape: tuple[int, int, int]) -> None:
    pixels = np.full(shape, 99, np.uint8)
    labelled, changed = draw_label(pixels, LabelSettings())
    assert labelled is pixels
    assert not changed.any()


def test_switched_off_means_untouched() -> None:
    pixels = background(1, np.uint8)
    labelled, changed = draw_label(pixels, LabelSettings(enabled=False))
    assert labelled is pixels
    assert not changed.any()


def test_values_that_are_not_numbers_stay_outside_the_letters() -> None:
    pixels = np.full((240, 320, 3), np.nan, np.float32)
    pixels[:, ::2] = np.inf
    labelled, changed = draw_label(pixels, LabelSettings())
    stamp = _stamp(LabelSettings(), 240, 320)
    assert stamp is not None
    solid = np.zeros_like(changed)
    solid[stamp.rows, stamp.columns] = stamp.plate[..., 0] >= 1
    assert np.isfinite(labelled[solid]).all()


def test_white_text_on_hdr_footage_is_no_brighter_than_graphics_white() -> None:
    pixels = np.full((240, 320, 3), 65535, np.uint16)
    for transfer, white in ((16, 0.58), (18, 0.75)):
        labelled, _ = draw_label(pixels, LabelSettings(), color=ColorTags(transfer=transfer))
        stamp = _stamp(LabelSettings(), 240, 320)
        assert stamp is not None
        letters = labelled[stamp.rows, stamp.columns][stamp.text[..., 0] >= 1]
        assert letters.max() == pytest.approx(white * 65535, abs=2)


def test_a_letter_that_the_font_lacks_is_said_at_once() -> None:
    with pytest.raises(UnderstudyError, match="no '漢'"):
        draw_label(background(1, np.uint8), LabelSettings(text="漢字"))


@pytest.mark.parametrize("style", ["text", "icon", "both"])
@pytest.mark.parametrize("place", ["top-left", "top-right", "bottom-left", "bottom-right", "lower-third"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_kind_of_label_is_readable_on_anything(style: Any, place: Any, dtype: type) -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5 between letters and what lies directly beneath them."""
    random = np.random.default_rng(2)
    white = 1.0 if dtype is np.float32 else np.iinfo(dtype).max
    chosen = LabelSettings(style=style, place=place)
    stamp = _stamp(chosen, 360, 640)
    assert stamp is not None
    for level in (0.0, 0.5, 1.0, None):
        unit = random.random((360, 640, 3)) if level is None else np.full((360, 640, 3), level)
        shown = luminance(draw_label((unit * white).astype(dtype), chosen)[0][stamp.rows, stamp.columns])
        letters = shown[stamp.text[..., 0] >= 0.99]
        plate = shown[(stamp.text[..., 0] == 0) & (stamp.plate[..., 0] >= 1)]
        assert letters.size > 50
        assert (letters.min() + 0.05) / (plate.max() + 0.05) >= 4.5


@pytest.mark.parametrize("safe_area", [0.0, 5.0, 10.0])
@pytest.mark.parametrize("place", ["top-left", "bottom-right", "lower-third"])
def test_it_stays_in_the_safe_area(safe_area: float, place: Any) -> None:
    stamp = _stamp(LabelSettings(safe_area=safe_area, place=place), 720, 1280)
    assert stamp is not None
    assert min(stamp.columns.start, 1280 - stamp.columns.stop) >= safe_area / 100 * 1280 - 1
    assert min(stamp.rows.start, 720 - stamp.rows.stop) >= safe_area / 100 * 720 - 1


def test_the_lower_third_is_where_it_is_called() -> None:
    stamp = _stamp(LabelSettings(place="lower-third", style="both"), 720, 1280)
    assert stamp is not None
    assert stamp.rows.start >= 720 * 2 / 3
    assert (stamp.rows.start + stamp.rows.stop) / 2 == pytest.approx(600, abs=1)


@pytest.mark.parametrize("language", get_args(Language))
def test_every_language_can_be_drawn(language: Any) -> None:
    chosen = LabelSettings(language=language, style="both")
    stamp = _stamp(chosen, 720, 1280)
    assert stamp is not None
    assert stamp.text.max() == 1
    assert chosen.sentence in chosen.shown


def test_it_fades_in_and_out() -> None:
    chosen = LabelSettings(seconds=5, fade=1)
    assert [chosen.opacity(time, 60) for time in (0, 0.5, 1, 4, 4.5, 5, 30)] == [0, 0.5, 1, 1, 0.5, 0, 0]
    assert LabelSettings(fade=1).opacity(59.5, 60) == 0.5
    assert LabelSettings().opacity(0, None) == LabelSettings().opacity(59, 60) == 1
    pixels = np.full((240, 320, 3), 200, np.uint8)
    half, whole = (draw_label(pixels, chosen, opacity=opacity)[0].astype(int) for opacity in (0.5, 1.0))
    assert np.abs((half - 200) * 2 - (whole - 200)).max() <= 2
    assert draw_label(pixels, chosen, opacity=0)[0] is pixels
