"""Skin as painted on the head: colour, shine and fine relief, by position on the neutral head."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.brows import paint_brows
from understudy.actors.field import blob, bump, mirror, path_distance, ramp
from understudy.actors.hairline import beard_areas, scalp
from understudy.actors.identity import Identity
from understudy.actors.lattice import lattice
from understudy.actors.lids import eye_columns
from understudy.actors.mesh import head_normals
from understudy.actors.neutral import lip_height, neutral_head
from understudy.actors.pigment import hair_colour, skin_colour
from understudy.actors.vector import Floats, vector

TEXELS = 5
"""Texels of the painted skin between two vertices of the net."""

_TEXEL = (0.27, 0.17)  # millimetres across and down a texel of the face, on average


@dataclass(frozen=True, eq=False)
class Skin:
    """Texture of a head, (H, W) with `TEXELS` texels between vertices.

    Attributes:
        colour: (H, W, 4) float32: linear RGB albedo and strength of the shine.
        relief: (H, W, 2) float32: slope of the fine relief across and down.
        hair: (R, C) float32 0..1, at the vertices: how much the scalp is covered.
        lips: (R, C) bool, at the vertices.
    """

    colour: Floats
    relief: Floats
    hair: Floats
    lips: NDArray[np.bool_]


def finer(grid: Floats) -> Floats:
    """A grid (R, C) or (R, C, K) of the net's vertices, interpolated at the texels."""
    rows, columns = (TEXELS * (n - 1) + 1 for n in grid.shape[:2])
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32) / TEXELS, np.arange(rows, dtype=np.float32) / TEXELS)
    return np.asarray(cv2.remap(np.ascontiguousarray(grid, np.float32), x, y, cv2.INTER_LINEAR), np.float32)


@cache
def _canvas() -> tuple[Floats, Floats]:
    """Neutral positions (H, W, 3) of the texels, x folded, and their height over the lips' border."""
    return finer(neutral_head()), finer(lip_height())


