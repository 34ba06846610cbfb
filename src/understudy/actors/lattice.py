"""The net of rows and columns that is laid over the head, with slits where the eyes and the mouth open.

Rows run from the crown down to the base of the neck, columns once around the head, finer where a face has detail.
A slit is a row that is there twice: once as the margin of the upper lid or lip, once of the lower. Between the two lie
rows that turn inwards (the edge of a lid, the inside of a lip); beside the slit they all coincide.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from understudy.actors.vector import Floats, vector

FOCUS = vector(0, 0, -88)
"""The point in the head that the rows above the neck are seen from."""

EYE_CORNERS = np.deg2rad([12.0, 31.8])  # azimuth of the inner and outer corner
MOUTH_CORNER = np.deg2rad(17.0)

_ABOVE = ((89.0, 26.0, 26), (26.0, 0.0, 46))  # (from, to, rows) in degrees of elevation: crown to the eyes
_BETWEEN = ((0.0, -10.0, 18), (-10.0, -29.0, 29), (-29.0, -35.2, 12))  # eyes to mouth
_BELOW = ((-35.2, -44.0, 18), (-44.0, -57.0, 16), (-57.0, -68.0, 8))  # mouth to throat
_NECK = np.linspace(-148, -215, 8)  # millimetres
_INWARD_LID, _INWARD_LIP = 2, 5  # rows of each margin


@dataclass(frozen=True, eq=False)
class Slit:
    """A pair of margins: rows `upper` and `lower` meet when it is closed; rows between them turn inwards."""

    upper: int
    lower: int
    inward: int


@dataclass(frozen=True, eq=False)
class Lattice:
    """The net.

    Attributes:
        azimuth: (C,) radians, 0 at the nose, from -pi to pi; the first and last column are the same seam.
        elevation: (R,) radians of the rows above the neck, at the front; NaN below.
        neck: (R,) height in millimetres of the neck rows; NaN above.
        eyes, mouth: the slits.
    """

    azimuth: Floats
    elevation: Floats
    neck: Floats
    eyes: Slit
    mouth: Slit

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.elevation), len(self.azimuth)


@cache
def lattice() -> Lattice:
    """The one net that every head is made of."""
    eye_row, above = _bands(_ABOVE)
    between_rows, between = _bands(_BETWEEN)
    _, below = _bands(_BELOW)
    eyes = Slit(eye_row, eye_row + 2 * _INWARD_LID + 1, _INWARD_LID)
    mouth_row = eyes.lower + between_rows
    mouth = Slit(mouth_row, mouth_row + 2 * _INWARD_LIP + 1, _INWARD_LIP)
    closed = [
        *above,
        *[above[-1]] * (2 * _INWARD_LID + 1),
        *between[1:],
        *[between[-1]] * (2 * _INWARD_LIP + 1),
        *below[1:],
    ]
    elevation = np.deg2rad(np.array(closed + [np.nan] * len(_NECK), np.float32))
    neck = np.concatenate([np.full(len(closed), np.nan), _NECK]).astype(np.float32)
    return Lattice(_columns(), elevation, neck, eyes, mouth)


def _bands(bands: tuple[tuple[float, float, int], ...]) -> tuple[int, list[float]]:
    """Number of steps, and the steps + 1 elevations, through consecutive bands."""
    rows = [bands[0][0]]
    for start, end, count in bands:
        rows += list(np.linspace(start, end, count + 1)[1:])
    return len(rows) - 1, rows


def _columns() -> Floats:
    """Azimuths: even over the face, growing towards the back."""
    half = np.concatenate([np.linspace(0, 45, 59), np.linspace(45, 100, 28)[1:], np.linspace(100, 180, 15)[1:]])
    return np.asarray(np.deg2rad(np.concatenate([-half[::-1], half[1:]])), np.float32)
