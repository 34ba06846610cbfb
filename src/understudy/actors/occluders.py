"""What comes between camera and face: a hand, a microphone, a lock of hair."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from understudy.actors.pigment import hair_colour, skin_colour
from understudy.actors.surface import Material, Part, Surface, grid_faces, grid_normals, ribbon_faces, ribbon_grid
from understudy.actors.tube import tube
from understudy.actors.vector import Floats, unit, vector

OccluderKind = Literal["hand", "microphone", "lock"]


@dataclass(frozen=True)
class Occluder:
    """Something in front of a face; it moves in a slow circle of its own.

    Attributes:
        kind: what it is.
        at: millimetres from the middle of the face at rest, camera axes; z towards the camera.
        turn: radians, counter-clockwise as seen on the image.
        sway: radius of its circle in millimetres.
        period: of its circle, in seconds.
        tone: of a hand's skin, or of the hair of a lock, 0..1.
        size: factor on its natural size.
    """

    kind: OccluderKind
    at: tuple[float, float, float] = (0.0, 0.0, 60.0)
    turn: float = 0.0
    sway: float = 0.0
    period: float = 3.0
    tone: float = 0.4
    size: float = 1.0

    def surfaces(self, centre: NDArray[np.floating], time: float) -> list[Surface]:
        """Its surfaces in camera space, for a face whose middle rests at `centre` (3,)."""
        shapes = {"hand": _hand, "microphone": _microphone, "lock": _lock}[self.kind](self.tone)
        angle = 2 * np.pi * time / self.period
        offset = np.array(self.at) + self.sway * np.array([np.cos(angle), np.sin(angle), 0])
        c, s = np.cos(self.turn), np.sin(self.turn)
        rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        return [_moved(shape, rotation, np.asarray(centre) + offset, self.size) for shape in shapes]


def _moved(
    shape: Surface, rotation: NDArray[np.floating[Any]], offset: NDArray[np.floating[Any]], size: float
) -> Surface:
    points = (shape.points * size) @ rotation.T.astype(np.float32) + offset.astype(np.float32)
    tangents = None if shape.tangents is None else shape.tangents @ rotation.T.astype(np.float32)
    normals = shape.normals @ rotation.T.astype(np.float32) if tangents is not None else grid_normals(points)
    return Surface(
        points=points.astype(np.float32),
        normals=normals,
        material=shape.material,
        part=shape.part,
        albedo=shape.albedo,
        shade=shape.shade,
        faces=shape.faces,
        tangents=tangents,
    )


def _solid(points: Floats, material: Material, albedo: Floats, shade: float = 0.85) -> Surface:
    shape = points.shape[:2]
    return Surface(
        points=points.astype(np.float32),
        normals=grid_normals(points),
        material=material,
        part=np.full(shape, Part.OCCLUDER, np.uint8),
        albedo=np.broadcast_to(np.float32(albedo), points.shape),
        shade=np.full(shape, shade, np.float32),
        faces=grid_faces(*shape),
    )


def _rounded(path: Floats, radius: Floats, *, flat: float = 1.0) -> Floats:
    """A tube whose ends are closed to a point."""
    return tube(path.astype(np.float32), radius.astype(np.float32), sides=18, flat=flat)


def _hand(tone: float) -> list[Surface]:
    """A right hand, fingers up, its back to the camera; the middle of the palm at the origin."""
    colour = skin_colour(tone, 0.1)
    t = np.linspace(0, 1, 26)
    cap = np.sqrt(np.clip(1 - (2 * t - 1) ** 14, 0, 1))
    palm = np.stack([4 * np.sin(t * 3), -48 + 92 * t, -3 * (1 - t)], axis=-1)
    surfaces = [
        _solid(
            _rounded(palm, 14 * cap * (0.72 + 0.28 * np.sin(np.clip(t * 2.1, 0, 1.57))), flat=2.8),
            Material.SKIN,
            colour,
        )
    ]
    fingers = ((-27, 32, -0.16, 66, 8.4), (-9, 40, -0.05, 78, 8.8), (9.5, 39, 0.05, 73, 8.6), (27, 31, 0.17, 56, 7.6))
    knuckles = 1 + 0.09 * np.exp(-(((t - 0.42) / 0.07) ** 2)) + 0.06 * np.exp(-(((t - 0.72) / 0.06) ** 2))
    for x, y, lean, length, radius in fingers:
        bend = 16 * t**2
        path = np.stack(
            [x + np.sin(lean) * length * t, y - 14 + (np.cos(lean) * length + 14) * t, 4 - bend * 0.6], axis=-1
        )
        tip = np.sqrt(np.clip(1 - np.clip((t - 0.88) / 0.12, 0, 1) ** 2, 0, 1))
        surfaces.append(
            _solid(_rounded(path, radius * (1 - 0.22 * t) * knuckles * tip), Material.SKIN, colour * (1 - 0.04 * lean))
        )
        nail = _nail(path, radius)
        surfaces.append(_solid(nail, Material.SKIN, colour * vector(1.08, 1.0, 1.02) + 0.05))
    thumb = np.stack([-30 - 34 * t, -26 + 52 * t - 6 * t**2, 6 + 6 * t], axis=-1)
    tip = np.sqrt(np.clip(1 - np.clip((t - 0.85) / 0.15, 0, 1) ** 2, 0, 1))
    surfaces.append(_solid(_rounded(thumb, 11 * (1 - 0.2 * t) * tip), Material.SKIN, colour))
    wrist = np.stack([0 * t, -220 + 190 * t, -6 + 0 * t], axis=-1)
    surfaces.append(_solid(tube(wrist.astype(np.float32), 20 + 0 * t, sides=18, flat=1.47), Material.SKIN, colour))
    return surfaces


def _nail(path: Floats, radius: float) -> Floats:
    end, back = path[-3], path[-6]
    along = unit((end - back)[None])[0]
    u = np.linspace(-1, 1, 9)[None, :, None]
    v = np.linspace(-0.5, 0.5, 9)[:, None, None]
    round_off = np.sqrt(np.clip(1 - np.abs(2 * v) ** 4, 0, 1))
    across = vector(along[1], -along[0], 0)
    middle = end + vector(0, 0, radius * 0.66)
    grid = middle + across * u * radius * 0.5 * round_off - along * v * radius * 1.25
    return np.asarray(grid - vector(0, 0, 1) * (radius * 0.22) * u**2, np.float32)


def _microphone(tone: float) -> list[Surface]:
    """A hand microphone whose head is at the origin, its stem hanging down."""
    del tone
    around = np.linspace(0, 2 * np.pi, 49)[None]
    down = np.linspace(0, np.pi, 33)[:, None]
    ball = np.stack(
        np.broadcast_arrays(25 * np.sin(down) * np.sin(around), 25 * np.cos(down), 25 * np.sin(down) * np.cos(around)),
        axis=-1,
    )
    mesh = 0.035 + 0.05 * (np.sin(around * 24) * np.sin(down * 24) > 0.2)[..., None] * np.ones(3)
    t = np.linspace(0, 1, 20)
    stem = np.stack([0 * t, -20 - 210 * t, 0 * t], axis=-1).astype(np.float32)
    band = np.stack([0 * t, -17 - 8 * t, 0 * t], axis=-1).astype(np.float32)
    return [
        _solid(ball, Material.GLOSS, mesh),
        _solid(tube(stem, 17 - 5 * t, sides=24), Material.GLOSS, vector(0.02, 0.02, 0.022)),
        _solid(tube(band, 22 - 2 * t, sides=24), Material.GLOSS, vector(0.25, 0.25, 0.26)),
    ]


def _lock(tone: float) -> list[Surface]:
    """Loose hairs that hang across the face, from the upper left to the lower right of the origin."""
    rng = np.random.default_rng(11)
    count, points = 60, 14
    t = np.linspace(0, 1, points)[None, :, None]
    start = np.array([-30, 95, -14]) + rng.normal(0, [7, 5, 3], (count, 3))
    end = np.array([22, -70, 6]) + rng.normal(0, [9, 14, 3], (count, 3))
    bow = np.array([16, 0, 22]) + rng.normal(0, [6, 2, 4], (count, 3))
    spine = start[:, None] * (1 - t) + end[:, None] * t + bow[:, None] * np.sin(np.pi * t)
    tangent = unit(np.gradient(spine, axis=1).astype(np.float32))
    across = unit(np.cross(tangent, vector(0, 0, 1)))
    side = across * (0.55 * np.sqrt(1 - 0.9 * t**3))
    shade = rng.normal(1, 0.15, (count, 1, 1))
    albedo = np.broadcast_to(hair_colour(tone, 0.1, 0.0) * shade, spine.shape).astype(np.float32)
    outward = np.broadcast_to(vector(0, 0, 1), spine.shape).astype(np.float32)
    grid = ribbon_grid((spine - side).astype(np.float32), (spine + side).astype(np.float32))
    return [
        Surface(
            points=grid,
            normals=ribbon_grid(outward, outward),
            material=Material.HAIR,
            part=np.full(grid.shape[:2], Part.OCCLUDER, np.uint8),
            albedo=ribbon_grid(albedo, albedo),
            shade=np.full(grid.shape[:2], 0.8, np.float32),
            faces=ribbon_faces(points, count),
            tangents=ribbon_grid(tangent, tangent),
        )
    ]
