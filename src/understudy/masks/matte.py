"""Polygons drawn by hand that keep a swapped face in, or out, moving from key frame to key frame."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

_SUBPIXEL_BITS = 4
_FINER = 4  # Sub-pixels on a side of a pixel ...
_SOFT = 8.0  # ... and half as many where the edge is softer than this, in pixels.
_Coordinate = Annotated[float, Field(ge=-10.0, le=10.0, allow_inf_nan=False)]


class MatteKey(BaseModel):
    """Where a polygon is in one frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frame: int = Field(ge=1, description="The frame's number, counted from 1.")
    points: tuple[tuple[_Coordinate, _Coordinate], ...] = Field(
        min_length=3, max_length=500, description="Corners (x, y), right and down, in the polygon's space."
    )


class Matte(BaseModel):
    """A polygon that limits the swapped face.

    Its points are linear in time between two keys, and stay where they are before the first and after the last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", max_length=100, description="For its owner.")
    effect: Literal["exclude", "include"] = Field(
        default="exclude", description="exclude: no swapped face inside; include: none outside of these polygons."
    )
    space: Literal["frame", "face"] = Field(
        default="frame",
        description="frame: shares of the frame's width and height; face: shares of the face's width, from the outer "
        "end of the brow on the picture's left and the top of the brows, so that the polygon follows the face.",
    )
    feather: float = Field(
        default=2.0, ge=0.0, le=100.0, description="Width of its soft edge, in percent of face width."
    )
    first: int = Field(default=1, ge=1, description="The first frame, counted from 1, in which it counts.")
    last: int | None = Field(default=None, ge=1, description="The last one; until the end when not given.")
    keys: tuple[MatteKey, ...] = Field(min_length=1, max_length=100_000, description="Where it is, by frame.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        frames = [key.frame for key in self.keys]
        if any(later <= earlier for earlier, later in pairwise(frames)):
            raise ValueError("the keys of a matte have to be in the order of their frames, one for a frame")
        if len({len(key.points) for key in self.keys}) > 1:
            raise ValueError("every key of a matte has to have as many points as the others")
        return self

    def at(self, index: int) -> NDArray[np.float64] | None:
        """(N, 2) corners in the frame of that index, which counts from 0; None where the polygon does not count."""
        number = index + 1
        if number < self.first or (self.last is not None and number > self.last):
            return None
        after = next((at for at, key in enumerate(self.keys) if key.frame >= number), len(self.keys) - 1)
        before = max(after - 1, 0) if self.keys[after].frame > number else after
        one, other = self.keys[before], self.keys[after]
        span = other.frame - one.frame
        share = min(max((number - one.frame) / span, 0.0), 1.0) if span else 0.0
        return (1.0 - share) * np.array(one.points, np.float64) + share * np.array(other.points, np.float64)


def limit_mask(
    mattes: Sequence[Matte],
    index: int,
    size: int,
    *,
    frame_to_mask: NDArray[np.float64],
    face_to_mask: NDArray[np.float64],
    percent: float,
) -> NDArray[np.float32] | None:
    """How much of a swapped face the polygons let through.

    Args:
        mattes: the polygons.
        index: of the frame, counted from 0.
        size: side of the mask in pixels.
        frame_to_mask: (2, 3) from shares of the frame's width and height to pixels of the mask.
        face_to_mask: (2, 3) from the face's square to pixels of the mask.
        percent: pixels of the mask in a percent of face width.

    Returns:
        (size, size) float32, 0..1; None where no polygon counts.
    """
    kept: NDArray[np.float32] | None = None
    limit: NDArray[np.float32] | None = None
    for matte in mattes:
        points = matte.at(index)
        if points is None:
            continue
        matrix = frame_to_mask if matte.space == "frame" else face_to_mask
        drawn = _drawn(points @ matrix[:, :2].T + matrix[:, 2], size, matte.feather * percent)
        if matte.effect == "include":
            kept = drawn if kept is None else np.maximum(kept, drawn)
        else:
            limit = 1 - drawn if limit is None else limit * (1 - drawn)
    if kept is None or limit is None:
        return limit if kept is None else kept
    return limit * kept


def _drawn(points: NDArray[np.float64], size: int, feather: float) -> NDArray[np.float32]:
    """A filled polygon with a soft edge, as if the square went on around the mask.

    Drawn finer and averaged: OpenCV's own smooth edges make polygons wider by more than half a pixel on each side.
    """
    margin = min(int(np.ceil(feather)) + 1, size)
    finer = _FINER if feather < _SOFT else _FINER // 2
    side = size + 2 * margin
    mask = np.zeros((side * finer, side * finer), np.uint8)
    largest = 2.0 ** (14 + _SUBPIXEL_BITS)  # OpenCV's polygons wrap around beyond 16 bits of whole pixels.
    fine = (points + margin) * finer + (finer - 1) / 2
    fixed = np.clip(np.rint(fine * 2**_SUBPIXEL_BITS), -largest, largest).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, cv2.LINE_8, _SUBPIXEL_BITS)
    drawn: NDArray[Any] = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    drawn *= np.float32(1.0 / 255.0)
    if feather > 0:
        drawn = cv2.GaussianBlur(drawn, (0, 0), feather / 4, borderType=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(drawn[margin : margin + size, margin : margin + size])
