"""Steadier landmarks of one frame: the mean of several looks, each a little beside the last."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from understudy.faces.backends import Landmarker
from understudy.faces.detection import Region
from understudy.faces.landmarks import Landmarks
from understudy.faces.mirror import mirror_landmarks

_SHIFT = 0.04  # of the region's side, at most, along each axis
_ZOOM = 0.08  # natural logarithm of the scale, at most
_TURN = 0.15  # radians, at most
_REACH = 2.0  # regions around the face that a mirrored look is shown
_ROOTS = (2, 3, 5, 7)  # bases of the Halton sequence: shift along x and y, scale, turn


def refine(landmarker: Landmarker, image: NDArray[np.uint8], first: Landmarks, looks: int) -> Landmarks:
    """Look at a face `looks` more times and take the mean of all, each weighted by its score.

    The regions are shifted, scaled and turned a little, evenly and always in the same way (Halton, 1960); every second
    look is at the mirrored picture, so that a leaning of the landmarker to one side cancels out. Mesh points are
    averaged over the looks that are not mirrored.

    Args:
        image: (H, W, 3) RGB.
        first: landmarks whose region shows the face.
        looks: more than 0.
    """
    points, weights = [first.points], [first.score]
    meshes, mesh_weights = [first.dense], [first.score]
    for number, region in enumerate(_regions(first.region, looks)):
        if number % 2 == 0:
            points.append(_mirrored_look(landmarker, image, region, weights))
            continue
        look = landmarker.landmarks(image, region)
        points.append(look.points)
        weights.append(look.score)
        meshes.append(look.dense)
        mesh_weights.append(look.score)
    known = [mesh for mesh in meshes if mesh is not None]
    return replace(
        first,
        points=_mean(points, weights),
        dense=_mean(known, mesh_weights) if len(known) == len(meshes) else None,
    )


def _mean(samples: list[NDArray[np.float32]], weights: list[float]) -> NDArray[np.float32]:
    return np.average(samples, axis=0, weights=np.asarray(weights) + 1e-6).astype(np.float32)


def _mirrored_look(
    landmarker: Landmarker, image: NDArray[np.uint8], region: Region, weights: list[float]
) -> NDArray[np.float32]:
    """(68, 2) of the face as the landmarker sees it in a mirror, in pixels of the image as it is."""
    half = math.ceil(region.side * _REACH / 2)
    left, top = max(0, round(region.x) - half), max(0, round(region.y) - half)
    patch = np.ascontiguousarray(image[top : round(region.y) + half + 1, left : round(region.x) + half + 1][:, ::-1])
    width = patch.shape[1]
    seen = replace(region, x=width - 1 - (region.x - left), y=region.y - top, roll=-region.roll)
    look = landmarker.landmarks(patch, seen)
    weights.append(look.score)
    return mirror_landmarks(look.points, width) + np.array([left, top], np.float32)


def _regions(region: Region, count: int) -> Iterator[Region]:
    for number in range(1, count + 1):
        across, down, zoom, turn = (2 * _halton(number, root) - 1 for root in _ROOTS)
        yield Region(
            x=region.x + across * _SHIFT * region.side,
            y=region.y + down * _SHIFT * region.side,
            side=region.side * math.exp(zoom * _ZOOM),
            roll=region.roll + turn * _TURN,
        )


def _halton(number: int, base: int) -> float:
    """The `number`th member of van der Corput's sequence, in 0..1."""
    value, share = 0.0, 1.0
    while number:
        share /= base
        number, digit = divmod(number, base)
        value += digit * share
    return value
