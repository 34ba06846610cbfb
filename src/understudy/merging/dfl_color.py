"""Colour transfer and histogram match with the numbers of DeepFaceLab, for results that must match old ones.

What differs from the rest of this room: statistics count every pixel of the square, with the pixels outside of the mask
as they are, as black, or as white.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples
from understudy.merging.distribution_transfer import iterative_transfer, mixed_transfer, sliced_transport
from understudy.merging.linear_color import linear_transfer
from understudy.merging.settings.color import ColorTransfer

_IDT_SHARE = 1.0 - (1.0 - 1.0 / 20) ** 20  # 20 steps, each a twentieth of what is left of the way


def transfer_color_as_dfl(
    kind: ColorTransfer, face: NDArray[np.float32], reference: NDArray[np.float32], mask: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Recolour `face` to `reference`, both (S, S, 3) RGB 0..1, with the mask (S, S) where the transfer has one.

    idt, sot and mix, which are random there, are the same on average.

    Returns:
        (S, S, 3) float32, 0..1.
    """
    if kind == "none":
        return face
    area = (mask > 0).astype(np.float32)
    masked = kind.endswith("-m")
    counted, wanted = (one * area[..., None] if masked else one for one in (face, reference))
    samples = ColorSamples(counted.reshape(-1, 3), wanted.reshape(-1, 3), np.ones(area.size, np.float32))
    recolored: NDArray[Any]
    match kind:
        case "rct":
            recolored = _reinhard(face, reference, area)
        case "lct":
            recolored = linear_transfer(face, samples)
        case "mkl" | "mkl-m":
            recolored = _monge_kantorovich(counted, wanted)
        case "idt" | "idt-m":
            recolored = counted + np.float32(_IDT_SHARE) * (iterative_transfer(counted, samples) - counted)
        case "sot-m":
            recolored = sliced_transport(counted, samples, np.ones_like(area))
        case "mix-m":
            recolored = mixed_transfer(counted, samples)
    return np.asarray(np.clip(recolored, 0.0, 1.0), np.float32)


def match_histogram_as_dfl(
    face: NDArray[np.float32], reference: NDArray[np.float32], mask: NDArray[np.float32] | None, *, threshold: float
) -> NDArray[np.float32]:
    """Replace every value by that of equal rank among all of the reference's, without bins.

    Args:
        face: (S, S, 3) RGB 0..1.
        reference: (S, S, 3).
        mask: (S, S); pixels outside of it count as white on both sides. None: all count as they are.
        threshold: 0..255, share of the reference's ranks that is reached.
    """
    outside = np.zeros(face.shape[:2], np.bool_) if mask is None else mask <= 0
    matched = np.empty_like(face)
    for channel in range(3):
        values = np.where(outside, np.float32(1.0), face[..., channel])
        wanted = np.where(outside, np.float32(1.0), reference[..., channel])
        _, places, counts = np.unique(values.reshape(-1), return_inverse=True, return_counts=True)
        wanted_values, wanted_counts = np.unique(wanted, return_counts=True)
        ranks = np.cumsum(counts) / values.size * (threshold / 255.0)
        found = np.interp(ranks, np.cumsum(wanted_counts) / wanted.size, wanted_values)
        matched[..., channel] = found[places].reshape(values.shape)
    return matched


def _reinhard(face: NDArray[np.float32], reference: NDArray[np.float32], area: NDArray[np.float32]) -> NDArray[Any]:
    lab, wanted = (cv2.cvtColor(one, cv2.COLOR_RGB2LAB) for one in (face, reference))
    counted, wanted_counted = (one.reshape(-1, 3).astype(np.float64) * area.reshape(-1, 1) for one in (lab, wanted))
    gain = wanted_counted.std(axis=0) / np.maximum(counted.std(axis=0), np.finfo(np.float32).eps)
    moved = (lab - counted.mean(axis=0)) * gain + wanted_counted.mean(axis=0)
    limits = np.array([[0, -127, -127], [100, 127, 127]])
    recolored: NDArray[Any] = cv2.cvtColor(np.clip(moved, *limits).astype(np.float32), cv2.COLOR_LAB2RGB)
    return recolored


def _monge_kantorovich(face: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[Any]:
    colors, wanted = face.reshape(-1, 3).astype(np.float64), reference.reshape(-1, 3).astype(np.float64)
    floor = np.finfo(np.float64).eps
    values, turn = np.linalg.eigh(np.cov(colors.T))
    spread = np.sqrt(np.maximum(values, floor))
    middle = spread[:, None] * (turn.T @ np.cov(wanted.T) @ turn) * spread
    middle_values, middle_turn = np.linalg.eigh(middle)
    middle = (middle_turn * np.sqrt(np.maximum(middle_values, floor))) @ middle_turn.T
    matrix = (turn / spread) @ middle @ (turn / spread).T
    moved: NDArray[Any] = (colors - colors.mean(axis=0)) @ matrix + wanted.mean(axis=0)
    return moved.reshape(face.shape).astype(np.float32)
