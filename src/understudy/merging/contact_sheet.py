"""One picture that shows what a merge did: frame, aligned face, prediction and result of a few moments."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import face_matrix
from understudy.faces.face import FaceType
from understudy.media import FrameSource, resize
from understudy.merging.crops import face_crop
from understudy.merging.levels import to_display
from understudy.merging.plan import PlacedFace
from understudy.merging.render import RenderedFrame, Renderer

MOMENTS = 6
_ROW = 240  # pixels
_GAP = 4
_FOOTER = 110  # room for the visible label below the pictures


class ContactSheet:
    """Gathers its moments while frames pass by.

    Each row: the frame, the aligned face, the prediction, the same place in the result, the result. Where there are
    several faces, the rows show them in turn, the topmost first.

    Args:
        frames: indices of the frames that have a face; the moments are spread evenly over them.
        face_type_of: the crop geometry of each face's network.
        moments: how many, at most.
    """

    def __init__(
        self, frames: Sequence[int], face_type_of: Callable[[PlacedFace], FaceType], *, moments: int = MOMENTS
    ) -> None:
        ordered = sorted(frames)
        steps = np.linspace(0, len(ordered) - 1, min(moments, len(ordered))) if ordered else ()
        self._moments = {ordered[round(float(step))]: turn for turn, step in enumerate(steps)}
        self._face_type_of = face_type_of
        self._rows: dict[int, NDArray[np.uint8]] = {}

    @property
    def missing(self) -> list[int]:
        """Moments that have not passed by, or in which no face was swapped."""
        return sorted(self._moments.keys() - self._rows.keys())

    def add(self, rendered: RenderedFrame) -> None:
        """Take the frame up if it is one of the moments and a face was swapped in it."""
        if rendered.frame.index not in self._moments or not rendered.swapped:
            return
        turn = self._moments[rendered.frame.index] % len(rendered.swapped)
        face, prediction = rendered.swapped[-1 - turn]
        matrix = face_matrix(face.landmarks, self._face_type_of(face), _ROW)
        before, after = rendered.frame.pixels, rendered.composite.pixels
        parts = [
            _whole(before),
            face_crop(before, matrix, _ROW),
            resize(prediction.face, _ROW, _ROW),
            face_crop(after, matrix, _ROW),
            _whole(after),
        ]
        gap = np.ones((_ROW, _GAP, 3), np.float32)
        row = np.hstack([piece for part in parts for piece in (part, gap)][:-1])
        self._rows[rendered.frame.index] = _eight_bit(row)

    def picture(self) -> NDArray[np.uint8] | None:
        """The rows gathered so far below one another, (H, W, 3) uint8 RGB; None if there are none."""
        if not self._rows:
            return None
        rows = [self._rows[moment] for moment in sorted(self._rows)]
        width = rows[0].shape[1]
        gap, footer = np.full((_GAP, width, 3), 255, np.uint8), np.zeros((_FOOTER, width, 3), np.uint8)
        return np.vstack([*(piece for row in rows for piece in (row, gap)), footer])


def complete(sheet: ContactSheet, renderer: Renderer, source: FrameSource) -> NDArray[np.uint8] | None:
    """The sheet's picture, for which the moments that it lacks are rendered.

    Raises:
        UnderstudyError: a frame cannot be read.
    """
    for moment in sheet.missing:
        first, stop = max(0, moment - renderer.reach.frames), moment + renderer.reach.frames + 1
        frames = source.frames(first, min(stop, source.info.frame_count))
        with closing(renderer.render(frames, range(moment, moment + 1))) as rendering:
            for rendered in rendering:
                sheet.add(rendered)
    return sheet.picture()


def _whole(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """A frame as float32 0..1, scaled to the row's height."""
    height, width = pixels.shape[:2]
    shown = np.clip(to_display(pixels), 0.0, 1.0)
    size = (max(1, round(width * _ROW / height)), _ROW)
    return cv2.resize(shown, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _eight_bit(row: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (np.clip(row, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
