"""What a swap is held against: the footage, and the src performer rendered in its place."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors import Identity, Part, Performance, Scene
from understudy.evaluation.calibration import EXPRESSIONS, Calibration, looked, performed, range_of_motion
from understudy.evaluation.footage import Footage, film
from understudy.evaluation.measured import Measured, measure
from understudy.evaluation.seam import border_band, edge_strength
from understudy.faces import crop_side, face_matrix, invert, transform, warp
from understudy.masks import hull_mask
from understudy.project import Progress

VIEW = 256
"""Side in pixels of the aligned faces that are compared, in the crop of a `whole_face`."""

_FACE = tuple(int(part) for part in (Part.SKIN, Part.LIPS, Part.EYE, Part.MOUTH, Part.HAIR, Part.OCCLUDER))
_BAND = 0.08 * VIEW / crop_side("whole_face")  # pixels on either side of the border: a share of the face's width
_TOUCHED = 1.15  # sides of the whole_face crop beyond which no merge has a reason to touch a pixel
_SAMPLED = 6  # frames in which the candidates are rendered
DRILL = (7, 96)  # seed and frames of the range of motion
_BLINK = 0.5  # beyond which an eye shows too little to tell where it looks


@dataclass(frozen=True, eq=False)
class Reference:
    """The truth of a swap, N frames of side S; everything that is worked out from it is worked out once.

    Attributes:
        dst: what was filmed.
        true: src's performer in dst's place: the picture that a perfect swap would show.
        drill: src's performer in a range of motion, by which expressions are measured.
        sampled: (K,) frames in which the candidates were rendered.
        others: (M, K, S, S, 3) uint8, further performers in dst's place.
    """

    dst: Footage
    true: Footage
    drill: Footage
    sampled: NDArray[np.intp]
    others: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.dst)

    def views(self, frames: NDArray[np.uint8], at: NDArray[np.intp] | None = None) -> NDArray[np.uint8]:
        """Aligned faces (N, V, V, 3) of frames (N, S, S, 3), each where the truth has the face.

        Args:
            at: (N,) which frames they are; None: all.
        """
        indices = range(len(frames)) if at is None else at
        matrices = [self.matrices[index] for index in indices]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.stack(list(pool.map(lambda pixels, matrix: warp(pixels, matrix, VIEW), frames, matrices)))

    @cached_property
    def matrices(self) -> list[NDArray[np.float64]]:
        """For each frame (2, 3) from its pixels to those of the aligned face."""
        return [face_matrix(points, "whole_face", VIEW) for points in self.true.landmarks]

    @cached_property
    def masks(self) -> NDArray[np.float32]:
        """(N, V, V) 0..1: where both dst and the truth show face, in the hull of the true landmarks.

        What comes before a face counts as face, so that painting over a hand is a fault; and so does hair in the
        hull, which is brows and beard. Where either picture shows ear, neck, glasses or what is behind, a swap
        that replaces the face and nothing else cannot show the truth, and is not asked to.
        """
        both = np.isin(self.true.parts, _FACE) & np.isin(self.dst.parts, _FACE)
        size = both.shape[1]
        masks = np.empty((len(both), VIEW, VIEW), np.float32)
        for index, (shown, points) in enumerate(zip(both, self.true.landmarks, strict=True)):
            whole = cv2.morphologyEx(shown.astype(np.float32), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
            layer = (whole * hull_mask(points, size, size))[..., None]
            masks[index] = warp(layer, self.matrices[index], VIEW).reshape(VIEW, VIEW)
        return np.clip(masks, 0, 1)

    @cached_property
    def true_views(self) -> NDArray[np.uint8]:
        return self.views(self.true.frames)

    @cached_property
    def dst_views(self) -> NDArray[np.uint8]:
        return self.views(self.dst.frames)

    @cached_property
    def candidate_views(self) -> NDArray[np.uint8]:
        """(2 + M, K, V, V, 3): src in truth, dst as filmed, and the others."""
        others = [self.views(frames, self.sampled) for frames in self.others]
        return np.stack([self.true_views[self.sampled], self.dst_views[self.sampled], *others])

    @cached_property
    def bands(self) -> list[NDArray[np.bool_]]:
        """For each frame (V, V): close to the border of its mask."""
        return [border_band(mask, _BAND) for mask in self.masks]

    @cached_property
    def edges(self) -> list[NDArray[np.float32]]:
        """For each frame (V, V): the edge strength of dst or the truth, whichever is greater."""
        return [
            np.maximum(edge_strength(a), edge_strength(b)) for a, b in zip(self.dst_views, self.true_views, strict=True)
        ]

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """(N, S, S) pixels that no merge has a reason to touch."""
        size = self.dst.frames.shape[1]
        result = np.ones((len(self), size, size), np.uint8)
        centre = np.array([VIEW / 2, VIEW / 2])
        corners = centre + _TOUCHED * (np.array([(0, 0), (VIEW, 0), (VIEW, VIEW), (0, VIEW)]) - centre)
        for picture, points in zip(result, self.dst.landmarks, strict=True):
            square = transform(corners, invert(face_matrix(points, "whole_face", VIEW)))
            cv2.fillConvexPoly(picture, np.rint(square).astype(np.int32), 0)
        return result.astype(bool)

    @cached_property
    def eyes_apart(self) -> float:
        """Pixels between the middles of the eyes, the most that the clip shows: a turned head's eyes seem closer."""
        eyes = self.true.landmarks[:, 36:42].mean(axis=1) - self.true.landmarks[:, 42:48].mean(axis=1)
        return float(np.linalg.norm(eyes, axis=1).max())

    @cached_property
    def measured(self) -> Measured:
        """What is measured of the truth."""
        return measure(self.true.frames, self.true.landmarks)

    @cached_property
    def expressions(self) -> Calibration:
        """From measured faces to the strengths of `EXPRESSIONS`."""
        found = self._drilled.found
        return Calibration.fit(self._drilled.of_expression[found], performed(self.drill.performance)[found])

    @cached_property
    def gaze(self) -> Calibration:
        """From measured faces to radians of gaze, from open eyes."""
        usable = self._drilled.found & _open(self.drill.performance)
        return Calibration.fit(self._drilled.of_gaze[usable], looked(self.drill.performance)[usable])

    @cached_property
    def open_eyes(self) -> NDArray[np.bool_]:
        """(N,) frames in which the performer's eyes are open enough to tell where they look."""
        return _open(self.true.performance)

    @cached_property
    def _drilled(self) -> Measured:
        return measure(self.drill.frames, self.drill.landmarks)


