"""Faces that cost nothing: an oval with eyes and a mouth, and landmarks that fit it."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from understudy.faces import Face, FaceType, Pose, align_face
from understudy.faces.template import MEAN_FACE
from understudy.facesets import SourceFrame, write_face
from understudy.media import Frame


def draw_face(seed: int) -> tuple[Frame, Face]:
    """A frame with an oval, eyes and a mouth, smooth colours that depend on `seed`, and its landmarks."""
    random = np.random.default_rng(seed)
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    landmarks = (np.concatenate([jaw, MEAN_FACE]) - 0.5) * 100 + random.uniform(140, 160, 2)
    noise = cv2.GaussianBlur(random.random((300, 300, 3), np.float32), (0, 0), 8)
    pixels = (255 * (noise - noise.min()) / np.ptp(noise)).astype(np.uint8)
    cv2.fillConvexPoly(pixels, cv2.convexHull(landmarks[:27].astype(np.int32)), random.uniform(90, 220, 3).tolist())
    for part in (range(36, 42), range(42, 48), range(48, 60)):
        cv2.fillConvexPoly(pixels, landmarks[list(part)].astype(np.int32), (40, 20, 20))
    pixels = cv2.GaussianBlur(pixels, (0, 0), 1.5)
    box = np.array([*landmarks.min(0), *landmarks.max(0)], np.float32)
    pose = Pose(0.0, float(random.uniform(-0.5, 0.5)), 0.0)
    return Frame(pixels, seed, Fraction(seed, 25)), Face(box, landmarks.astype(np.float32), pose, 1.0, "drawn")


def fill_faceset(folder: Path, seeds: range, face_type: FaceType = "full", size: int = 96) -> None:
    folder.mkdir(parents=True)
    for seed in seeds:
        frame, face = draw_face(seed)
        source = SourceFrame(clip="drawn", frame=seed, time=seed / 25, width=300, height=300)
        write_face(folder / f"{seed:05d}_0.jpg", align_face(frame, face, face_type, size), source, quality=95)
