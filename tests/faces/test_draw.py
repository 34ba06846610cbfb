"""The debug picture shows each thing in its colour at its place, and leaves the frame alone."""

import numpy as np

from understudy.faces import Face, Pose, draw_debug, face_matrix, invert, transform
from understudy.faces.head_model import HEAD_MODEL


def test_colours_lie_where_the_face_is() -> None:
    image = np.zeros((700, 800, 3), np.uint8)
    landmarks = (HEAD_MODEL[:, :2] + (400, 350)).astype(np.float32)
    face = Face(np.array([250, 220, 560, 480], np.float32), landmarks, Pose(0, 0, 0), 1.0, "test")
    drawn = draw_debug(image, [face], "full")
    assert not image.any()
    x, y = landmarks[8].round().astype(int)
    assert drawn[y, x].tolist() == [0, 255, 0]
    assert drawn[400, 250].tolist() == [0, 0, 255]
    corners = transform([(0, 0), (1, 0), (1, 1), (0, 1)], invert(face_matrix(landmarks, "full", 1)))
    x, y = (corners[2] * 0.6 + corners[3] * 0.4).round().astype(int)
    assert drawn[y - 1 : y + 2, x - 1 : x + 2, 0].max() > 200


def test_no_faces_no_ink() -> None:
    image = np.random.default_rng(0).integers(0, 255, (50, 60, 3), np.uint8)
    assert np.array_equal(draw_debug(image, [], "head"), image)