def film_reference(
    src: Identity,
    dst: Identity,
    performance: Performance,
    scene: Scene,
    *,
    size: int,
    folder: Path,
    others: Sequence[Identity] = (),
    progress: Progress | None = None,
) -> Reference:
    """Render dst's clip (`.dst.path`, lossless) and all that a swap of src into it is held against.

    What `folder` holds already is not rendered again, so that the same call goes on where it was broken off.

    Args:
        src, dst: whose face, and in whose place.
        performance: what dst does.
        scene: where dst does it.
        size: side of the pictures in pixels.
        others: further performers that the result might be taken for.

    Raises:
        UnderstudyError: the files cannot be written.
    """

    def shoot(who: Identity, name: str, what: Performance, where: Scene) -> Footage:
        return film(who, what, where, size=size, folder=folder, name=name, progress=progress)

    sampled = np.unique(np.linspace(0, len(performance) - 1, _SAMPLED).round().astype(np.intp))
    moments = Performance(performance.seed, performance.rate, tuple(performance[int(k)] for k in sampled))
    seed, count = DRILL
    empty = replace(scene, occluders=(), companion=None)
    lineup = [shoot(who, f"candidate-{who.seed}", moments, scene).frames for who in others]
    return Reference(
        dst=shoot(dst, "dst", performance, scene),
        true=shoot(src, "truth", performance, scene),
        drill=shoot(src, "drill", range_of_motion(seed, count), empty),
        sampled=sampled,
        others=np.stack(lineup) if lineup else np.empty((0, len(sampled), size, size, 3), np.uint8),
    )


def _open(performance: Performance) -> NDArray[np.bool_]:
    return np.asarray(performed(performance)[:, EXPRESSIONS.index("blink")] < _BLINK)
