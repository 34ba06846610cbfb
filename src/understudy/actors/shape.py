"""Who a face is, as far as bone and flesh go: smooth displacements of the neutral head, one for each trait."""

from collections.abc import Callable, Mapping

import numpy as np

from understudy.actors.field import blob, mirror, ramp, stroke
from understudy.actors.solids import EYE_CENTRE
from understudy.actors.vector import Floats, vector

_Field = Callable[[Floats], Floats]  # folded points (..., 3) with x >= 0 -> displacement (..., 3) in millimetres


def _push(weight: Floats, x: float, y: float, z: float) -> Floats:
    return weight[..., None] * vector(x, y, z)


def _sideways(p: Floats, weight: Floats, share: float) -> Floats:
    """Widening by `share` of the distance from the middle."""
    return (weight * p[..., 0])[..., None] * vector(share, 0, 0)


def _y(p: Floats, low: float, high: float) -> Floats:
    return ramp(p[..., 1], low, high)


_EYE = EYE_CENTRE


def _eye_area(p: Floats) -> Floats:
    return blob(p, (_EYE[0], _EYE[1], -8), (21, 19, 30))


TRAITS: Mapping[str, _Field] = {
    # Each is the displacement at +1 (about one standard deviation of adults).
    "skull_width": lambda p: _sideways(p, _y(p, -40, 30), 0.035),
    "skull_height": lambda p: _push(_y(p, 20, 125), 0, 5.0, 0),
    "skull_depth": lambda p: _push(ramp(p[..., 2], -90, -180) * _y(p, -80, 0), 0, 0, -6.0),
    "forehead_slope": lambda p: _push(_y(p, 25, 95) * ramp(p[..., 2], -70, -10), 0, 0, -6.0),
    "forehead_height": lambda p: _push(_y(p, 22, 70), 0, 4.5, 0),
    "face_width": lambda p: _sideways(p, _y(p, -125, -70) * (1 - _y(p, 20, 60)) * ramp(p[..., 2], -95, -30), 0.05),
    "face_length": lambda p: _push(1 - _y(p, -60, -5), 0, -3.6, 0),
    "brow_ridge": lambda p: _push(blob(p, (20, 16, 2), (26, 9, 22)), 0, -0.8, 2.6),
    "cheekbones": lambda p: _push(blob(p, (50, -18, -25), (19, 14, 30)), 3.4, 0.5, 2.2),
    "cheek_fullness": lambda p: (
        _push(blob(p, (40, -52, -18), (21, 24, 28)), 4.0, 0, 3.4)
        + _push(blob(p, (40, -95, -40), (30, 18, 36)), 2.2, -1.5, 1.0)
    ),
    "jaw_width": lambda p: _push(blob(p, (50, -76, -52), (26, 30, 40)), 4.6, -0.6, 0),
    "jaw_square": lambda p: _push(blob(p, (44, -92, -45), (19, 16, 30)), 3.6, -3.6, 0),
    "chin_length": lambda p: _push(1 - _y(p, -108, -74), 0, -3.4, 0),
    "chin_forward": lambda p: _push(blob(p, (0, -103, 4), (24, 17, 24)), 0, 0, 4.0),
    "chin_width": lambda p: _push(blob(p, (18, -105, 0), (16, 15, 24)), 4.2, 0, 0.4),
    "chin_cleft": lambda p: _push(blob(p, (0, -104, 9), (2.6, 7, 12)), 0, 0, -0.8),
    "nose_length": lambda p: _push(blob(p, (0, -34, 16), (20, 13, 24)), 0, -3.0, 0.8),
    "nose_width": lambda p: _push(blob(p, (13, -34, 8), (9, 11, 16)), 2.3, 0, -0.4),
    "nose_height": lambda p: _push(stroke(p, ((0, 4, 8), (0, -30, 26)), 10) * ramp(p[..., 0], 26, 6), 0, 0, 2.4),
    "nose_bridge_width": lambda p: _push(blob(p, (7, -8, 8), (7, 16, 14)), 1.5, 0, 0),
    "nose_hump": lambda p: _push(blob(p, (0, -10, 14), (8, 8.5, 16)), 0, 0.2, 1.7),
    "nose_tip_up": lambda p: _push(blob(p, (0, -32, 26), (12, 9, 14)), 0, 2.4, 0.8),
    "nose_tip_size": lambda p: _push(blob(p, (5, -32, 24), (8, 8, 10)), 1.3, 0, 1.0),
    "mouth_width": lambda p: _sideways(p, blob(p, (16, -65, 6), (22, 18, 26)), 0.105),
    "mouth_height": lambda p: _push(blob(p, (0, -66, 10), (36, 17, 30)), 0, 2.0, 0),
    "mouth_forward": lambda p: _push(blob(p, (0, -64, 10), (32, 22, 30)), 0, 0, 2.6),
    "upper_lip": lambda p: _push(blob(p, (0, -60.5, 15), (19, 4.6, 14)), 0, 1.1, 1.5),
    "lower_lip": lambda p: _push(blob(p, (0, -72, 15), (18, 5.2, 14)), 0, -1.1, 1.6),
    "eye_spacing": lambda p: _push(_eye_area(p), 1.7, 0, -0.3),
    "eye_height": lambda p: _push(_eye_area(p), 0, 1.3, 0),
    "eye_depth": lambda p: _push(_eye_area(p), 0, 0, -1.6),
    "eye_tilt": lambda p: _push(_eye_area(p) * (p[..., 0] - _EYE[0]), 0, 0.075, 0),
    "eye_width": lambda p: _push(_eye_area(p) * (p[..., 0] - _EYE[0]), 0.05, 0, 0),
    "lid_fold": lambda p: (
        _push(stroke(p, ((19, 4.8, -5), (25, 7.6, -3), (32, 8.6, -3), (40, 7.2, -6), (46, 4.0, -14)), 1.5), 0, 0, -1.5)
        + _push(stroke(p, ((20, 9.5, -3), (31, 12.2, 0), (41, 11.0, -5), (48, 6.5, -14)), 2.6), 0, -0.8, 1.2)
    ),
    "eye_bags": lambda p: (
        _push(stroke(p, ((20, -9, -4), (30, -12.5, -2), (42, -9, -9)), 3.6), 0, 0, 0.9)
        - _push(stroke(p, ((18, -12, -1), (28, -17.5, 1), (42, -15, -6)), 2.6), 0, 0, 0.8)
    ),
    "neck_width": lambda p: (
        _sideways(p, 1 - _y(p, -130, -70), 0.08) + _push((1 - _y(p, -130, -70)) * ramp(p[..., 2], -100, -40), 0, 0, 3.0)
    ),
    "weight": lambda p: (
        _push(blob(p, (48, -60, -40), (30, 34, 44)), 4.2, 0, 2.0)
        + _push(blob(p, (0, -122, -34), (36, 20, 34)), 0, -5.5, 3.0)
        + _sideways(p, 1 - _y(p, -140, -85), 0.07)
    ),
    "age": lambda p: (
        _push(stroke(p, ((18, -37, 8), (26, -49, 5), (32, -62, 0)), 3.2), 0, 0, -1.3)
        + _push(blob(p, (38, -84, -22), (12, 12, 20)), 1.6, -2.4, 1.6)
        - _push(stroke(p, ((27, -70, 0), (29, -84, -3)), 3.0), 0, 0, 1.0)
        - _push(blob(p, (37, -30, -10), (13, 12, 16)), 0.3, 1.2, 1.6)
    ),
}
"""Traits by name. Displacements add up; all are smooth, so that any mix of moderate traits is a head."""

ONE_SIDED = frozenset({"age", "eye_bags", "chin_cleft", "lid_fold"})
"""Traits that a face has or has not; the opposite of a fold is no fold."""


def shaped(points: Floats, traits: Mapping[str, float], lopsided: Mapping[str, float] | None = None) -> Floats:
    """Move points (..., 3) of the neutral head to where they are on a head with `traits`.

    Args:
        points: (..., 3) in neutral head coordinates; not only the skin moves but all that lies in it.
        traits: strength by name of `TRAITS`; those not named are 0.
        lopsided: by how much a trait is stronger on the image's right than on its left.
    """
    folded = mirror(points)
    side = ramp(points[..., 0], -12, 12)[..., None] * 2 - 1
    offset = np.zeros_like(points)
    for name, strength in traits.items():
        difference = lopsided.get(name, 0.0) if lopsided else 0.0
        if strength or difference:
            offset += TRAITS[name](folded) * (np.float32(strength) + np.float32(difference / 2) * side)
    offset[..., 0] *= np.sign(points[..., 0])
    return np.asarray(points + offset, np.float32)
