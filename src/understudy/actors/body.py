"""A performer's body: everything that is modelled once for an identity, and posed for each frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.ears import ear, ear_reddening
from understudy.actors.expression import OFFSETS, offsets
from understudy.actors.eyes import eye_texture, eyeball, gaze_matrix
from understudy.actors.field import ramp
from understudy.actors.glasses import glasses
from understudy.actors.hair import Strands, grow_beard, grow_hair
from understudy.actors.identity import Identity
from understudy.actors.jaw import jaw_weight, opened
from understudy.actors.lashes import lashes
from understudy.actors.lids import Aperture, seat, slide
from understudy.actors.light import openness
from understudy.actors.mesh import bare_parts, head_faces, head_normals
from understudy.actors.mouth import cavity, held_by_corners, teeth, teeth_albedo, tongue
from understudy.actors.neutral import neutral_head
from understudy.actors.performance import PerformanceFrame
from understudy.actors.pigment import hair_colour, hue_colour, iris_colours, linear, skin_colour
from understudy.actors.pose import Pose
from understudy.actors.rasterize import merged
from understudy.actors.shape import shaped
from understudy.actors.skin import TEXELS, paint_skin
from understudy.actors.solids import EYE_CENTRE, EYE_RADIUS
from understudy.actors.stance import Stance
from understudy.actors.surface import (
    EyeTexture,
    Material,
    Part,
    SkinTexture,
    Surface,
    grid_faces,
    grid_normals,
    ribbon_faces,
    ribbon_grid,
)
from understudy.actors.torso import torso
from understudy.actors.vector import Floats, moved, unit, vector

_GAZE = 0.55  # radians at the end of the gaze channels' range
_LEVELS = 4


@dataclass(frozen=True, eq=False)
class Posed:
    """A body in one frame, in camera space.

    Attributes:
        surfaces: what is drawn.
        net: (R, C, 3) the head's vertices.
        stance: how it stands.
        pose: rotation of the head.
    """

    surfaces: list[Surface]
    net: Floats
    stance: Stance
    pose: Pose


class Body:
    """Build with `body_of`, which keeps the last few."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._closed = self._shaped(neutral_head())
        self._eye_centres = {side: self._shaped(vector(*EYE_CENTRE) * vector(side, 1, 1)) for side in (-1, 1)}
        m = identity.measures
        self._aperture = Aperture(4.3 * m["aperture"], 4.0 * m["aperture"] ** 0.5)
        self._skin = _skin_surface(identity)
        self._eyes = {side: _eye_surface(identity, side) for side in (-1, 1)}
        self._mouth = self._mouth_surfaces()
        self._fixed = [*self._ear_surfaces(), *self._glasses_surfaces()]
        self._torso = self._torso_surface()
        self._hair = self._strands(grow_hair(identity))
        self._beard = self._strands(grow_beard(identity))
        self._lash_colour = hair_colour(min(1.0, m["hair_melanin"] + 0.35), 0.3 * m["hair_red"], 0.0) * 0.35
        self._bake()

    def pose(self, frame: PerformanceFrame, distance: float) -> Posed:
        """The body in a frame, `distance` millimetres from the camera."""
        stance = Stance.of(frame, distance)
        head = self._expressed(frame)
        net = stance.place_neck(head)
        normals, tangents = head_normals(net)
        surfaces = [replace(self._skin, points=net, normals=normals, tangents=tangents)]
        surfaces += [self._posed_eye(frame, stance, head, side) for side in (-1, 1)]
        surfaces += self._posed_mouth(frame, stance, head)
        for fixed in self._fixed:
            surfaces.append(replace(fixed, points=stance.place(fixed.points), normals=stance.turn(fixed.normals)))
        points = stance.place_shoulders(self._torso.points)
        surfaces.append(replace(self._torso, points=points, normals=grid_normals(points)))
        if self._hair:
            surfaces.append(_posed_strands(self._hair[0], stance, bends=True))
        if self._beard:
            surface, roots = self._beard
            drawn = (head - self._closed)[roots[:, 0], roots[:, 1]]  # (N, 3) with the skin
            points = surface.points + np.repeat(drawn, 2, axis=0)
            surfaces.append(_posed_strands(replace(surface, points=points), stance, bends=False))
        for side in (-1, 1):
            surfaces.append(self._posed_lashes(stance, head, side))
        return Posed(surfaces, net, stance, frame.pose)

    def _shaped(self, points: Floats) -> Floats:
        return shaped(points, self.identity.traits, self.identity.lopsided)

    def _expressed(self, frame: PerformanceFrame) -> Floats:
        """(R, C, 3) the head in head coordinates with its expression."""
        head = self._closed.copy()
        fields = offsets()
        for index, name in enumerate(OFFSETS):
            strength = frame.strength(name)
            if strength:
                head += np.float32(strength) * fields[index]
        head = opened(head, jaw_weight(), frame.strength("jaw_open"))
        droop = -frame.strength("gaze_y")
        for side, name in ((-1, "blink_left"), (1, "blink_right")):
            blink = frame.strength(name)
            blink = blink + (1 - blink) * 0.22 * frame.strength("squint")
            slide(head, side, self._aperture, blink=blink, widen=frame.strength("widen"), droop=droop)
            seat(head, side, self._eye_centres[side], EYE_RADIUS)
        return head

    def _posed_eye(self, frame: PerformanceFrame, stance: Stance, head: Floats, side: int) -> Surface:
        surface = self._eyes[side]
        turn = gaze_matrix(_GAZE * frame.strength("gaze_x"), 0.75 * _GAZE * frame.strength("gaze_y"))
        turn = turn @ gaze_matrix(0.035 * side, 0.0)
        points = moved(surface.points, turn, self._eye_centres[side])
        axes = stance.head @ turn
        assert isinstance(surface.texture, EyeTexture)  # noqa: S101
        return replace(
            surface,
            points=stance.place(points),
            normals=moved(surface.normals, axes),
            shade=_eye_shade(points, head, side),
            texture=replace(surface.texture, axes=axes.astype(np.float32)),
        )

    def _mouth_surfaces(self) -> list[tuple[Surface, Floats | float]]:
        """Surfaces in head coordinates with their share in the jaw's turn."""
        old = 1 - self.identity.measures["teeth"]
        ivory = linear(np.array([0.93, 0.90, 0.84])) * (1 - vector(0.12, 0.18, 0.34) * old)
        result: list[tuple[Surface, Floats | float]] = []
        for upper in (True, False):
            points, enamel = teeth(upper=upper)
            albedo = teeth_albedo(enamel, upper=upper, ivory=ivory)
            result.append((_plain(self._inside(points), Material.MOUTH, Part.MOUTH, albedo), 0.0 if upper else 1.0))
        points, albedo = tongue()
        result.append((_plain(self._inside(points), Material.MOUTH, Part.MOUTH, albedo), 0.92))
        points, albedo, share = cavity()
        result.append((_plain(self._inside(points), Material.MOUTH, Part.MOUTH, albedo), share))
        return result

    def _inside(self, points: Floats) -> Floats:
        """What lies in the mouth moves with it as a piece, so that teeth stay teeth."""
        middle = vector(0, -65, 4)
        spread = self._shaped(vector([-22, -65, 0], [22, -65, 0]))
        width = np.clip((spread[1, 0] - spread[0, 0]) / 44, 0.9, 1.1)
        return np.asarray((points - middle) * vector(width, 1, 1) + self._shaped(middle), np.float32)

    def _posed_mouth(self, frame: PerformanceFrame, stance: Stance, head: Floats) -> list[Surface]:
        posed = []
        jaw = frame.strength("jaw_open")
        shift = vector(4.0 * frame.strength("mouth_shift"), 0, 0)
        bag = self._mouth[-1][0]
        for surface, share in self._mouth:
            weight = np.broadcast_to(np.float32(share), surface.points.shape[:2])
            rest = held_by_corners(surface.points, _mouth_corner(head)) if surface is bag else surface.points
            points = opened(rest, weight, jaw) + shift * weight[..., None]
            placed = stance.place(points)
            shade = _mouth_shade(points, head)
            posed.append(replace(surface, points=placed, normals=grid_normals(placed), shade=shade))
        return posed

    def _ear_surfaces(self) -> list[Surface]:
        m = self.identity.measures
        points = ear()
        root = vector(68, -8, -88)
        c, s = np.cos(m["ear_angle"]), np.sin(m["ear_angle"])
        turn = vector([c, 0, -s], [0, 1, 0], [s, 0, c])
        points = ((points - root) * np.float32(m["ear_size"])) @ turn.T + root
        base = skin_colour(m["tone"], m["undertone"])
        red = ear_reddening()[..., None] * (1 - 0.7 * m["tone"]) * (0.4 + 0.6 * m["redness"])
        albedo = np.broadcast_to(base * (1 - red * vector(0.02, 0.32, 0.30)), points.shape)
        result = []
        for side in (-1, 1):
            placed = points * vector(side, 1, 1)
            placed = (placed if side > 0 else placed[:, ::-1]).astype(np.float32)
            result.append(_plain(self._shaped(placed), Material.SKIN, Part.EAR, albedo))
        return result

    def _glasses_surfaces(self) -> list[Surface]:
        rng = np.random.default_rng([self.identity.seed, 0x61])
        colour = vector(0.012, 0.012, 0.014) if rng.uniform() < 0.6 else vector(0.10, 0.045, 0.02)
        frames = glasses(self.identity.glasses)
        # A frame is a rigid piece: it is moved to the nose, made as wide as the head and clear of brows and cheeks.
        touched = vector([0, -2, 9], [-30, 17, 4], [30, 17, 4], [-36, -20, -6], [36, -20, -6])
        middle = self._shaped(vector([-70, 0, -60], [70, 0, -60]))
        width = np.float32((middle[1, 0] - middle[0, 0]) / 140)
        pushed = self._shaped(touched) - touched
        offset = vector(0, pushed[0, 1], pushed[:, 2].max() + 1.5)
        return [
            _plain(
                (points * vector(width, 1, 1) + offset * vector(0, 1, 1)).astype(np.float32),
                Material.GLOSS,
                Part.GLASSES,
                np.broadcast_to(colour, points.shape),
            )
            for points in frames
        ]

    def _torso_surface(self) -> Surface:
        m = self.identity.measures
        rng = np.random.default_rng([self.identity.seed, 0x70])
        colour = hue_colour(m["garment_hue"], float(rng.uniform(0.1, 0.65)), 0.16 + 0.62 * m["garment_value"])
        points = torso()
        return _plain(points, Material.CLOTH, Part.CLOTHES, np.broadcast_to(colour, points.shape))

    def _strands(self, strands: Strands | None) -> tuple[Surface, NDArray[np.intp]] | None:
        if strands is None:
            return None
        count, points = strands.spine.shape[:2]
        spine = self._shaped(strands.spine)
        surface = Surface(
            points=ribbon_grid(spine - strands.side, spine + strands.side),
            normals=ribbon_grid(strands.outward, strands.outward),
            material=Material.HAIR,
            part=np.full((points, 2 * count), Part.HAIR, np.uint8),
            albedo=ribbon_grid(strands.albedo, strands.albedo),
            shade=np.ones((points, 2 * count), np.float32),
            faces=ribbon_faces(points, count),
            tangents=ribbon_grid(*[unit(np.gradient(spine, axis=1))] * 2),
            turned_away=None if strands.hangs else -0.45,
        )
        return surface, strands.roots

    def _posed_lashes(self, stance: Stance, head: Floats, side: int) -> Surface:
        points, tangents = lashes(head, side, self._eye_centres[side], self.identity.measures["lashes"])
        return Surface(
            points=stance.place(points),
            normals=np.broadcast_to(stance.turn(vector(0, 0, 1)), points.shape),
            material=Material.HAIR,
            part=np.full(points.shape[:2], Part.EYE, np.uint8),
            albedo=np.broadcast_to(self._lash_colour, points.shape),
            shade=np.full(points.shape[:2], 0.5, np.float32),
            faces=ribbon_faces(points.shape[0], points.shape[1] // 2),
            tangents=stance.turn(tangents),
        )

    def _bake(self) -> None:
        """Fill in how much of the surroundings each point of the resting body sees."""
        surfaces = self.pose(PerformanceFrame(), 1000.0).surfaces
        lash_count = 2
        casting = [s for s in surfaces[:-lash_count] if s.material not in (Material.EYE, Material.MOUTH)]
        points, faces = merged(casting)
        shares = openness(points, faces, [s.points for s in casting], [s.normals for s in casting])
        shade = {id(s.faces): v for s, v in zip(casting, shares, strict=True)}
        baked = dict(zip([id(s) for s in casting], shares, strict=True))
        order = [baked[id(s)] for s in surfaces if id(s) in baked]
        del shade
        position = iter(order)
        self._skin = replace(self._skin, shade=next(position))
        self._fixed = [replace(s, shade=next(position)) for s in self._fixed]
        self._torso = replace(self._torso, shade=next(position))
        if self._hair:
            self._hair = (replace(self._hair[0], shade=next(position)), self._hair[1])
        if self._beard:
            self._beard = (replace(self._beard[0], shade=next(position)), self._beard[1])


@lru_cache(maxsize=4)
def body_of(identity: Identity) -> Body:
    """The body of a performer; building one takes some seconds."""
    return Body(identity)


def _plain(points: Floats, material: Material, part: Part, albedo: Floats) -> Surface:
    return Surface(
        points=points,
        normals=grid_normals(points),
        material=material,
        part=np.full(points.shape[:2], part, np.uint8),
        albedo=np.asarray(albedo, np.float32),
        shade=np.ones(points.shape[:2], np.float32),
        faces=grid_faces(*points.shape[:2]),
    )


def _skin_surface(identity: Identity) -> Surface:
    skin = paint_skin(identity)
    part = bare_parts().copy()
    part[(skin.hair > 0.5) & (part != Part.LIPS)] = Part.HAIR
    head = neutral_head()
    return Surface(
        points=head,
        normals=head,
        material=Material.SKIN,
        part=part,
        albedo=np.zeros((1, 1, 3), np.float32),
        shade=np.ones(head.shape[:2], np.float32),
        faces=head_faces(),
        texture=SkinTexture(_levels(skin.colour), _levels(skin.relief), TEXELS),
        turned_away=-0.3,
    )


def _levels(picture: Floats) -> tuple[Floats, ...]:
    """The picture at full size and at falling halves; texel k of a level lies on texel 2k of the one before."""
    levels = [picture]
    for _ in range(_LEVELS - 1):
        smooth = cv2.GaussianBlur(levels[-1], (0, 0), 0.9)
        levels.append(np.ascontiguousarray(smooth[::2, ::2]))
    return tuple(levels)


def _eye_surface(identity: Identity, side: int) -> Surface:
    m = identity.measures
    rng = np.random.default_rng([identity.seed, 0xE1, side + 1])
    colour, ring = iris_colours(m["iris_melanin"], m["iris_green"])
    white = linear(np.array([0.73, 0.69, 0.665])) * (1 - 0.30 * m["tone"] - 0.06 * m["wrinkles"])
    texture = eye_texture(colour, ring, rng, pupil=m["pupil"], white=white.astype(np.float32))
    points, normals = eyeball(1.0)
    return Surface(
        points=points,
        normals=normals,
        material=Material.EYE,
        part=np.full(points.shape[:2], Part.EYE, np.uint8),
        albedo=np.ones((*points.shape[:2], 3), np.float32),
        shade=np.ones(points.shape[:2], np.float32),
        faces=grid_faces(*points.shape[:2]),
        texture=EyeTexture(texture, np.eye(3, dtype=np.float32), 1.0),
    )


def _posed_strands(surface: Surface, stance: Stance, *, bends: bool) -> Surface:
    assert surface.tangents is not None  # noqa: S101
    points = stance.place_neck(surface.points) if bends else stance.place(surface.points)
    return replace(surface, points=points, normals=stance.turn(surface.normals), tangents=stance.turn(surface.tangents))


def _eye_shade(points: Floats, head: Floats, side: int) -> Floats:
    """(R, C) light that reaches an eyeball past the lids, by the distance to their margins."""
    from understudy.actors.lattice import lattice
    from understudy.actors.lids import eye_columns

    net, columns = lattice(), eye_columns(side)
    upper, lower = head[net.eyes.upper, columns], head[net.eyes.lower, columns]
    order = np.argsort(upper[:, 0])
    x, y = points[..., 0], points[..., 1]
    below = np.interp(x, upper[order, 0], upper[order, 1]) - y
    above = y - np.interp(x, lower[order, 0], lower[order, 1])
    inner, outer = np.sort(upper[[0, -1], 0])
    corner = np.minimum(x - inner, outer - x)
    return np.asarray(
        (0.12 + 0.88 * ramp(below, -0.5, 7.0))
        * (0.5 + 0.5 * ramp(above, -0.5, 3.0))
        * (0.45 + 0.55 * ramp(corner, -1, 8)),
        np.float32,
    )


def _mouth_corner(head: Floats) -> Floats:
    """(3,) the right corner of the mouth, x the larger half width."""
    from understudy.actors.lattice import MOUTH_CORNER, lattice

    net = lattice()
    columns = np.flatnonzero(np.abs(net.azimuth) < MOUTH_CORNER)[[0, -1]]
    ends = np.abs(head[net.mouth.upper, columns] * vector(1, 0, 0)) + head[net.mouth.upper, columns] * vector(0, 1, 1)
    return np.asarray(ends.max(axis=0), np.float32)


def _mouth_shade(points: Floats, head: Floats) -> Floats:
    """(R, C) light that reaches the inside of the mouth, by how far it lies behind the gap between the lips."""
    from understudy.actors.lattice import MOUTH_CORNER, lattice

    net = lattice()
    columns = np.flatnonzero(np.abs(net.azimuth) < MOUTH_CORNER)
    upper, lower = head[net.mouth.upper, columns], head[net.mouth.lower, columns]
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    top, bottom = np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1])
    gap = np.maximum(top - bottom, 0)
    lip = np.interp(x, upper[:, 0], upper[:, 2])
    outside = np.maximum(np.maximum(y - top, bottom - y), 0)
    depth = np.hypot(np.maximum(lip - 6 - z, 0), 1.3 * outside)
    return np.asarray(np.clip(gap / 9, 0, 1) ** 0.7 * np.exp(-depth / (5 + 0.65 * gap)), np.float32)


__all__: Sequence[str] = ["Body", "Posed", "body_of"]
