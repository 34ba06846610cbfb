"""Hair and beard: ribbons that grow from the neutral head."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import ramp
from understudy.actors.hairline import beard_areas, scalp
from understudy.actors.identity import Identity
from understudy.actors.lattice import FOCUS
from understudy.actors.neutral import lip_height, neutral_head
from understudy.actors.pigment import hair_colour
from understudy.actors.solids import head_distance, torso_distance
from understudy.actors.surface import grid_normals
from understudy.actors.vector import Floats, unit, vector

_DOWN = vector(0, -1, 0)
_WHORL = vector(6, 116, -128)
_BUN = vector(0, 82, -196)


@dataclass(frozen=True)
class _Cut:
    """How a style grows. Lengths in millimetres.

    Attributes:
        count: ribbons.
        top, sides: length of the hair on top and at the sides.
        lift: how much it stands up from the skin, 1 as much as it lies along its flow.
        fall: how fast it gives way to gravity along its length.
        curl: radius of its curls; `turns` of them in its length.
        width: of a ribbon at its root.
        flow: which way it is combed: from places (N, 3) and skin normals to unit directions (N, 3).
        curtain: whether it hangs beside the face and must not fall over it.
    """

    count: int
    top: float
    sides: float
    lift: float
    fall: float
    flow: Callable[[Floats, Floats], Floats]
    curl: float = 0.0
    turns: float = 0.0
    width: float = 2.4
    curtain: bool = False
    segments: int = 9


def _along_skin(direction: Floats, normal: Floats) -> Floats:
    return unit(direction - np.einsum("...i,...i", direction, normal)[..., None] * normal)


def _from_whorl(p: Floats, normal: Floats) -> Floats:
    return _along_skin(p - _WHORL, normal)


def _back(p: Floats, normal: Floats) -> Floats:
    return _along_skin(vector(0, 0.25, -1) + p * vector(0.004, 0, 0), normal)


def _from_parting(at: float, forward: float) -> Callable[[Floats, Floats], Floats]:
    def flow(p: Floats, normal: Floats) -> Floats:
        side = np.tanh((p[..., :1] - at) / 5)
        over = ramp(p[..., 1:2], 15, 95) * ramp(np.abs(p[..., :1]), 70, 36)  # past the temples it only falls
        combed = side * vector(1, 0, 0) + vector(0, 0, forward)
        return _along_skin(over * combed + (1.02 - over) * _DOWN, normal)

    return flow


def _to_bun(p: Floats, normal: Floats) -> Floats:
    return _along_skin(_BUN - p, normal)


_CUTS: Mapping[str, _Cut] = MappingProxyType(
    {
        "buzz": _Cut(7000, 4.0, 3.0, 0.7, 0.0, _from_whorl, width=0.8, segments=2),
        "crop": _Cut(6500, 32, 13, 0.42, 0.2, _from_whorl, width=1.5, segments=5),
        "parted": _Cut(5200, 78, 20, 0.34, 0.25, _from_parting(26, 0.3), width=1.7, segments=7),
        "swept": _Cut(5200, 84, 17, 0.36, 0.12, _back, width=1.7, segments=7),
        "curly": _Cut(4200, 78, 46, 0.8, 0.35, _from_whorl, curl=6.5, turns=2.4, width=1.8),
        "afro": _Cut(6000, 52, 42, 3.0, 0.0, _from_whorl, curl=4.2, turns=3.0, width=1.5),
        "bob": _Cut(4600, 200, 150, 0.30, 0.75, _from_parting(4, 0.0), width=1.6, curtain=True, segments=11),
        "long": _Cut(
            4400,
            330,
            290,
            0.30,
            0.75,
            _from_parting(-8, 0.0),
            curl=1.2,
            turns=1.4,
            width=1.8,
            curtain=True,
            segments=13,
        ),
        "bun": _Cut(4200, 150, 120, 0.10, 0.0, _to_bun, width=2.0),
    }
)


@dataclass(frozen=True, eq=False)
class Strands:
    """Ribbons in neutral head coordinates.

    Attributes:
        spine: (N, S, 3) points from root to tip.
        side: (N, S, 3) half the ribbon's width, across it.
        outward: (N, S, 3) unit, away from the head.
        albedo: (N, S, 3) linear RGB.
        roots: (N, 2) row and column of the net's vertex at each root.
        hangs: whether it hangs free of the head, so that its far side may be seen beside the neck.
    """

    spine: Floats
    side: Floats
    outward: Floats
    albedo: Floats
    roots: NDArray[np.intp]
    hangs: bool


def grow_hair(identity: Identity) -> Strands | None:
    """The hair of a performer; None for a bald one."""
    if identity.hair == "bald":
        return None
    rng = np.random.default_rng([identity.seed, 0x4A])
    cut = _CUTS[identity.hair]
    m = identity.measures
    head = neutral_head()
    inside = scalp(head, m["hairline"])
    thin = 1 - 0.85 * m["hairline"] * ramp(head[..., 1], 60, 110) * ramp(m["hairline"] + 0 * head[..., 0], 0.45, 1)
    cover = ramp(inside + rng.normal(0, 0.012, inside.shape), 0.0, 0.05) * thin
    roots = _sow(rng, head, cover, cut.count)
    normals = grid_normals(head)
    p, normal = head[roots[:, 0], roots[:, 1]], normals[roots[:, 0], roots[:, 1]]
    height = ramp(np.arctan2(p[:, 1], np.hypot(p[:, 0], p[:, 2] - FOCUS[2])), 0.35, 0.95)
    length = (cut.sides + (cut.top - cut.sides) * height) * rng.uniform(0.72, 1.08, len(p))
    if identity.hair == "bun":
        length = np.linalg.norm(_BUN - p, axis=-1) * 1.06
    # Hair is thinner and shorter where it begins.
    begins = ramp(inside[roots[:, 0], roots[:, 1]], 0.0, 0.16)
    length *= 0.45 + 0.55 * begins if cut.top < 100 else 1.0
    spine = _grown(rng, p, normal, length.astype(np.float32), cut)
    if identity.hair == "bun":
        spine = np.concatenate([spine, _knot(rng, 420, cut.segments)])
        roots = np.concatenate([roots, np.repeat(roots[:1], 420, axis=0)])
    colour = hair_colour(m["hair_melanin"], m["hair_red"], 0.0)
    return _ribbons(rng, spine, roots, cut, colour, m["hair_grey"])


def grow_beard(identity: Identity) -> Strands | None:
    """The beard of a performer; None without one. Stubble is painted, not grown."""
    parts = {"moustache": ("moustache",), "goatee": ("moustache", "chin"), "full": ("moustache", "chin", "cheeks")}
    if identity.beard not in parts:
        return None
    rng = np.random.default_rng([identity.seed, 0xBE])
    m = identity.measures
    head = neutral_head()
    areas = beard_areas(head)
    density = np.clip(sum(areas[name] for name in parts[identity.beard]), 0, 1) * ramp(lip_height(), 1.02, 1.3)
    density = density * (head[..., 2] > -90)
    roots = _sow(rng, head, density, 900 if identity.beard == "moustache" else 3600)
    normals = grid_normals(head)
    p, normal = head[roots[:, 0], roots[:, 1]], normals[roots[:, 0], roots[:, 1]]
    here = density[roots[:, 0], roots[:, 1]]
    length = rng.uniform(0.6, 1.1, len(p)) * (5 + 9 * areas["chin"][roots[:, 0], roots[:, 1]]) * (0.5 + 0.5 * here)

    def flow(q: Floats, n: Floats) -> Floats:
        return _along_skin(_DOWN + np.sign(q[..., :1]) * vector(0.5, 0, 0) * ramp(q[..., 1:2], -66, -52), n)

    cut = _Cut(len(p), 0, 0, 0.55, 0.3, flow, curl=0.7, turns=1.2, width=0.8, segments=4)
    spine = _grown(rng, p, normal, length.astype(np.float32), cut)
    colour = hair_colour(m["hair_melanin"], min(1.0, m["hair_red"] + 0.08), 0.0)
    return _ribbons(rng, spine, roots, cut, colour * 0.85, m["hair_grey"])


def _sow(rng: np.random.Generator, head: Floats, cover: Floats, count: int) -> NDArray[np.intp]:
    """(count, 2) vertices, drawn by area and cover (R, C)."""
    area = np.linalg.norm(np.cross(np.gradient(head, axis=0), np.gradient(head, axis=1)), axis=-1)
    odds = (area * cover * (cover > 0.05)).ravel().astype(np.float64)
    flat = rng.choice(odds.size, count, p=odds / odds.sum())
    return np.stack(np.divmod(flat, head.shape[1]), axis=-1)


def _grown(rng: np.random.Generator, root: Floats, normal: Floats, length: Floats, cut: _Cut) -> Floats:
    """Spines (N, S + 1, 3) of hairs that follow their flow, gravity and what they lie on."""
    count = len(root)
    root = root + rng.normal(0, 0.9, root.shape).astype(np.float32)
    step = (length / cut.segments)[:, None]
    layer = rng.uniform(0.0, 1.0, count).astype(np.float32)
    wild = unit(rng.standard_normal((count, 3)).astype(np.float32))
    phase = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    clump = np.round(root / 9.0) @ vector(12.9898, 78.233, 37.719)
    phase = 0.35 * phase + 2 * np.pi * np.mod(np.sin(clump) * 43758.5, 1.0).astype(np.float32)
    points = [root]
    across = unit(np.cross(normal, _DOWN + 0.01))
    for k in range(1, cut.segments + 1):
        t = k / cut.segments
        p = points[-1]
        n = unit(p - FOCUS) if k > 1 else normal
        flow = cut.flow(p, n)
        direction = flow + (cut.lift * (1 - t) ** 1.5) * n + (cut.fall * 2.2 * t) * _DOWN + 0.16 * wild
        q: Floats = p + unit(direction) * step
        if cut.curl:
            turn = phase + np.float32(2 * np.pi * cut.turns * t)
            q = q + (np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * n) * np.float32(cut.curl * 0.6)
        depth = 0.35 if cut.lift < 0.2 else 0.6 if cut.curtain else 1.0
        gap = 1.0 + layer * (3.0 + 7.0 * min(1.0, t * 1.5)) * depth
        q = _outside(q, gap)
        points.append(_beside_face(q, layer) if cut.curtain else q)
    return np.stack(points, axis=1).astype(np.float32)


def _outside(q: Floats, gap: Floats) -> Floats:
    """Push points out of head and shoulders to `gap` millimetres above them."""
    axis = vector(0, 0, -98)
    for _ in range(2):
        lack = np.maximum(gap - head_distance(q), 0)
        out = np.where(q[:, 1:2] > -40, q - FOCUS, (q - axis) * vector(1, 0, 1))
        q = q + unit(out) * lack[:, None]
        deep = np.maximum(gap - torso_distance(q), 0)
        over = vector(0, 0.35, 1) * np.where(q[:, 2:3] > -112, vector(1, 1, 1), vector(1, 1, -1))
        q = q + unit(over) * (deep * 1.1)[:, None]
    return q


def _beside_face(q: Floats, layer: Floats) -> Floats:
    least = (60 + 5 * layer) * ramp(q[:, 1], 88, 34) * ramp(q[:, 2], -70, -40)
    most = 200 - (122 - 24 * layer) * ramp(q[:, 1], 50, -70) * ramp(q[:, 1], -190, -150)
    foremost = 30 - 72 * ramp(q[:, 1], 95, 30) - 14 * layer
    q = q.copy()
    q[:, 2] = np.minimum(q[:, 2], foremost)
    q[:, 0] = np.where(q[:, 0] >= 0, 1, -1) * np.clip(np.abs(q[:, 0]), least, most)
    return q


def _knot(rng: np.random.Generator, count: int, segments: int) -> Floats:
    """Spines (count, S + 1, 3) wound around the bun."""
    t = np.linspace(0, 1, segments + 1, dtype=np.float32)
    axis = unit(rng.normal(0, 0.25, (count, 3)).astype(np.float32) + vector(0.1, 0.4, -1))
    first = unit(np.cross(axis, rng.standard_normal((count, 3)).astype(np.float32)))
    second = np.cross(axis, first)
    angle = t * np.float32(2.3)
    latitude = rng.uniform(-1.1, 1.2, count).astype(np.float32)[:, None, None]
    ring = np.cos(angle)[None, :, None] * first[:, None] + np.sin(angle)[None, :, None] * second[:, None]
    ball = ring * np.cos(latitude) + axis[:, None] * np.sin(latitude)
    return np.asarray(_BUN + vector(0, 2, -8) + ball * rng.uniform(24, 29, (count, 1, 1)), np.float32)


def _ribbons(
    rng: np.random.Generator, spine: Floats, roots: NDArray[np.intp], cut: _Cut, colour: Floats, grey: float
) -> Strands:
    count, points = spine.shape[:2]
    tangent = unit(np.gradient(spine, axis=1))
    away = np.where(spine[..., 1:2] > -60, spine - FOCUS, (spine - FOCUS) * vector(1, 0, 1))
    side = unit(np.cross(tangent, away))
    twist = rng.normal(0, 0.45, (count, 1, 1)).astype(np.float32)
    out = unit(np.cross(side, tangent))
    side = side * np.cos(twist) + out * np.sin(twist)
    t = np.linspace(0, 1, points, dtype=np.float32)
    taper = 0.5 * cut.width * (0.7 + 0.3 * np.sin(np.pi * np.minimum(t * 1.6, 1))) * np.sqrt(np.maximum(1 - t**3, 0.02))
    scale = rng.uniform(0.7, 1.25, (count, 1)).astype(np.float32) * taper
    shade = rng.normal(1.0, 0.13, (count, 1)).astype(np.float32) * (0.80 + 0.35 * t)
    is_grey = np.clip(rng.normal(1.15 * grey, 0.22 * np.sqrt(grey), (count, 1, 1)), 0, 1).astype(np.float32)
    tone = colour * (1 - is_grey) + hair_colour(0.0, 0.0, 1.0) * is_grey
    return Strands(
        spine=spine,
        side=side * scale[..., None],
        outward=out,
        albedo=np.clip(tone * shade[..., None], 0.003, 1).astype(np.float32),
        roots=roots,
        hangs=cut.curtain,
    )
