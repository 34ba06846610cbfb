"""Lights, and how much of one reaches a point."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.rasterize import FAR, depth_map
from understudy.actors.vector import Floats, moved, vector

Colour = tuple[float, float, float]

_DISTANCE = 9000.0  # of the lights: far enough for parallel rays
_GOLDEN = 2.399963  # radians


@dataclass(frozen=True)
class Light:
    """A distant light.

    Attributes:
        direction: towards the light, in camera axes (x right, y up, z to the viewer); any length.
        colour: linear RGB, intensity included.
        softness: radius of the shadow's blur in millimetres.
    """

    direction: Colour
    colour: Colour
    softness: float = 6.0

    def unit(self) -> Floats:
        """(3,) the direction at length one."""
        d = vector(*self.direction)
        return np.asarray(d / np.linalg.norm(d), np.float32)


@dataclass(frozen=True)
class Lighting:
    """A key light that casts a shadow, a fill that does not, and light from all around.

    Attributes:
        key, fill, rim: the lights; the rim stands behind the performer.
        sky, ground: linear RGB of the surroundings above and below.
    """

    key: Light = Light((-0.55, 0.55, 0.75), (2.15, 2.02, 1.86))
    fill: Light = Light((0.8, 0.1, 0.6), (0.35, 0.4, 0.5))
    rim: Light = Light((0.7, 0.5, -0.6), (0.9, 0.9, 1.0))
    sky: Colour = (0.34, 0.38, 0.44)
    ground: Colour = (0.17, 0.145, 0.13)

    @staticmethod
    def from_seed(seed: int) -> "Lighting":
        """Lights drawn from a seed, as bright in sum as the default's: daylight to lamplight, soft to hard."""
        rng = np.random.default_rng([seed, 0x11])
        side = float(rng.choice([-1, 1]))
        around, height = side * float(rng.uniform(0.15, 1.0)), float(rng.uniform(0.15, 0.85))
        warmth = float(rng.normal(0.25, 0.5))
        contrast = float(rng.uniform(0.75, 1.2))

        def tinted(strength: float, warm: float) -> Colour:
            return strength * (1 + 0.12 * warm), strength, strength * (1 - 0.16 * warm)

        return Lighting(
            key=Light(
                (float(np.sin(around)), height, float(np.cos(around))),
                tinted(2.0 * contrast, warmth),
                softness=float(rng.uniform(3, 13)),
            ),
            fill=Light((-side * 0.8, 0.1, 0.6), tinted(float(rng.uniform(0.2, 0.6)) / contrast, -0.8 * warmth)),
            rim=Light((-side * 0.7, 0.5, -0.6), tinted(float(rng.uniform(0.1, 1.6)), float(rng.normal(0, 0.8)))),
            sky=tinted(float(rng.uniform(0.30, 0.46)) / contrast, -0.6 * warmth),
            ground=tinted(float(rng.uniform(0.11, 0.19)) / contrast, 0.5),
        )

    def ambient(self, normals: Floats) -> Floats:
        """Light from all around (..., 3) on points with unit normals (..., 3)."""
        up = (normals[..., 1:2] + 1) / 2
        return np.asarray(vector(*self.ground) * (1 - up) + vector(*self.sky) * up, np.float32)


@dataclass(frozen=True, eq=False)
class View:
    """A square view from a far point towards a centre: parallel rays for practical purposes.

    Attributes:
        axes: (3, 3) rows: right, up and towards the viewer.
        centre: (3,) point looked at.
        radius: millimetres around the centre that are seen.
        size: samples on a side.
    """

    axes: Floats
    centre: Floats
    radius: float
    size: int

    @staticmethod
    def along(direction: Floats, centre: Floats, radius: float, size: int) -> "View":
        """The view from where `direction` (unit) points to."""
        helper = vector(0, 1, 0) if abs(direction[1]) < 0.9 else vector(1, 0, 0)
        right = np.cross(helper, direction)
        right /= np.linalg.norm(right)
        axes = np.stack([right, np.cross(direction, right), direction]).astype(np.float32)
        return View(axes, np.asarray(centre, np.float32), radius, size)

    def see(self, points: Floats) -> Floats:
        """Points (..., 3) in the view's axes, the viewer at the origin."""
        return moved(points, self.axes, -self.axes @ self.centre - vector(0, 0, _DISTANCE))

    def depth(self, points: Floats, faces: NDArray[np.int32]) -> Floats:
        """Depth (size, size) of triangles."""
        angle = 2 * float(np.arctan(self.radius / _DISTANCE))
        return depth_map(self.see(points), faces, field_of_view=angle, size=self.size)

    def pixels(self, seen: Floats) -> tuple[Floats, Floats]:
        """Samples (x, y) of points as `see` returned them."""
        centre = (self.size - 1) / 2
        scale = (self.size / 2) * (_DISTANCE / self.radius) / -seen[..., 2]
        return centre + seen[..., 0] * scale, centre - seen[..., 1] * scale


