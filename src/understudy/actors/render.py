"""From performer, moment and scene to a picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.background import backdrop
from understudy.actors.body import body_of
from understudy.actors.film import developed
from understudy.actors.identity import Identity
from understudy.actors.light import View, lit_share
from understudy.actors.performance import PerformanceFrame
from understudy.actors.rasterize import merged, rasterize
from understudy.actors.scene import Scene
from understudy.actors.shading import Points, shade
from understudy.actors.surface import Material, Surface, unit
from understudy.actors.visible import Visible, visible

Floats = NDArray[np.float32]

_SHADOW_SIZE = 640
_BLUR = ((1.3, 3.6), (0.6, 1.7), (0.35, 1.0))  # millimetres light travels under skin, near and far, by channel


def render(identity: Identity, frame: PerformanceFrame, scene: Scene, size: int) -> NDArray[np.uint8]:
    posed = body_of(identity).pose(frame, scene.camera.distance)
    surfaces = posed.surfaces
    samples = rasterize(surfaces, field_of_view=scene.camera.field_of_view(), size=2 * size)
    seen = visible(samples, len(surfaces))
    light = _lit(seen, surfaces, scene, size, posed.stance.joint)
    light += backdrop(scene.background, size) * (1 - seen.covered)[..., None]
    return developed(light, exposure=scene.exposure, grain=scene.grain, seed=0)


def _lit(seen: Visible, surfaces: list[Surface], scene: Scene, size: int, centre: NDArray[np.float64]) -> Floats:
    """(size, size, 3) light of all surfaces."""
    place = scene.camera.unproject(seen.x, seen.y, seen.depth, size)
    view = unit(-place)
    key = scene.lighting.key
    points, faces = merged([s for s in surfaces if s.material is not Material.EYE])
    direction = key.unit()
    sun = View.along(direction, centre.astype(np.float32) + np.float32([0, 60, 40]), 260.0, _SHADOW_SIZE)
    depth = sun.depth(points, faces)
    jitter = np.mod(52.9829189 * np.mod(0.06711056 * seen.x * 2 + 0.00583715 * seen.y * 2, 1), 1) * np.float32(6.2832)
    soft = np.array([s.material is Material.SKIN for s in surfaces])
    jitter = jitter * soft[seen.surface]  # where nothing smooths it afterwards, noise is worse than bands
    lit = lit_share(sun, depth, place, softness=key.softness, bias=2.2, jitter=jitter.astype(np.float32))
    pixels_per_mm = scene.camera.focal(size) / scene.camera.distance
    level = int(np.clip(np.round(np.log2(4.0 / max(pixels_per_mm, 0.1))), 0, 3))

    albedo = np.zeros((len(place), 3), np.float32)
    light = np.zeros((len(place), 3), np.float32)
    gloss = np.zeros((len(place), 3), np.float32)
    under_skin = np.zeros(len(place), bool)
    for index, surface in enumerate(surfaces):
        part = slice(seen.starts[index], seen.starts[index + 1])
        if part.start == part.stop:
            continue
        at = Points(seen.row[part], seen.column[part], place[part], view[part], lit[part], level)
        answer = shade(surface, at, scene.lighting)
        albedo[part], light[part], gloss[part] = answer.albedo, answer.light, answer.gloss
        under_skin[part] = surface.material is Material.SKIN
    picture = _summed(seen, np.where(under_skin[:, None], 0, albedo * light) + gloss, size)
    share = _summed(seen, under_skin.astype(np.float32)[:, None], size)
    skin_light = _summed(seen, light * under_skin[:, None], size)
    skin_albedo = _summed(seen, albedo * under_skin[:, None], size)
    return picture + skin_albedo * _scattered(skin_light, share, pixels_per_mm)


def _summed(seen: Visible, values: Floats, size: int) -> Floats:
    """(size, size, K) sum over each pixel of values (N, K) by weight."""
    out = np.empty((size, size, values.shape[1]), np.float32)
    for k in range(values.shape[1]):
        out[..., k] = np.bincount(seen.pixel, values[:, k] * seen.weight, size * size).reshape(size, size)
    return out


def _scattered(light: Floats, share: Floats, pixels_per_mm: float) -> Floats:
    """Light after it travelled under the skin: a sum of two Gaussians for each channel (d'Eon et al., 2007)."""
    out = np.empty_like(light)
    for k, (near, far) in enumerate(_BLUR):
        total = np.zeros_like(share[..., 0])
        for sigma, part in ((near, 0.55), (far, 0.45)):
            width = sigma * pixels_per_mm
            if width < 0.25:
                total += part * light[..., k] / np.maximum(share[..., 0], 1e-3)
                continue
            spread = cv2.GaussianBlur(light[..., k], (0, 0), width)
            whole = cv2.GaussianBlur(share[..., 0], (0, 0), width)
            total += part * spread / np.maximum(whole, 1e-3)
        out[..., k] = total
    return out
