"""How each material answers light, point by point. Linear RGB throughout."""

from dataclasses import dataclass, replace

import numpy as np

from understudy.actors.eyes import IRIS_RADIUS, TEXTURE_SPOKES, ring_angle, texture_ring
from understudy.actors.light import Light, Lighting, lookup
from understudy.actors.solids import EYE_RADIUS
from understudy.actors.surface import EyeTexture, Material, SkinTexture, Surface
from understudy.actors.vector import Floats, unit, vector

_WRAP = vector(0.26, 0.13, 0.08)  # how far light bleeds round an edge, by channel
_BLEED = vector(0.88, 1.0, 1.05)  # exponent of shadow and occlusion: red passes deeper
_RELIEF = vector(0.40, 0.70, 0.90)  # how much of the fine relief each channel shows


@dataclass(frozen=True, eq=False)
class Points:
    """Points of one surface: place on its grid, and in camera space.

    Attributes:
        row, column: (N,) on the grid.
        place: (N, 3) camera space.
        view: (N, 3) unit, towards the camera.
        lit: (N,) share of the key light that arrives.
        level: of the skin's texture to use.
    """

    row: Floats
    column: Floats
    place: Floats
    view: Floats
    lit: Floats
    level: int

    def of(self, grid: Floats) -> Floats:
        """Values (N, ...) of a grid (R, C, ...) at the points."""
        return lookup(np.ascontiguousarray(grid), self.column, self.row)


@dataclass(frozen=True, eq=False)
class Answer:
    """What points send to the camera: `albedo` times `light` (which may be blurred under skin) plus `gloss`; (N, 3)."""

    albedo: Floats
    light: Floats
    gloss: Floats


def shade(surface: Surface, points: Points, lighting: Lighting) -> Answer:
    """Light that leaves points of a surface towards the camera."""
    match surface.material:
        case Material.SKIN:
            return _skin(surface, points, lighting)
        case Material.EYE:
            return _eye(surface, points, lighting)
        case Material.HAIR:
            return _hair(surface, points, lighting)
        case Material.MOUTH:
            return _coated(surface, points, lighting, rough=0.28, strength=0.75, wrap=0.25)
        case Material.CLOTH:
            return _cloth(surface, points, lighting)
        case Material.GLOSS:
            return _coated(surface, points, lighting, rough=0.22, strength=1.0, wrap=0.0)


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(a @ b if b.ndim == 1 else np.einsum("ij,ij->i", a, b), np.float32)


def _wrapped(cosine: Floats, wrap: float | np.floating) -> Floats:
    return np.asarray(np.maximum((cosine + np.float32(wrap)) / np.float32(1 + wrap), 0), np.float32)


def _facing(normal: Floats, view: Floats) -> Floats:
    """Normals turned to the camera's side."""
    return np.where(_dot(normal, view)[:, None] < 0, -normal, normal)


def _lobe(normal: Floats, half: Floats, cosine_half_light: Floats, rough: Floats | float) -> Floats:
    """GGX distribution with the visibility of Kelemen and Szirmay-Kalos (2001)."""
    nh = np.clip(_dot(normal, half), 0, 1)
    a2 = np.float32(rough) ** 4 if isinstance(rough, float) else rough**4
    d = a2 / (np.float32(np.pi) * (nh * nh * (a2 - 1) + 1) ** 2)
    return np.asarray(d / (4 * np.maximum(cosine_half_light, 0.1) ** 2), np.float32)


def _shine(normal: Floats, view: Floats, light: Light, lobes: tuple[tuple[float, float], ...], f0: float) -> Floats:
    """(N,) specular reflection of a light: `lobes` are (roughness, share)."""
    direction = light.unit()
    half = unit(view + direction)
    lh = np.clip(half @ direction, 0, 1)
    fresnel = np.float32(f0) + np.float32(1 - f0) * (1 - lh) ** 5
    nl = np.maximum(normal @ direction, 0)
    total = sum(np.float32(share) * _lobe(normal, half, lh, rough) for rough, share in lobes)
    return np.asarray(total * fresnel * nl, np.float32)


def _mirror_sky(normal: Floats, view: Floats, lighting: Lighting, f0: float, rough: float) -> Floats:
    """(N, 3) the surroundings mirrored at a grazing angle."""
    nv = np.clip(_dot(normal, view), 0, 1)
    fresnel = np.float32(f0) + np.float32(max(1 - rough - f0, 0.0)) * (1 - nv) ** 5
    mirrored = 2 * nv[:, None] * normal - view
    return np.asarray(lighting.ambient(mirrored) * fresnel[:, None], np.float32)


