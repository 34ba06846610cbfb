"""The old program's edge, against its description followed step by step with plain loops."""

import cv2
import numpy as np
import pytest

from understudy.masks.dfl_edge import shape_like_dfl

R = 24


def oval():
    place = np.arange(R, dtype=np.float32) - (R - 1) / 2
    return np.clip((0.38 * R - np.hypot(place[None, :], 0.8 * place[:, None])) / 2, 0.0, 1.0).astype(np.float32)


def ellipse(side):
    """(y, x) offsets of the disc that the old program's library builds: full rows between rounded half widths."""
    half = side // 2
    offsets = []
    for y in range(side):
        dy = y - half
        if abs(dy) <= half:
            width = round(half * np.sqrt((half * half - dy * dy) / max(half * half, 1)))
            offsets += [(dy, x - half) for x in range(max(half - width, 0), min(half + width + 1, side))]
    return offsets


def by_the_book(mask, erode, blur):
    w = np.where(mask < 1 / 255, 0.0, mask)
    w = cv2.resize(w.astype(np.float32), (4 * R, 4 * R), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    padded = np.zeros((6 * R, 6 * R))
    padded[R:-R, R:-R] = w
    if erode:
        choose = np.minimum if erode > 0 else np.maximum
        outside = np.inf if erode > 0 else -np.inf
        # Erosion looks to where the disc's pixels are; dilation to the same offsets, as the library has it.
        reach = abs(erode)
        around = np.pad(padded, reach, constant_values=outside)
        result = np.full_like(padded, outside)
        for dy, dx in ellipse(reach):
            view = around[reach + dy : reach + dy + 6 * R, reach + dx : reach + dx + 6 * R]
            result = choose(result, view)
        padded = result
    rim = R + blur // 2
    kept = np.zeros_like(padded)
    kept[rim : 6 * R - rim, rim : 6 * R - rim] = padded[rim : 6 * R - rim, rim : 6 * R - rim]
    if blur:
        side = blur if blur % 2 else blur + 1
        sigma = 0.3 * ((side - 1) / 2 - 1) + 0.8
        line = np.exp(-((np.arange(side) - side // 2) ** 2) / (2 * sigma * sigma))
        line /= line.sum()
        kept = np.apply_along_axis(np.convolve, 0, kept, line, mode="same")
        kept = np.apply_along_axis(np.convolve, 1, kept, line, mode="same")
    w = np.clip(kept[R:-R, R:-R], 0, 1).astype(np.float32)
    return cv2.resize(w, (R, R), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize(
    ("erode", "blur"), [(0, 0), (7, 0), (20, 0), (-9, 0), (-40, 12), (0, 15), (0, 30), (11, 25), (400, 0), (-400, 21)]
)
def test_erode_and_blur_are_those_of_the_description(erode, blur):
    expected = np.clip(by_the_book(oval(), erode, blur), 0, 1)
    expected = np.where(expected < 1 / 255, 0, expected)
    assert np.abs(shape_like_dfl(oval(), erode=erode, blur=blur) - expected).max() < 2e-3


def test_faint_values_are_cut():
    faint = np.full((R, R), 0.9 / 255, np.float32)
    assert not shape_like_dfl(faint, erode=0, blur=0).any()


def test_a_full_square_fades_out_where_the_blur_needs_it():
    shaped = shape_like_dfl(np.ones((R, R), np.float32), erode=0, blur=40)
    assert shaped[0].max() < 0.1
    assert shaped[R // 2, R // 2] == pytest.approx(1.0, abs=1e-3)