def paint_skin(identity: Identity) -> Skin:
    """The skin of a performer; takes about a second."""
    rng = np.random.default_rng([identity.seed, 0x5C])
    m = identity.measures
    place, lip = _canvas()
    p = mirror(place)
    shape = p.shape[:2]
    face = ramp(p[..., 2], -95, -55) * ramp(p[..., 1], -125, -105)
    base = skin_colour(m["tone"], m["undertone"])
    mottle = _noise(rng, shape, 9.0) * 0.5 + _noise(rng, shape, 3.0) * 0.3 + _noise(rng, shape, 1.0) * 0.2

    mottle = mottle * (0.25 + 0.75 * face)
    blood = (
        0.55 * blob(p, (40, -28, -10), (19, 17, 26))
        + 0.55 * blob(p, (0, -32, 24), (14, 9, 14))
        + 0.35 * blob(p, (13, -36, 10), (7, 8, 10))
        + 0.25 * blob(p, (0, -104, 8), (18, 12, 18))
        + 0.15 * blob(p, (25, 40, 0), (30, 20, 40))
    )
    blood = (0.35 + 0.9 * m["redness"]) * blood + 0.10 * mottle * (0.4 + m["redness"])
    tired = blob(p, (27, -10, -4), (15, 5, 12)) + 0.5 * blob(p, (20, 1, -4), (7, 8, 10))
    light = np.float32(1 - 0.75 * m["tone"])
    colour = base * (1 + (0.045 * light + 0.04) * mottle[..., None])
    colour = colour * (1 + light * blood[..., None] * vector(-0.03, -0.26, -0.24))
    colour = colour * (1 - (0.22 + 0.2 * m["wrinkles"]) * tired[..., None] * vector(0.7, 1.0, 0.75))
    around_mouth = blob(p, (0, -68, 8), (34, 22, 30)) + blob(p, (30, 3, -4), (22, 14, 20))
    colour = colour * (1 - 0.16 * m["tone"] * around_mouth[..., None])

    spots, raised = _spots(rng, p, m["freckles"], m["moles"])
    colour = colour * (1 - spots[..., None] * vector(0.42, 0.62, 0.75))

    hairs = hair_colour(m["hair_melanin"], m["hair_red"], m["hair_grey"])
    beard = beard_areas(place)
    area = np.clip(beard["moustache"] + beard["chin"] + beard["cheeks"], 0, 1) * ramp(lip, 1.0, 1.25)
    growth = {"none": m["shadow"] * 0.6, "stubble": 1.0}.get(identity.beard, 0.9)
    stubble = area * growth * (0.34 + 0.75 * ramp(_noise(rng, shape, (0.17, 0.30)), 0.35, 1.5))
    kept = {"moustache": beard["moustache"], "goatee": np.maximum(beard["moustache"], beard["chin"])}
    if identity.beard in kept:
        stubble = stubble * (0.35 + 0.65 * np.clip(kept[identity.beard], 0, 1))
    shadow_tint = hairs * 0.55 + vector(0.035, 0.045, 0.05)
    colour = _over(colour, shadow_tint, 0.62 * np.clip(stubble, 0, 1))

    inside_hairline = scalp(place, m["hairline"]) + np.deg2rad(1.2) * _noise(rng, shape, 1.6)
    cover = ramp(inside_hairline, -0.035, 0.06)
    stipple = 0.86 + 0.14 * np.clip(_noise(rng, shape, 0.35), -1, 1)
    density = {"bald": 0.0, "buzz": 0.82}.get(identity.hair, 1.0)
    if identity.hair == "bald":
        density = 0.35 * m["shadow"] + 0.12
        cover = cover * ramp(p[..., 1], 118, 60)
    colour = _over(colour, hairs * 0.6, cover * density * stipple)

    vermilion = ramp(lip + 0.02 * _noise(rng, shape, 1.4), 1.12, 0.84)
    lips = _lip_colour(base, m["lip_red"], m["tone"])
    lines = _noise(rng, shape, (0.5, 3.5)) * vermilion
    colour = _over(
        colour, lips * (1 + 0.07 * lines[..., None]) * (1 - 0.25 * ramp(lip, 0.25, 0.0))[..., None], vermilion
    )
    colour = colour * (1 - 0.55 * ramp(lip, 0.10, 0.0)[..., None])

    nostril = blob(p, (6.6, -39.0, 14.0), (2.9, 2.6, 4.0))
    colour = colour * (1 - np.clip(1.1 * nostril, 0, 0.93)[..., None] * vector(0.92, 1, 1))
    colour, brow = paint_brows(colour, place, identity, rng)

    colour = colour * (1 - 0.75 * _lash_line()[..., None] * vector(0.8, 0.9, 0.9))

    shine = 0.42 + (0.2 + 0.5 * m["oiliness"]) * (
        0.45 * blob(p, (0, 40, 8), (34, 26, 30))
        + 0.6 * blob(p, (0, -20, 20), (9, 26, 24))
        + 0.2 * blob(p, (0, -104, 8), 14)
    )
    shine = (
        shine
        * (1 + 0.22 * _noise(rng, shape, 0.4) + 0.16 * _noise(rng, shape, 2.5))
        * (1 - 0.75 * np.clip(stubble, 0, 1))
        * (1 - 0.8 * cover * density)
    )
    shine = (shine * (1 - 0.85 * brow) * (1 - nostril)) * (1 - vermilion) + 0.85 * vermilion
    shine = np.clip(shine, 0.02, 2.0)

    height = _relief(rng, p, m["pores"], m["wrinkles"], face) * (1 - vermilion)
    height += vermilion * 0.05 * lines + 0.10 * raised + 0.05 * stubble * _noise(rng, shape, 0.35)
    slope = np.stack([np.gradient(height, axis=1) / _TEXEL[0], np.gradient(height, axis=0) / _TEXEL[1]], axis=-1)
    at_vertices = (slice(None, None, TEXELS), slice(None, None, TEXELS))
    return Skin(
        colour=np.concatenate([np.clip(colour, 0.002, 1), shine[..., None]], axis=-1).astype(np.float32),
        relief=slope.astype(np.float32),
        hair=(cover * density)[at_vertices].astype(np.float32),
        lips=np.asarray(lip[at_vertices] < 1, bool),
    )


def _lip_colour(base: Floats, red: float, tone: float) -> Floats:
    natural = base * vector(0.84, 0.50, 0.52) * (1 - 0.12 * tone)
    painted = vector(0.40, 0.055, 0.07)
    amount = 0.55 * max(0.0, red - 0.5) * 2
    return np.asarray(natural * (1 - 0.35 * red * vector(0.0, 0.5, 0.35)) * (1 - amount) + painted * amount, np.float32)


def _spots(rng: np.random.Generator, p: Floats, freckles: float, moles: float) -> tuple[Floats, Floats]:
    """Darkness (H, W) of freckles and moles, and height of the moles."""
    shape = p.shape[:2]
    zone = 0.25 + blob(p, (28, -18, 0), (30, 16, 40)) + 0.8 * blob(p, (0, -14, 15), (18, 14, 30))
    grain = _noise(rng, shape, 0.38) * 0.8 + _noise(rng, shape, 0.75) * 0.45
    dark = np.clip(freckles, 0, 1) ** 0.5 * 0.55 * ramp(grain + 0.65 * zone * freckles, 1.25, 2.0)
    raised = np.zeros(shape, np.float32)
    for _ in range(int(rng.poisson(1 + 9 * moles))):
        row, column = int(rng.uniform(0.15, 0.84) * shape[0]), int(rng.uniform(0.22, 0.78) * shape[1])
        size = float(rng.uniform(0.5, 1.0 + 0.7 * moles))
        r = int(4 * size / _TEXEL[1])
        ys, xs = slice(max(row - r, 0), row + r), slice(max(column - r, 0), column + r)
        spot = ramp(np.linalg.norm(p[ys, xs] - p[row, column], axis=-1), size * 1.25, size * 0.75)
        dark[ys, xs] = np.maximum(dark[ys, xs], spot * rng.uniform(0.5, 1.0))
        raised[ys, xs] = np.maximum(raised[ys, xs], spot * float(rng.uniform() < 0.4))
    return dark, raised