def _skin(surface: Surface, points: Points, lighting: Lighting) -> Answer:
    normal = unit(points.of(surface.normals))
    seen = points.of(surface.shade)
    texture = surface.texture
    if isinstance(texture, SkinTexture):
        scale = texture.texels / 2**points.level
        place = points.column * np.float32(scale), points.row * np.float32(scale)
        painted = lookup(texture.colour[points.level], *place)
        albedo, gloss = painted[:, :3], painted[:, 3]
        slope = lookup(texture.relief[points.level], *place)
        assert surface.tangents is not None  # noqa: S101
        across = points.of(surface.tangents)
        down = np.cross(across, normal)
        fine = unit(normal - slope[:, :1] * across - slope[:, 1:] * down)
    else:
        albedo, gloss, fine = points.of(surface.albedo), np.float32(0.4) + 0 * seen, normal
    normal, fine = _facing(normal, points.view), _facing(fine, points.view)

    light = np.empty_like(albedo)
    sources = (
        (lighting.key, points.lit, 1.0),
        (lighting.fill, seen, 1.0),
        (lighting.rim, seen * seen, 0.6),
    )
    ambient = lighting.ambient(normal + 0.5 * (fine - normal))
    for k in range(3):
        bleed = float(_BLEED[k])
        total = ambient[:, k] * seen**bleed
        for source, share, wrap in sources:
            direction = source.unit()
            cosine = normal @ direction
            cosine = cosine + _RELIEF[k] * (fine @ direction - cosine)
            total += source.colour[k] * _wrapped(cosine, _WRAP[k] * wrap) * share**bleed
        light[:, k] = total
    lobes = ((0.44, 0.5), (0.66, 0.5))
    shine = np.zeros_like(albedo)
    for source, share, strength in zip(
        (lighting.key, lighting.fill, lighting.rim), (points.lit, seen, seen * seen), (1.0, 0.5, 0.25), strict=True
    ):
        share = share * np.float32(strength)
        shine += (_shine(fine, points.view, source, lobes, 0.028) * share)[:, None] * vector(*source.colour)
    shine += 0.55 * _mirror_sky(normal, points.view, lighting, 0.028, 0.5) * (seen * seen)[:, None]
    return Answer(albedo, light, shine * gloss[:, None] * np.float32(2.6))


def _diffuse(normal: Floats, points: Points, seen: Floats, lighting: Lighting, wrap: float) -> Floats:
    light = lighting.ambient(normal) * seen[:, None]
    for source, share in ((lighting.key, points.lit), (lighting.fill, seen), (lighting.rim, seen)):
        light += (_wrapped(normal @ source.unit(), wrap) * share)[:, None] * vector(*source.colour)
    return light


def _coated(
    surface: Surface, points: Points, lighting: Lighting, *, rough: float, strength: float, wrap: float
) -> Answer:
    normal = _facing(unit(points.of(surface.normals)), points.view)
    seen = points.of(surface.shade)
    albedo = points.of(surface.albedo)
    light = _diffuse(normal, points, seen, lighting, wrap)
    if surface.material is Material.MOUTH:
        # Teeth pass light on among themselves: a shadow's edge does not show on them.
        even = replace(points, lit=0.3 + 0.4 * points.lit)
        light = _diffuse(normal, even, np.sqrt(seen), lighting, wrap) * np.sqrt(seen)[:, None] * np.float32(1.25)
    gloss = np.zeros_like(albedo)
    for source, share in ((lighting.key, points.lit * seen), (lighting.fill, seen)):
        gloss += (_shine(normal, points.view, source, ((rough, 1.0),), 0.04) * share)[:, None] * np.asarray(
            source.colour, np.float32
        )
    gloss += _mirror_sky(normal, points.view, lighting, 0.04, rough) * (seen * seen)[:, None]
    return Answer(albedo, light, gloss * np.float32(strength))


def _cloth(surface: Surface, points: Points, lighting: Lighting) -> Answer:
    normal = _facing(unit(points.of(surface.normals)), points.view)
    seen = points.of(surface.shade)
    albedo = points.of(surface.albedo)
    light = _diffuse(normal, points, seen, lighting, 0.15)
    fuzz = (1 - np.clip(_dot(normal, points.view), 0, 1)) ** 3
    gloss = albedo * (0.5 * fuzz * seen)[:, None] * lighting.ambient(normal)
    return Answer(albedo, light, gloss)


def _hair(surface: Surface, points: Points, lighting: Lighting) -> Answer:
    """Kajiya and Kay (1989) with the two shifted highlights of Marschner et al. (2003)."""
    assert surface.tangents is not None  # noqa: S101
    normal = _facing(unit(points.of(surface.normals)), points.view)
    tangent = unit(points.of(surface.tangents))
    seen = points.of(surface.shade)
    albedo = points.of(surface.albedo)
    strand = np.floor(points.column * 9 + 0.5)
    streak = np.sin(strand * 12.9898) * 43758.547
    streak = (streak - np.floor(streak)).astype(np.float32)
    albedo = albedo * (0.80 + 0.40 * streak)[:, None]
    through = 0.7 * albedo.mean(axis=1)  # hair passes light on to hair, the lighter the more
    seen, key = seen + (1 - seen) * through, points.lit + (1 - points.lit) * through
    light = lighting.ambient(normal) * (seen**1.2)[:, None]
    gloss = np.zeros_like(albedo)
    for source, share in (
        (lighting.key, key),
        (lighting.fill, seen),
        (lighting.rim, seen),
    ):
        direction = source.unit()
        colour = vector(*source.colour)
        along = tangent @ direction
        across = np.sqrt(np.maximum(1 - along * along, 0))
        light += (across * _wrapped(normal @ direction, 0.35) * share * 0.85)[:, None] * colour
        half = unit(points.view + direction)
        th = _dot(tangent, half) + 0.12 * (streak - 0.5)
        lit = _wrapped(normal @ direction, 0.25) * share
        first = np.maximum(1 - (th + 0.10) ** 2, 0) ** 60
        second = np.maximum(1 - (th - 0.14) ** 2, 0) ** 14
        gloss += (0.085 * first * lit)[:, None] * colour
        gloss += albedo * (0.42 * second * lit)[:, None] * colour
    return Answer(albedo, light, gloss)


