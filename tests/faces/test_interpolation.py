"""A face between two sights moves as it was going to, without overshoot, and keeps its shape."""

from dataclasses import replace

import numpy as np
import pytest

from drawn_faces import draw_face
from understudy.faces import Face
from understudy.faces.interpolation import interpolate_faces

_FACE = draw_face(1)[1]


def _at(shift: float, *, scale: float = 1.0, turn: float = 0.0) -> Face:
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    points = _FACE.landmarks @ np.array([[cos, sin], [-sin, cos]]) + (shift, 2 * shift)
    return replace(_FACE, landmarks=points.astype(np.float32))


def test_steady_motion_is_continued() -> None:
    def sight(t: int) -> tuple[float, Face]:
        return float(t), _at(3.0 * t)

    between = interpolate_faces([sight(t) for t in range(4)], [sight(t) for t in (8, 9)], [4, 5, 6, 7])
    for t, face in zip((4, 5, 6, 7), between, strict=True):
        np.testing.assert_allclose(face.landmarks, sight(t)[1].landmarks, atol=0.02)
        assert face.interpolated


def test_turn_and_size_stay_between_their_ends_and_the_turn_takes_the_short_way() -> None:
    ends = _at(0, scale=1.0, turn=np.pi - 0.1), _at(0, scale=1.5, turn=-np.pi + 0.1)
    before, after = [(0.0, _at(0, scale=1.4, turn=np.pi - 0.6)), (1.0, ends[0])], [(5.0, ends[1])]
    for face in interpolate_faces(before, after, [2, 3, 4]):
        across = face.landmarks[45] - face.landmarks[36]
        size = np.linalg.norm(across) / np.linalg.norm(_FACE.landmarks[45] - _FACE.landmarks[36])
        assert 1.0 <= size <= 1.5
        assert abs(np.arctan2(across[1], across[0])) >= np.pi - 0.11


def test_a_mesh_stays_on_its_landmarks() -> None:
    def meshed(shift: float) -> Face:
        face = _at(shift)
        return replace(face, dense=np.column_stack([face.landmarks, np.full(68, shift)]).astype(np.float32))

    (face,) = interpolate_faces([(0, meshed(0))], [(2, meshed(10))], [1])
    assert face.dense is not None
    np.testing.assert_allclose(face.dense[:, :2], face.landmarks, atol=1e-3)
    np.testing.assert_allclose(face.dense[:, 2], 5, atol=1e-5)
    assert face.box == pytest.approx([*face.landmarks.min(axis=0), *face.landmarks.max(axis=0)])
