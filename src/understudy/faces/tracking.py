"""Which face of a frame is which face of the frame before."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from understudy.faces.detection import overlap
from understudy.faces.face import Face

_LEAST_OVERLAP = 0.2
_FACES_PER_FRAME = 1000


def track_numbers(boxes: Sequence[NDArray[np.float32]], previous: Sequence[Face], frame_index: int) -> list[int]:
    """Number faces so that one that goes on from the frame before keeps its number.

    Pairs are made from the largest overlap down. A new face gets 1000 times the frame's index plus the first free
    rank: a number that nobody else in the source has, and that follows from the two frames alone, so that a run taken
    up in the middle counts as the whole run would.

    Args:
        boxes: (4,) boxes of this frame.
        previous: faces of the frame before.
        frame_index: of this frame.
    """
    numbers: dict[int, int] = {}
    taken: set[int] = set()
    tracked = [face for face in previous if face.track >= 0]
    if tracked:
        before = np.stack([face.box for face in tracked])
        pairs = [
            (float(share), here, there)
            for here, box in enumerate(boxes)
            for there, share in enumerate(overlap(box, before))
            if share >= _LEAST_OVERLAP
        ]
        for _, here, there in sorted(pairs, key=lambda pair: -pair[0]):
            track = tracked[there].track
            if here not in numbers and track not in taken:
                numbers[here] = track
                taken.add(track)
    fresh = (number for number in range(frame_index * _FACES_PER_FRAME, (frame_index + 1) * _FACES_PER_FRAME))
    return [numbers[here] if here in numbers else next(fresh) for here in range(len(boxes))]
