"""From performer, moment and scene to a picture and its truth."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.background import backdrop
from understudy.actors.body import Posed, body_of
from understudy.actors.film import developed
from understudy.actors.identity import Identity
from understudy.actors.landmarks import dense_places, landmark_places, on_net
from understudy.actors.light import View, lit_share
from understudy.actors.motion import head_velocity, smeared
from understudy.actors.performance import PerformanceFrame
from understudy.actors.rasterize import merged, rasterize
from understudy.actors.scene import Scene
from understudy.actors.shading import Points, shade
from understudy.actors.stance import Stance
from understudy.actors.surface import Material, Part, Surface
from understudy.actors.truth import FaceTruth, Rendered, Truth
from understudy.actors.vector import Floats, unit, vector
from understudy.actors.visible import Visible, visible

_SHADOW_SIZE = 640
_BLUR = ((1.3, 3.6), (0.6, 1.7), (0.35, 1.0))  # millimetres light travels under skin, near and far, by channel
_HIDDEN = 12.0  # millimetres of depth beyond the picture's that make a point hidden
_STILL_PARTS = (Part.BACKGROUND, Part.CLOTHES, Part.OCCLUDER, Part.NECK)


def render(identity: Identity, frame: PerformanceFrame, scene: Scene, size: int) -> Rendered:
    """Draw one frame.

    The same frame and scene with another identity have the same pose, camera, light and background.

    Args:
        size: side of the square picture in pixels.
    """
    distance = scene.camera.distance
    people = [body_of(identity).pose(frame, distance)]
    identities = [identity]
    if scene.companion is not None:
        identities.append(scene.companion.identity)
        people.append(_companion(scene, frame.time, distance))
    rest = Stance.at(frame.pose, (0, 0, 0), distance)
    surfaces = [surface for posed in people for surface in posed.surfaces]
    owner = [index + 1 for index, posed in enumerate(people) for _ in posed.surfaces]
    for occluder in scene.occluders:
        added = occluder.surfaces(rest.aim(), frame.time)
        surfaces += added
        owner += [0] * len(added)

    samples = rasterize(surfaces, field_of_view=scene.camera.field_of_view(), size=2 * size)
    seen = visible(samples, len(surfaces))
    parts, person, depth = _labels(seen, surfaces, np.array(owner, np.uint8), size)
    light = _lit(seen, surfaces, scene, size, people[0].stance.joint)
    light += backdrop(scene.background, size) * (1 - seen.covered)[..., None]
    if scene.motion_blur and frame.before is not None:
        moving = (person == 1) & ~np.isin(parts, _STILL_PARTS)
        before = Stance.at(*frame.before, distance)
        light = smeared(light, head_velocity(depth, moving, people[0].stance, before, scene.camera))
    noise = round(frame.time * 1000) + 7919 * scene.background
    pixels = developed(light, exposure=scene.exposure, grain=scene.grain, seed=noise)
    faces = tuple(_face(who, posed, scene, depth) for who, posed in zip(identities, people, strict=True))
    return Rendered(pixels, Truth(faces, parts, person, depth, scene.camera.focal(size)))


def _companion(scene: Scene, time: float, distance: float) -> Posed:
    assert scene.companion is not None  # noqa: S101
    frame = scene.companion.performance.at(time)
    shift = tuple(a + b for a, b in zip(frame.shift, scene.companion.shift, strict=True))
    moved = PerformanceFrame(frame.expression, frame.pose, (shift[0], shift[1], shift[2]))
    return body_of(scene.companion.identity).pose(moved, distance)


def _face(identity: Identity, posed: Posed, scene: Scene, depth: Floats) -> FaceTruth:
    size = depth.shape[0]
    marks = on_net(posed.net, landmark_places())
    dense = on_net(posed.net, dense_places())
    marks_2d, dense_2d = scene.camera.project(marks, size), scene.camera.project(dense, size)
    middle = -float(posed.stance.place(vector([0, -30, -60]))[0, 2])
    z = (-dense[:, 2] - middle) * (scene.camera.focal(size) / middle)
    box = np.concatenate([dense_2d.min(axis=0), dense_2d.max(axis=0)])
    return FaceTruth(
        identity=identity.seed,
        landmarks=marks_2d,
        visible=_in_sight(marks_2d, -marks[:, 2], depth),
        dense=np.concatenate([dense_2d, z[:, None]], axis=1).astype(np.float32),
        dense_visible=_in_sight(dense_2d, -dense[:, 2], depth),
        pose=posed.pose.against_mean_head(),
        box=box.astype(np.float32),
    )


def _in_sight(pixels: Floats, distance: Floats, depth: Floats) -> NDArray[np.bool_]:
    """Which points (N,) at `pixels` and a depth are in the frame with nothing clearly before them."""
    size = depth.shape[0]
    farthest = cv2.dilate(np.where(np.isfinite(depth), depth, 0).astype(np.float32), np.ones((3, 3), np.uint8))
    x, y = np.rint(pixels).astype(np.intp).T
    inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
    shown = farthest[np.clip(y, 0, size - 1), np.clip(x, 0, size - 1)]
    return np.asarray(inside & ((distance <= shown + _HIDDEN) | (shown == 0)))


def _labels(
    seen: Visible, surfaces: list[Surface], owner: NDArray[np.uint8], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Floats]:
    """Part, person and depth (size, size) of what fills most of each pixel."""
    part = np.zeros(len(seen.pixel), np.uint8)
    for index, surface in enumerate(surfaces):
        at = slice(seen.starts[index], seen.starts[index + 1])
        row, column = np.rint(seen.row[at]).astype(np.intp), np.rint(seen.column[at]).astype(np.intp)
        rows, columns = surface.part.shape
        part[at] = surface.part[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
    person = owner[seen.surface]
    parts, people = np.zeros(size * size, np.uint8), np.zeros(size * size, np.uint8)
    depth = np.full(size * size, np.inf, np.float32)
    whole = seen.weight == 1
    at = seen.pixel[whole]
    parts[at], people[at], depth[at] = part[whole], person[whole], seen.depth[whole]

    # Where an edge crosses a pixel, its quarters vote.
    pixel, part, person, far = (v[~whole] for v in (seen.pixel, part.astype(np.intp), person, seen.depth))
    mixed, of = np.unique(pixel, return_inverse=True)
    kinds = len(Part) * 3
    choice = part * 3 + person
    votes = np.bincount(of * kinds + choice, minlength=len(mixed) * kinds).reshape(-1, kinds)
    votes[:, 0] = np.rint(4 * (1 - seen.covered.ravel()[mixed]))
    winner = votes.argmax(axis=1)
    parts[mixed], people[mixed] = winner // 3, winner % 3
    chosen = choice == winner[of]
    np.minimum.at(depth, pixel[chosen], far[chosen])
    return parts.reshape(size, size), people.reshape(size, size), depth.reshape(size, size)


def _lit(seen: Visible, surfaces: list[Surface], scene: Scene, size: int, centre: NDArray[np.floating[Any]]) -> Floats:
    """(size, size, 3) light of all surfaces."""
    place = scene.camera.unproject(seen.x, seen.y, seen.depth, size)
    view = unit(-place)
    key = scene.lighting.key
    points, faces = merged(
        [s for s in surfaces if s.material not in (Material.EYE, Material.MOUTH)], toward=9000 * key.unit()
    )
    radius = 260.0 if scene.companion is None else 420.0
    sun = View.along(key.unit(), centre.astype(np.float32) + vector(0, 60, 40), radius, _SHADOW_SIZE)
    depth = sun.depth(points, faces)
    jitter = np.mod(52.9829189 * np.mod(0.06711056 * seen.x * 2 + 0.00583715 * seen.y * 2, 1), 1) * np.float32(6.2832)
    # Noise is smoothed under skin; elsewhere it would stay.
    smoothed = np.array([s.material is Material.SKIN for s in surfaces])[seen.surface]
    jitter = (jitter * smoothed).astype(np.float32)
    lit = lit_share(sun, depth, place, softness=key.softness, bias=2.2, jitter=jitter)
    pixels_per_mm = scene.camera.focal(size) / scene.camera.distance
    level = int(np.clip(np.round(np.log2(4.0 / max(pixels_per_mm, 0.1))), 0, 3))

    albedo, light, gloss = (np.zeros((len(place), 3), np.float32) for _ in range(3))
    for index, surface in enumerate(surfaces):
        part = slice(seen.starts[index], seen.starts[index + 1])
        if part.start == part.stop:
            continue
        at = Points(seen.row[part], seen.column[part], place[part], view[part], lit[part], level)
        answer = shade(surface, at, scene.lighting)
        albedo[part], light[part], gloss[part] = answer.albedo, answer.light, answer.gloss
    under_skin = smoothed[:, None]
    picture = _summed(seen, np.where(under_skin, 0, albedo * light) + gloss, size)
    share = _summed(seen, under_skin.astype(np.float32), size)
    skin_light = _summed(seen, light * under_skin, size)
    skin_albedo = _summed(seen, albedo * under_skin, size)
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