def lit_share(
    view: View, depth: Floats, points: Floats, *, softness: float, bias: float, jitter: Floats, taps: int = 10
) -> Floats:
    """Share (N,) of a light's disc that points (N, 3) see past the surfaces in `depth`.

    Args:
        softness: millimetres around each point's place in the depth map that are asked.
        bias: millimetres that a surface must be nearer to the light to count.
        jitter: (N,) radians by which each point's pattern is turned.
    """
    seen = view.see(points)
    x, y = view.pixels(seen)
    reach = softness * view.size / (2 * view.radius)
    distance = -seen[..., 2] - np.float32(bias)
    total = np.zeros(len(points), np.float32)
    for tap in range(taps):
        angle = jitter + np.float32(tap * _GOLDEN)
        radius = np.float32(reach * np.sqrt((tap + 0.5) / taps))
        found = lookup(depth, x + radius * np.cos(angle), y + radius * np.sin(angle), outside=FAR)
        total += np.clip((found - distance) * np.float32(0.5) + np.float32(0.5), 0, 1)
    return total / np.float32(taps)


def lookup(image: Floats, x: Floats, y: Floats, *, outside: float | None = None) -> Floats:
    """Values (N,) or (N, K) of an image at places (N,), interpolated linearly.

    Args:
        outside: value beyond the image; None: that of its nearest edge.
    """
    count = len(x)
    width = 1024
    rows = -(-count // width)  # remap takes no side longer than 32767
    padded = rows * width
    maps = [np.resize(np.asarray(m, np.float32), padded).reshape(rows, width) if count else m for m in (x, y)]
    if not count:
        return np.zeros((0, *image.shape[2:]), np.float32)
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    values = cv2.remap(image, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=border, borderValue=outside or 0.0)
    return np.asarray(values.reshape(padded, *image.shape[2:])[:count], np.float32)


def openness(
    points: Floats, faces: NDArray[np.int32], targets: Sequence[Floats], normals: Sequence[Floats]
) -> list[Floats]:
    """Share of the surroundings that points see, weighted by the cosine: ambient occlusion.

    Args:
        points, faces: everything that hides the surroundings.
        targets: (..., 3) points.
        normals: (..., 3) of the targets.
    """
    index = np.arange(44) + 0.5
    height = 1 - 2 * index / len(index)
    around = index * _GOLDEN
    flat = np.sqrt(1 - height**2)
    directions = np.stack([flat * np.cos(around), height, flat * np.sin(around)], axis=-1).astype(np.float32)
    centre = points.mean(axis=0)
    radius = float(np.abs(points - centre).max()) * 1.2
    all_points = np.concatenate([t.reshape(-1, 3) for t in targets])
    all_normals = np.concatenate([n.reshape(-1, 3) for n in normals])
    raised = all_points + all_normals
    seen = np.zeros(len(all_points), np.float32)
    whole = np.zeros(len(all_points), np.float32)
    for direction in directions:
        view = View.along(direction, centre, radius, 256)
        depth = view.depth(points, faces)
        cosine = np.maximum(all_normals @ direction, 0)
        place = view.see(raised)
        x, y = view.pixels(place)
        free = np.clip((lookup(depth, x, y) + place[:, 2] + 3.0) / 4.0, 0, 1)
        seen += cosine * free
        whole += cosine
    share = seen / np.maximum(whole, 1e-6)
    ends = np.cumsum([t[..., 0].size for t in targets])[:-1]
    return [part.reshape(t.shape[:-1]) for part, t in zip(np.split(share, ends), targets, strict=True)]