def _eye(surface: Surface, points: Points, lighting: Lighting) -> Answer:
    """Iris seen through the cornea by refraction; the cornea mirrors the lights sharply."""
    texture = surface.texture
    assert isinstance(texture, EyeTexture)  # noqa: S101
    normal = unit(points.of(surface.normals))
    seen = points.of(surface.shade)
    axes = texture.axes
    outward, view = normal @ axes, points.view @ axes  # in the eye's axes
    away = ring_angle(points.row)
    around = points.column * np.float32(2 * np.pi / (surface.points.shape[1] - 1))
    x, y = EYE_RADIUS * np.sin(away) * np.cos(around), -EYE_RADIUS * np.sin(away) * np.sin(around)
    height = EYE_RADIUS * np.cos(away)
    iris_plane = np.float32(np.sqrt(EYE_RADIUS**2 - IRIS_RADIUS**2) - 0.25)
    eta = np.float32(1 / 1.336)
    cosine = np.clip(np.einsum("ij,ij->i", outward, view), 0.05, 1)
    inside = -eta * view + (eta * cosine - np.sqrt(np.maximum(1 - eta**2 * (1 - cosine**2), 0)))[:, None] * outward
    walk = np.maximum(height + 0.9 - iris_plane, 0) / np.maximum(-inside[:, 2], 0.2)
    walk = np.minimum(walk, 4.0) * (away < 0.62)
    ix, iy = x + inside[:, 0] * walk, y + inside[:, 1] * walk
    radius = np.minimum(np.hypot(ix, iy), EYE_RADIUS)
    behind = away > 0.62
    angle = np.where(behind, away, np.arcsin(radius / EYE_RADIUS))
    spoke = np.mod(np.arctan2(-iy, ix) / np.float32(2 * np.pi), 1.0) * np.float32(TEXTURE_SPOKES - 1)
    albedo = lookup(texture.colour, spoke.astype(np.float32), texture_ring(angle.astype(np.float32)))

    is_iris = (radius < IRIS_RADIUS)[:, None] & ~behind[:, None]
    sphere = unit(np.stack([x, y, height], axis=-1)) @ axes.T
    light = _diffuse(sphere.astype(np.float32), points, seen, lighting, 0.35)
    # Light gathers on the far side of the iris from where it comes.
    across = np.stack([ix, iy], axis=-1) / IRIS_RADIUS
    key = lighting.key.unit() @ axes
    caustic = 1.15 - 0.55 * (across @ key[:2])
    light = np.where(is_iris, light * np.maximum(caustic, 0.3)[:, None] * np.float32(1.15), light)
    gloss = np.zeros_like(albedo)
    wet = _facing(normal, points.view)
    mirrored = 2 * _dot(wet, points.view)[:, None] * wet - points.view
    visible = ramp01(seen)
    for source, share, width in (
        (lighting.key, np.sqrt(points.lit) * visible, 0.21),
        (lighting.fill, 0.6 * visible, 0.16),
    ):
        gloss += (1.1 * _softbox(mirrored, source, width) * share)[:, None] * vector(*source.colour)
    gloss += 0.8 * _mirror_sky(wet, points.view, lighting, 0.022, 0.05) * (seen * seen)[:, None]
    return Answer(albedo, light, gloss)


def _softbox(mirrored: Floats, source: Light, width: float) -> Floats:
    """How much of a square lamp, `width` wide as a tangent, is seen in mirrored directions (N, 3)."""
    direction = source.unit()
    right = unit(np.cross(vector(0, 1, 0), direction))
    up = np.cross(direction, right)
    ahead = mirrored @ direction
    safe = np.maximum(ahead, 1e-3)
    x, y = np.abs(mirrored @ right) / safe, np.abs(mirrored @ up) / safe
    edge = np.clip((width - x) / 0.05 + 0.5, 0, 1) * np.clip((1.2 * width - y) / 0.05 + 0.5, 0, 1)
    return np.asarray(edge * (ahead > 0), np.float32)


def ramp01(x: Floats) -> Floats:
    """How surely a mirrored light is seen where only a share of the surroundings is."""
    return np.asarray(np.clip((x - 0.25) * 2.5, 0, 1), np.float32)
