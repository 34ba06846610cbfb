"""What the frames around a frame tell of a face in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_pool import ColorPool
from understudy.merging.rim import Rim
from understudy.merging.texture import Texture


@dataclass(frozen=True, eq=False)
class Moment:
    """A face's neighbours in time; whatever is None is not known, or not asked for.

    Attributes:
        before: (68, 2) landmarks of the same face one frame earlier, in frame pixels.
        after: (68, 2) one frame later.
        colors: colours gathered over the frames around, this one included.
        rims: of this face in the frames around, this one left out, and how much each counts, 0..1.
        texture: grain and detail of the frames around and of this one.
        frame: index of the frame, from which its grain starts.
    """

    before: NDArray[np.float32] | None = None
    after: NDArray[np.float32] | None = None
    colors: ColorPool | None = None
    rims: Sequence[tuple[float, Rim]] = ()
    texture: Texture | None = None
    frame: int = 0


ALONE = Moment()
"""Of a face of which nothing but its own frame is known."""
