"""What a face can do: offsets of the head's vertices, one field for each movement.

The movements follow the Facial Action Coding System (Ekman and Friesen, 1978). Those that turn around a joint are not
offsets: the jaw is in `jaw.py`, lids and gaze in `lids.py`.
"""

from functools import cache

import numpy as np

from understudy.actors.field import blob, bump, left_half, mirror, ramp, stroke
from understudy.actors.jaw import below_mouth
from understudy.actors.lattice import lattice
from understudy.actors.neutral import neutral_head
from understudy.actors.vector import Floats, vector

OFFSETS = (
    "smile_left",
    "smile_right",
    "frown",
    "pucker",
    "funnel",
    "lip_press",
    "upper_lip_raise",
    "lower_lip_drop",
    "mouth_shift",
    "stretch",
    "squint",
    "cheek_puff",
    "nose_wrinkle",
    "brow_raise_left",
    "brow_raise_right",
    "brow_lower_left",
    "brow_lower_right",
)
TURNS = ("jaw_open", "blink_left", "blink_right", "widen", "gaze_x", "gaze_y")

CHANNELS: tuple[str, ...] = TURNS + OFFSETS
"""Every movement. `gaze_x`, `gaze_y` and `mouth_shift` run from -1 to 1 (image right and up positive), the others
from 0 to 1. Left and right are the image's, for a head that faces the camera."""

SIGNED = frozenset({"gaze_x", "gaze_y", "mouth_shift"})


