"""How a stored picture is turned to stand upright."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Orientation:
    """A mirror image left to right if `mirrored`, then a turn by `quarter_turns` times 90 degrees clockwise."""

    quarter_turns: int = 0
    mirrored: bool = False

    @property
    def degrees(self) -> int:
        return 90 * self.quarter_turns

    @property
    def is_upright(self) -> bool:
        return self == Orientation()

    def apply(self, picture: NDArray[Any]) -> NDArray[Any]:
        """Turn `picture` (H, W, ...) upright; the result is contiguous."""
        if self.mirrored:
            picture = picture[:, ::-1]
        return np.ascontiguousarray(np.rot90(picture, -self.quarter_turns))

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the upright picture."""
        return (height, width) if self.quarter_turns % 2 else (width, height)


# Exif 2.32, tag 0x0112: where row 0 and column 0 of the stored picture lie.
_EXIF = {
    2: Orientation(0, True),
    3: Orientation(2),
    4: Orientation(2, True),
    5: Orientation(3, True),
    6: Orientation(1),
    7: Orientation(1, True),
    8: Orientation(3),
}


def from_exif(tag: object) -> Orientation:
    """Orientation of Exif tag 0x0112; upright for values that the standard does not define."""
    return _EXIF.get(tag, Orientation()) if isinstance(tag, int) else Orientation()


def from_display_matrix(matrix: bytes) -> Orientation:
    """Orientation of a display matrix (ISO/IEC 14496-12, 6.2.2: nine native-endian int32), to the nearest quarter turn.

    The matrix sends a stored point (x, y), y downwards, to (a x + c y, b x + d y).
    """
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    mirrored = a * d - b * c < 0
    x, y = (-a, -b) if mirrored else (a, b)  # where the (unmirrored) picture's x axis points
    if abs(x) >= abs(y):
        return Orientation(0 if x >= 0 else 2, mirrored)
    return Orientation(1 if y > 0 else 3, mirrored)
