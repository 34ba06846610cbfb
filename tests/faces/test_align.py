"""The crops are those that face files of this field hold, and the pixels in them are neither shifted nor aliased."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from understudy.faces import (
    Face,
    FaceType,
    Pose,
    align_face,
    crop_side,
    face_matrix,
    invert,
    transform,
    umeyama,
    warp,
)
from understudy.faces.head_model import HEAD_MODEL
from understudy.faces.template import ALIGNMENT_LANDMARKS, ALIGNMENT_TEMPLATE
from understudy.media.frame import Frame

_TURN = np.deg2rad(20)
SET_A = 2 * HEAD_MODEL[:, :2] + (640, 360)
SET_B = 1.5 * HEAD_MODEL[:, :2] @ np.array([[np.cos(_TURN), np.sin(_TURN)], [-np.sin(_TURN), np.cos(_TURN)]]) + (
    500,
    400,
)
SET_C = SET_A + np.concatenate([np.stack([30 + 30 * np.arange(17) / 16, np.zeros(17)], axis=1), np.zeros((51, 2))])

# (landmarks, face type, first row of the matrix; the second is its quarter turn with the last value). The values are
# those of the field's reference program at size 256, printed with four decimals.
REFERENCE: list[tuple[np.ndarray, FaceType, tuple[float, float, float], float]] = [
    (SET_A, "half", (1.0654, -0.0066, -554.8184), -247.9262),
    (SET_A, "mid", (0.8946, -0.0056, -445.3543), -187.6606),
    (SET_A, "full", (0.6673, -0.0041, -299.6646), -107.4510),
    (SET_A, "whole_face", (0.4999, -0.0031, -192.3659), -39.9699),
    (SET_A, "head", (0.3575, -0.0022, -101.0422), 44.8005),
    (SET_B, "half", (1.3379, 0.4776, -735.3158), -156.5156),
    (SET_B, "full", (0.8380, 0.2991, -412.7140), -50.1986),
    (SET_B, "whole_face", (0.6277, 0.2241, -277.0518), 2.9182),
    (SET_B, "head", (0.4490, 0.1603, -161.6137), 75.4762),
    (SET_C, "head", (0.3575, -0.0022, -109.8043), 44.8005),
]


@pytest.mark.parametrize(("landmarks", "face_type", "row", "last"), REFERENCE)
def test_matrices_are_the_reference_programs(
    landmarks: np.ndarray, face_type: FaceType, row: tuple[float, float, float], last: float
) -> None:
    matrix = face_matrix(landmarks, face_type, 256)
    expected = np.array([row, (-row[1], row[0], last)])
    assert np.abs(matrix - expected)[:, :2].max() < 1e-4
    # The reference passes through float32 corners, which its translations show in the fourth decimal.
    assert np.abs(matrix - expected)[:, 2].max() < 3e-4


@pytest.mark.parametrize(
    ("landmarks", "expected"),
    [
        (SET_A, [[0.0041619, -0.0000258, -2.1672599], [0.0000258, 0.0041619, -0.9684614]]),
        (SET_B, [[0.0052263, 0.0018656, -2.8723264], [-0.0018656, 0.0052263, -0.6113890]]),
    ],
)
def test_unit_transforms_are_the_reference_programs(landmarks: np.ndarray, expected: list[list[float]]) -> None:
    unit = umeyama(landmarks[ALIGNMENT_LANDMARKS], ALIGNMENT_TEMPLATE)
    assert np.abs(unit - expected)[:, :2].max() < 1e-7
    assert np.abs(unit - expected)[:, 2].max() < 5e-7


@pytest.mark.parametrize("landmarks", [SET_A, SET_B])
def test_aligned_landmarks_are_the_reference_programs(landmarks: np.ndarray) -> None:
    aligned = transform(landmarks, face_matrix(landmarks, "full", 256))
    expected = [(127.63, 124.21), (64.78, 85.04), (186.52, 84.97), (125.42, 238.28)]
    assert np.abs(aligned[[30, 36, 45, 8]] - expected).max() < 0.01


@pytest.mark.parametrize("face_type", ["half", "mid", "full", "whole_face", "head"])
def test_the_crop_follows_the_face(face_type: FaceType) -> None:
    """Moving, turning and scaling the frame leaves the aligned landmarks where they were."""
    moved = np.array([[0.3, -1.2, 900.0], [1.2, 0.3, -40.0]])
    before = transform(SET_C, face_matrix(SET_C, face_type, 512))
    elsewhere = transform(SET_C, moved)
    assert np.allclose(transform(elsewhere, face_matrix(elsewhere, face_type, 512)), before, atol=1e-6)


def test_each_crop_contains_the_one_before() -> None:
    order: tuple[FaceType, ...] = ("half", "mid", "full", "whole_face", "head")
    assert [crop_side(one) for one in order] == sorted(crop_side(one) for one in order)
    for inner, outer in pairwise(order):
        corners = transform([(0, 0), (256, 0), (256, 256), (0, 256)], invert(face_matrix(SET_A, inner, 256)))
        inside = transform(corners, face_matrix(SET_A, outer, 256))
        assert inside.min() > -1
        assert inside.max() < 257


def test_inverse_undoes() -> None:
    matrix = face_matrix(SET_B, "whole_face", 300)
    assert np.allclose(transform(transform(SET_A, matrix), invert(matrix)), SET_A)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_identity_keeps_every_pixel(dtype: type) -> None:
    pixels = np.random.default_rng(0).integers(0, 250, (40, 40, 3)).astype(dtype)
    assert np.array_equal(warp(pixels, np.eye(2, 3), 40), pixels)


@pytest.mark.parametrize("scale", [2.7, 1.0, 0.9, 0.6, 0.34, 0.21, 0.09])
def test_no_scale_shifts_the_picture(scale: float) -> None:
    """A plane of light, sampled through a turned and scaled square, is read exactly where the matrix says."""
    y, x = np.mgrid[:1400, :1400].astype(np.float32)
    pixels = np.stack([x, y, x + y], axis=2)
    cos, sin = scale * np.cos(0.4), scale * np.sin(0.4)
    size = 48
    centre = np.array([680.0, 713.0])
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = (size - 1) / 2 - matrix[:, :2] @ centre
    ys, xs = np.mgrid[:size, :size]
    expected = transform(np.stack([xs.ravel(), ys.ravel()], axis=1), invert(matrix)).reshape(size, size, 2)
    error = np.abs(warp(pixels, matrix, size)[..., :2] - expected)
    assert error.max() < 0.06 * max(1.0, 1 / scale)  # OpenCV's cubic kernel reads a slope up to 0.05 of a pixel off


@pytest.mark.parametrize("scale", [0.5, 0.3, 0.11])
def test_fine_detail_becomes_grey_not_moire(scale: float) -> None:
    board = np.indices((900, 900)).sum(axis=0) % 2 * 255
    pixels = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    cos, sin = scale * np.cos(0.2), scale * np.sin(0.2)
    shrunk = warp(pixels, np.array([[cos, sin, -60.0], [-sin, cos, -10.0]]), 40).astype(float)
    assert abs(shrunk.mean() - 127.5) < 4
    assert shrunk.std() < 16  # plain sampling gives up to 127


def test_outside_of_the_frame_is_black() -> None:
    pixels = np.full((50, 60, 3), 200, np.uint8)
    square = warp(pixels, np.array([[1.0, 0.0, 20.0], [0.0, 1.0, 20.0]]), 100)
    assert (square[20:70, 20:80] == 200).all()
    square[20:70, 20:80] = 0
    assert not square.any()
    assert not warp(pixels, np.array([[1.0, 0.0, 5000.0], [0.0, 1.0, 0.0]]), 32).any()


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1.0)])
def test_aligned_faces_are_eight_bit_whatever_the_frame(dtype: type, white: float) -> None:
    rng = np.random.default_rng(5)
    pixels = (np.repeat(rng.random((720, 1280, 1)), 3, axis=2) * white).astype(dtype)
    face = Face(np.zeros(4, np.float32), SET_A.astype(np.float32), Pose(0, 0, 0), 1.0, "test")
    aligned = align_face(Frame(pixels, 0, Fraction(0)), face, "full", 256)
    assert aligned.image.dtype == np.uint8
    assert aligned.image.shape == (256, 256, 3)
    assert 100 < aligned.image.mean() < 155
    assert np.allclose(aligned.landmarks, transform(SET_A, aligned.matrix), atol=1e-3)