@cache
def offsets() -> Floats:
    """(len(OFFSETS), R, C, 3) millimetres that each movement shifts the vertices at full strength."""
    head = neutral_head()
    p = mirror(head)
    left = left_half(head)
    sign = np.sign(head[..., :1]) * vector(1, 0, 0) + vector(0, 1, 1)  # unfolds x of a mirrored vector
    low = below_mouth()
    mouth_y = float(head[lattice().mouth.upper, lattice().shape[1] // 2, 1])

    def push(weight: Floats, x: float, y: float, z: float) -> Floats:
        return weight[..., None] * vector(x, y, z) * sign

    corner = blob(p, (26, mouth_y, 2), (15, 15, 22))
    smile = (
        push(corner, 9.5, 7.5, -5.0)
        + push(blob(p, (42, -34, -8), (17, 14, 22)), 2.5, 5.5, 5.5)
        + push(blob(p, (13, mouth_y, 12), (15, 11, 20)), 3.6, 1.8, -2.0)
        - push(stroke(p, ((17, -39, 8), (25, -50, 6), (32, -63, 0)), 3.4), 0.6, 0, 2.2)
        + push(blob(p, (33, -10, -10), (16, 6, 15)), 0, 1.8, 1.0)
        + push(blob(p, (12, -36, 10), (7, 7, 12)), 1.8, 0.8, 0)
        + push(blob(p, (0, -88, 8), (24, 14, 20)), 0, 1.0, -1.0)
    )
    frown = (
        push(corner, -0.5, -7.5, -1.0)
        + push(blob(p, (0, mouth_y - 8, 15), (16, 8, 18)), 0, 2.2, 2.0)
        + push(blob(p, (0, -92, 8), (16, 12, 18)), 0, 4.0, 1.5)
        - push(stroke(p, ((29, -70, 0), (31, -82, -4)), 3.2), 0, 0, 1.8)
    )
    near_lips = blob(p, (0, mouth_y, 14), (30, 17, 30))
    narrow = near_lips[..., None] * head * vector(-0.42, 0, 0)
    pucker = narrow + push(blob(p, (0, mouth_y, 16), (19, 15, 26)), 0, 0, 7.0)
    pucker += push(blob(p, (0, mouth_y, 16), (17, 6, 20)), 0, 1.2, 0) * (1 - 2 * low[..., None])
    funnel = 0.72 * narrow + push(blob(p, (0, mouth_y, 16), (21, 13, 24)), 0, 0, 6.0)
    funnel += push(blob(p, (0, mouth_y, 16), (17, 12, 24)), 0, 6.0, 0) * (1 - 2 * low[..., None])
    rolled = blob(p, (0, mouth_y, 16), (22, 7, 18))
    press = push(rolled, 0, -2.6, -4.2) * (1 - 2 * low[..., None]) * vector(0, 1, 0)
    press += push(rolled, 0, 0, -4.2) + push(corner, 1.5, 0.5, -1.0)
    upper = (1 - low) * blob(p, (0, mouth_y + 3, 14), (24, 14, 24))
    raised = push(upper, 0, 6.0, 0.8) + push(blob(p, (13, -36, 10), (9, 9, 14)), 1.0, 2.0, 0.5)
    raised -= push(stroke(p, ((17, -38, 8), (25, -48, 6)), 3.2), 0.3, 0, 1.4)
    dropped = push(low * blob(p, (0, mouth_y - 4, 14), (24, 13, 24)), 0, -6.5, 0.5)
    shift = blob(p, (0, mouth_y - 4, 8), (34, 24, 34))[..., None] * vector(8.5, 0, 0)
    stretch = push(corner, 7.5, -2.5, -5.0) + push(blob(p, (12, mouth_y, 12), (14, 12, 20)), 3.5, 0, -2.0)
    stretch += push(blob(p, (36, -95, -30), (26, 20, 30)), 2.5, -1.5, 0)
    squint = (
        push(blob(p, (35, -14, -8), (17, 8, 18)), 0, 4.6, 2.2)
        + push(blob(p, (40, 15, -8), (16, 7, 18)), -1.0, -3.2, 1.0)
        - push(blob(p, (50, -1, -20), (7, 6, 10)), 0.8, 0, 0.8)
    )
    puff = push(blob(p, (44, -58, -18), (18, 22, 26)), 7.5, 0, 6.5) + push(rolled, 0, 0, 1.5)
    wrinkle = (
        push(blob(p, (14, -34, 10), (9, 12, 14)), 1.4, 4.2, 1.0)
        + push(blob(p, (9, 2, 4), (9, 10, 14)), -0.6, 2.4, 2.2)
        + push(upper, 0, 3.6, 0.8)
        + push(blob(p, (14, 18, 3), (13, 9, 14)), -1.8, -3.8, 1.2)
        - push(stroke(p, ((16, -36, 8), (24, -46, 6)), 3.2), 0.3, 0, 1.8)
        + push(blob(p, (30, -15, -5), (14, 9, 15)), 0, 2.4, 2.0)
    )
    brow = ramp(p[..., 1], 4, 22) * bump(np.maximum(p[..., 1] - 26, 0), 0, 24) * ramp(p[..., 2], -75, -35)
    raise_brow = push(brow * (0.75 + 0.25 * bump(p[..., 0], 38, 22)), 0, 7.5, 0.6)
    lower_brow = push(blob(p, (17, 20, 2), (17, 13, 20)), -3.4, -6.2, 1.8)
    lower_brow += push(blob(p, (40, 18, -8), (16, 11, 18)), -0.6, -2.8, 0.6)
    lower_brow -= push(stroke(p, ((5.0, 26, 8), (6.5, 13, 6)), 2.2), 0, 0, 1.7)

    def on_left(field: Floats) -> Floats:
        return field * left[..., None]

    def on_right(field: Floats) -> Floats:
        return field * (1 - left[..., None])

    fields = {
        "smile_left": on_left(smile),
        "smile_right": on_right(smile),
        "frown": frown,
        "pucker": pucker,
        "funnel": funnel,
        "lip_press": press,
        "upper_lip_raise": raised,
        "lower_lip_drop": dropped,
        "mouth_shift": shift,
        "stretch": stretch,
        "squint": squint,
        "cheek_puff": puff,
        "nose_wrinkle": wrinkle,
        "brow_raise_left": on_left(raise_brow),
        "brow_raise_right": on_right(raise_brow),
        "brow_lower_left": on_left(lower_brow),
        "brow_lower_right": on_right(lower_brow),
    }
    return np.stack([fields[name] for name in OFFSETS]).astype(np.float32)
