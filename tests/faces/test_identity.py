"""An embedding tells who a face is, and not how the picture of it was taken."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_faces import draw_face
from understudy.faces import align_face, transform
from understudy.faces.identity import best_embedder, embedder_names, load_embedder
from understudy.faces.identity_hog import FrontalHog, frontal_view
from understudy.faces.identity_sface import sface_chip
from understudy.faces.template import MEAN_FACE
from understudy.project import UnderstudyError


def test_a_face_is_the_same_in_its_frame_and_aligned_and_turned_and_in_other_light() -> None:
    embedder = FrontalHog()
    frame, face = draw_face(3)
    landmarks = face.landmarks.astype(np.float64)
    own = embedder.embed(frame.pixels, landmarks)
    assert np.linalg.norm(own) == pytest.approx(1, abs=1e-6)
    aligned = align_face(frame, face, "whole_face", 256)
    turn = cv2.getRotationMatrix2D((150, 150), 20, 0.9)
    turned = cv2.warpAffine(frame.pixels, turn, (300, 300), flags=cv2.INTER_CUBIC)
    other, placed = draw_face(4)
    stranger = np.linalg.norm(own - embedder.embed(other.pixels, placed.landmarks.astype(np.float64)))
    for image, points in (
        (aligned.image, aligned.landmarks.astype(np.float64)),
        (turned, transform(landmarks, turn)),
        ((frame.pixels * 0.6).astype(np.uint8), landmarks),
    ):
        assert np.linalg.norm(own - embedder.embed(image, points)) < stranger / 2


def test_the_front_view_puts_the_landmarks_where_the_mean_face_has_them() -> None:
    frame, face = draw_face(5)
    landmarks = face.landmarks.astype(np.float64)
    landmarks[17:] += np.random.default_rng(0).normal(0, 2, (51, 2))  # another face than the mean one
    dots = np.zeros_like(frame.pixels)
    for x, y in np.rint(landmarks[[30, 39, 42, 48, 54]]).astype(int):
        cv2.circle(dots, (int(x), int(y)), 2, (255, 255, 255), -1)
    seen = cv2.cvtColor(frontal_view(dots, landmarks), cv2.COLOR_RGB2GRAY)
    for x, y in np.rint(MEAN_FACE[[13, 22, 25, 31, 37]] * (0.72 * 96) + (0.14 * 96, 0.2 * 96)).astype(int):
        assert seen[y - 1 : y + 2, x - 1 : x + 2].max() > 128


def test_the_network_sees_eyes_nose_and_mouth_where_it_expects_them() -> None:
    frame, face = draw_face(6)
    landmarks = face.landmarks.astype(np.float64)
    dots = np.zeros_like(frame.pixels)
    for x, y in np.rint([landmarks[36:42].mean(axis=0), landmarks[48]]).astype(int):
        cv2.circle(dots, (int(x), int(y)), 2, (255, 255, 255), -1)
    chip = sface_chip(dots, landmarks)
    for x, y in ((38, 52), (42, 92)):
        assert chip[y - 5 : y + 6, x - 5 : x + 6].max() > 128
    assert chip[:, 60:].max() == 0


def test_without_fetched_models_the_choice_needs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_CACHE", str(tmp_path))
    assert best_embedder() == "frontal-hog"
    assert load_embedder().name == "frontal-hog-1"
    assert {"dlib", "frontal-hog", "sface"} <= set(embedder_names())
    with pytest.raises(UnderstudyError, match="no embedder is called 'nobody'"):
        load_embedder("nobody")