def _relief(rng: np.random.Generator, p: Floats, pores: float, wrinkles: float, face: Floats) -> Floats:
    """Height in millimetres of pores, fine lines and wrinkles."""
    shape = p.shape[:2]
    open_pores = 0.35 + blob(p, (24, -26, 4), (18, 16, 24)) + 0.9 * blob(p, (0, -28, 22), (12, 12, 18))
    pits = ramp(_noise(rng, shape, 0.36), 0.3, 2.0) * open_pores
    height = -(0.07 + 0.11 * pores) * pits + 0.020 * _noise(rng, shape, 0.55) + 0.016 * _noise(rng, shape, 1.5)
    sway = 2.2 * _noise(rng, shape, 14.0)
    lines = np.zeros(shape, np.float32)
    for level in (34, 43, 52, 61):
        wave = p[..., 1] - (level + 0.0035 * (p[..., 0] - 12) ** 2) + sway
        lines += 0.30 * bump(wave, 0, 1.5) * ramp(p[..., 0], 50, 30)
    for angle in (-0.75, -0.3, 0.12, 0.5):
        end = (50 + 15 * np.cos(angle), 0.5 + 15 * np.sin(angle), -30)
        ray = path_distance(p + sway[..., None] * vector(0, 0.4, 0), ((48, 0.5, -18), end))
        lines += 0.22 * bump(ray, 0, 0.9)
    for crease in (-9.5, -13.0):
        under = path_distance(p, ((19, crease + 1, -3), (29, crease - 2, -2), (40, crease + 2, -8)))
        lines += 0.16 * bump(under + 0.4 * sway, 0, 1.0)
    lines += 0.22 * bump(path_distance(p, ((6.2, 25, 8), (6.8, 13, 7))), 0, 1.3)
    fold = path_distance(p, ((18, -38, 8), (26, -50, 5), (32, -63, 0)))
    lines += 0.35 * bump(fold, 0, 1.6)
    return np.asarray((height - (0.10 + 1.15 * wrinkles**1.4) * lines) * face, np.float32)


def _over(colour: Floats, layer: Floats, share: Floats) -> Floats:
    share = share[..., None]
    return np.asarray(colour * (1 - share) + layer * share, np.float32)


@cache
def _lash_line() -> Floats:
    """(H, W) how close a texel is to the margin of an upper lid, where the lashes stand."""
    net = lattice()
    rows = np.arange(TEXELS * (net.shape[0] - 1) + 1)[:, None]
    near = ramp(np.abs(rows - TEXELS * (net.eyes.upper + 0.2)), 7, 2)
    across = np.zeros(net.shape[1], np.float32)
    for side in (-1, 1):
        columns = eye_columns(side)
        across[columns] = np.sin(np.pi * np.linspace(0, 1, len(columns))) ** 0.5
    return np.asarray(near * finer(np.stack([across, across]))[0], np.float32)


@cache
def _planes() -> tuple[tuple[Floats, Floats, Floats], ...]:
    """Millimetres (H, W) across and down, and the weight (H, W), of three projections that share the head."""
    p, _ = _canvas()
    facing = np.abs(finer(head_normals(neutral_head())[0])) ** 4 + np.float32(1e-4)
    weight = facing / np.linalg.norm(facing, axis=-1, keepdims=True)  # keeps the variance of what it mixes
    views = ((2, 1), (0, 2), (0, 1))
    return tuple((p[..., u].copy(), p[..., v].copy(), weight[..., k].copy()) for k, (u, v) in enumerate(views))


def _noise(rng: np.random.Generator, shape: tuple[int, ...], size: float | tuple[float, float]) -> Floats:
    """Smooth noise (H, W) of unit variance whose grains are about `size` millimetres (across, down), everywhere."""
    wide, tall = size if isinstance(size, tuple) else (size, size)
    side = 512
    sigma = 2.5  # pixels of the plate for one grain
    grains = np.pad(rng.standard_normal((side, side)).astype(np.float32), 12, mode="wrap")
    plate = np.asarray(cv2.GaussianBlur(grains, (0, 0), sigma)[12:-12, 12:-12], np.float32)
    plate /= plate.std()
    noise = np.zeros(shape, np.float32)
    for number, (across, down, weight) in enumerate(_planes()):
        x, y = across * np.float32(sigma / wide) + 171 * number, down * np.float32(sigma / tall)
        noise += weight * cv2.remap(plate, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return noise
