"""The 68 landmarks of iBUG 300-W and a denser set, as fixed places on the net."""

from functools import cache

import numpy as np

from understudy.actors.field import path_distance
from understudy.actors.lattice import EYE_CORNERS, FOCUS, MOUTH_CORNER, lattice
from understudy.actors.neutral import lip_height, neutral_head
from understudy.actors.vector import Floats

# Places on the neutral head as (azimuth, elevation) in degrees seen from `FOCUS`, image-right half; where annotators
# put their points was measured with the default landmarker on rendered faces.
_JAW = (  # from beside the eye down to the chin
    (71.0, -3.0),
    (70.5, -13.5),
    (69.0, -24.0),
    (66.0, -35.0),
    (57.0, -46.5),
    (43.5, -53.0),
    (28.0, -55.2),
    (10.5, -50.6),
    (0.0, -50.4),
)
_BROW = ((8.2, 12.0), (17.0, 13.5), (26.0, 15.8), (33.5, 14.7), (41.3, 12.2))  # from its inner end
_BRIDGE = ((0.0, 1.3), (0.0, -7.0), (0.0, -12.7), (0.0, -17.9))
_NOSTRILS = ((8.8, -23.5), (3.9, -24.4), (0.0, -22.9))  # from the wing to the middle
_LID_SHARES = (0.28, 0.61)  # of the way from the inner to the outer corner
_UPPER_LIP = (0.52, 0.24)  # of the mouth's half width: landmarks 53 and 52
_LOWER_LIP = (0.49, 0.24)
_INNER_LIP = 0.19
_EVERY = 5  # of the net's rows and columns, for the dense set


@cache
def landmark_places() -> Floats:
    """(68, 2) row and column on the net of each landmark, in fractions."""
    net = lattice()
    jaw = [_seen_at(a, e) for a, e in _JAW]
    brow = [_seen_at(a, e) for a, e in _BROW]
    nostrils = [_seen_at(a, e) for a, e in _NOSTRILS]
    mirrored = _mirrored
    inner, outer = EYE_CORNERS

    def lid(row: int, share: float) -> tuple[float, float]:
        return row, _column(inner + share * (outer - inner))

    upper, lower = net.eyes.upper, net.eyes.lower
    near, far = _LID_SHARES
    eye = [lid(upper, 0), lid(upper, near), lid(upper, far), lid(upper, 1), lid(lower, far), lid(lower, near)]
    other = [mirrored(p) for p in (eye[3], eye[2], eye[1], eye[0], eye[5], eye[4])]

    def lip(share: float, *, above: bool) -> tuple[float, float]:
        return _lip_border(share * MOUTH_CORNER, above=above)

    corner = (net.mouth.upper, _column(MOUTH_CORNER))
    up = [lip(s, above=True) for s in _UPPER_LIP]
    down = [lip(s, above=False) for s in _LOWER_LIP]
    top, bottom = lip(0, above=True), lip(0, above=False)
    inside = _column(0.80 * MOUTH_CORNER)
    between = _column(_INNER_LIP * MOUTH_CORNER)
    middle = _column(0.0)
    first, last = net.mouth.upper, net.mouth.lower
    points = [
        *(mirrored(p) for p in jaw[:-1]),
        *reversed(jaw),
        *(mirrored(p) for p in reversed(brow)),
        *brow,
        *(_seen_at(a, e) for a, e in _BRIDGE),
        *(mirrored(p) for p in nostrils[:-1]),
        *reversed(nostrils),
        *other,
        *eye,
        mirrored(corner),
        *(mirrored(p) for p in up),
        top,
        *reversed(up),
        corner,
        *down,
        bottom,
        *(mirrored(p) for p in reversed(down)),
        mirrored((first, inside)),
        mirrored((first, between)),
        (first, middle),
        (first, between),
        (first, inside),
        (last, between),
        (last, middle),
        mirrored((last, between)),
    ]
    return np.array(points, np.float32)


@cache
def dense_places() -> Floats:
    """(N, 2) row and column of the dense set: a thinned net over the face."""
    head, net = neutral_head(), lattice()
    rows, columns = np.meshgrid(np.arange(0, net.shape[0], _EVERY), np.arange(4, net.shape[1], _EVERY), indexing="ij")
    p = head[rows, columns]
    face = (p[..., 2] > -62) & (p[..., 1] > -121 - 0.45 * np.minimum(p[..., 2], 0)) & (p[..., 1] < 62)
    for slit in (net.eyes, net.mouth):
        face &= ~((rows > slit.upper) & (rows < slit.lower))
    return np.stack([rows[face], columns[face]], axis=-1).astype(np.float32)


def on_net(grid: Floats, places: Floats) -> Floats:
    """Values (N, K) of a grid (R, C, K) at rows and columns (N, 2), interpolated linearly."""
    row, column = places[:, 0], places[:, 1]
    r = np.minimum(row.astype(np.intp), grid.shape[0] - 2)
    c = np.minimum(column.astype(np.intp), grid.shape[1] - 2)
    a, b = (row - r)[:, None], (column - c)[:, None]
    upper = grid[r, c] * (1 - b) + grid[r, c + 1] * b
    lower = grid[r + 1, c] * (1 - b) + grid[r + 1, c + 1] * b
    return np.asarray(upper * (1 - a) + lower * a, np.float32)


def _column(azimuth: float) -> float:
    return float(np.interp(azimuth, lattice().azimuth, np.arange(lattice().shape[1])))


def _mirrored(place: tuple[float, float]) -> tuple[float, float]:
    return place[0], lattice().shape[1] - 1 - place[1]


def _seen_at(azimuth: float, elevation: float) -> tuple[float, float]:
    """The place on the neutral head in a direction (degrees) from `FOCUS`."""
    a, e = np.deg2rad([azimuth, elevation])
    ray = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
    distance = path_distance(neutral_head(), (tuple(FOCUS), tuple(FOCUS + 160 * ray)))
    row = int(np.argmin(distance.min(axis=1)))
    column = _column(float(a))
    across = [float(np.interp(column, np.arange(distance.shape[1]), distance[r])) for r in (row - 1, row, row + 1)]
    # The foot of the V that distances on both sides of the ray make.
    other = 0 if across[0] < across[2] else 2
    share = across[1] / max(across[1] + across[other], 1e-9)
    return row + (other - 1) * share, column


def _lip_border(azimuth: float, *, above: bool) -> tuple[float, float]:
    """Where the red of a lip ends, over or under the slit."""
    net, height = lattice(), lip_height()
    column = _column(azimuth)
    at = np.array([np.interp(column, np.arange(net.shape[1]), row) for row in height])
    if above:
        rows = np.arange(net.mouth.upper - 14, net.mouth.upper + 1)[::-1]
    else:
        rows = np.arange(net.mouth.lower, net.mouth.lower + 18)
    return float(np.interp(1.0, at[rows], rows.astype(float))), column
