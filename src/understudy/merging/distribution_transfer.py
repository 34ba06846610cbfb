"""Colour transfers that match the whole distribution of colours: idt, sot and mix.

Each moves the samples' face colours until they are distributed as the reference's, along fixed directions that are
spread evenly, so that the same colours always come out the same; a smooth `ColorMap` then takes what became of the
samples to the picture. In the field's program the directions are random and anew in each frame, which flickers.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_map import ColorMap
from understudy.merging.color_samples import ColorSamples
from understudy.merging.linear_color import lab_of, monge_kantorovich_map, weighted_statistics

_MOST = 3072  # samples that are moved
_LEAST = 1e-3  # weight below which a sample is not worth it
_ROTATIONS = 12
_STEPS, _DIRECTIONS = 6, 8
_SMOOTH = 1 / 16  # sigma, in sides of the crop, over which sot's change of colour is smoothed


def iterative_transfer(face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """idt: match histograms along the axes of one rotation after another (Pitié, Kokaram and Dahyot, CVIU 2007).

    Args:
        face: (S, S, 3) RGB 0..1.

    Returns:
        (S, S, 3) float32; may leave 0..1. The same holds for the others.
    """
    return _map_as(face, samples, [*_rotations(_ROTATIONS)])


def sliced_transport(
    face: NDArray[np.float32], samples: ColorSamples, mask: NDArray[np.float32]
) -> NDArray[np.float32]:
    """sot: sliced optimal transport (Bonneel, Rabin, Peyré and Pfister, JMIV 2015), its change smoothed over the face.

    Args:
        mask: (S, S): the change is smoothed within it.
    """
    change = _map_as(face, samples, [*_directions(_STEPS, _DIRECTIONS)]) - face
    sigma = _SMOOTH * face.shape[0]
    heard = mask + np.float32(1e-5)
    smooth: NDArray[Any] = cv2.GaussianBlur(change * heard[..., None], (0, 0), sigma)
    smooth /= cv2.GaussianBlur(heard, (0, 0), sigma)[..., None]
    smooth += face
    return smooth


def mixed_transfer(face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """mix: lightness by mean and spread, the two colour axes of CIE Lab by sliced optimal transport."""
    samples = _fewer(samples)
    lab, reference = lab_of(samples.face), lab_of(samples.reference)
    mean, covariance = weighted_statistics(lab, samples.weights)
    goal_mean, goal_covariance = weighted_statistics(reference, samples.weights)
    gain = np.sqrt(goal_covariance[0, 0] / max(covariance[0, 0], 1e-4))
    lightness = (lab[:, 0] - mean[0]) * gain + goal_mean[0]
    turns = (np.arange(_STEPS * _DIRECTIONS) * 0.6180339887) % 1.0 * np.pi
    axes = np.stack([np.cos(turns), np.sin(turns)], axis=1).reshape(_STEPS, _DIRECTIONS, 2)
    chroma = _moved(lab[:, 1:], reference[:, 1:], samples.weights, list(axes))
    moved = np.column_stack([np.clip(lightness, 0, 100), chroma]).astype(np.float32)
    goals: NDArray[Any] = cv2.cvtColor(moved[None], cv2.COLOR_LAB2RGB)[0]
    goals += samples.face - cv2.cvtColor(lab[None], cv2.COLOR_LAB2RGB)[0]  # what the tables of Lab are off by
    matrix, offset = monge_kantorovich_map(samples)
    return ColorMap(samples.face, goals, samples.weights, matrix=matrix, offset=offset)(face)


def _map_as(
    face: NDArray[np.float32], samples: ColorSamples, steps: Sequence[NDArray[np.float64]]
) -> NDArray[np.float32]:
    """The linear map of the least change first, which leaves little to do."""
    samples = _fewer(samples)
    matrix, offset = monge_kantorovich_map(samples)
    start = samples.face @ matrix.T + offset
    goals = _moved(start, samples.reference, samples.weights, steps)
    return ColorMap(samples.face, goals, samples.weights, matrix=matrix, offset=offset)(face)


def _fewer(samples: ColorSamples) -> ColorSamples:
    """Those that count; of many, every so manieth, at the same places when the mask moves a little."""
    counts = samples.weights > _LEAST
    step = max(1, -(-int(np.count_nonzero(counts)) // _MOST))
    chosen = np.flatnonzero(counts[::step]) * step
    return ColorSamples(samples.face[chosen], samples.reference[chosen], samples.weights[chosen])


def _moved(
    colors: NDArray[Any], goals: NDArray[Any], weights: NDArray[np.float32], steps: Sequence[NDArray[np.float64]]
) -> NDArray[Any]:
    """Colours (N, D) moved step by step until distributed as `goals` (N, D).

    Args:
        steps: (K, D) unit vectors each: a step moves the colours along each by what takes them to the goal of equal
            rank, summed over orthogonal directions, averaged over how often the K cover the D dimensions.
    """
    for axes in steps:
        along = np.ascontiguousarray(axes @ colors.T)  # (K, N)
        change = _to_equal_rank(along, axes @ goals.T, weights) - along
        colors = colors + change.T @ axes * (axes.shape[1] / len(axes))
    return colors


def _to_equal_rank(values: NDArray[Any], goals: NDArray[Any], weights: NDArray[np.float32]) -> NDArray[Any]:
    """For each of (K, N) values the one of equal rank among the goals (K, N)."""
    found = np.empty_like(values)
    order, goal_order = np.argsort(values, axis=1), np.argsort(goals, axis=1)
    for row, goal, places, goal_places in zip(found, goals, order, goal_order, strict=True):
        row[places] = np.interp(_ranks(weights[places]), _ranks(weights[goal_places]), goal[goal_places])
    return found


def _ranks(weights: NDArray[np.float32]) -> NDArray[Any]:
    """Weight below the middle of each sample."""
    return np.cumsum(weights, dtype=np.float64) - weights / 2


def _rotations(count: int) -> NDArray[np.float64]:
    """(count, 3, 3) rotations spread evenly: Shoemake's quaternions of a sequence of low discrepancy."""
    root = 1.2207440846057596  # the real root of x^4 = x + 1, whose powers make the sequence
    u, v, w = (np.arange(1, count + 1)[:, None] / root ** np.arange(1, 4) % 1.0).T
    x, y = np.sqrt(1 - u) * np.sin(2 * np.pi * v), np.sqrt(1 - u) * np.cos(2 * np.pi * v)
    z, s = np.sqrt(u) * np.sin(2 * np.pi * w), np.sqrt(u) * np.cos(2 * np.pi * w)
    return np.stack(
        [
            np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * s), 2 * (x * z + y * s)], axis=1),
            np.stack([2 * (x * y + z * s), 1 - 2 * (x * x + z * z), 2 * (y * z - x * s)], axis=1),
            np.stack([2 * (x * z - y * s), 2 * (y * z + x * s), 1 - 2 * (x * x + y * y)], axis=1),
        ],
        axis=1,
    )


def _directions(steps: int, count: int) -> NDArray[np.float64]:
    """(steps, count, 3) unit vectors, spread evenly over half of the sphere within each step and over all."""
    index = np.arange(steps * count)
    height = (index * 0.7548776662 + 0.5) % 1.0  # of the half sphere: equal heights have equal areas
    turn = 2 * np.pi * (index * 0.5698402910 % 1.0)
    radius = np.sqrt(1 - height * height)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=1).reshape(steps, count, 3)
