"""Faces that cost nothing: an oval with eyes and a mouth, and landmarks that fit it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from understudy.faces import Face, FaceType, Pose, align_face
from understudy.faces.template import MEAN_FACE
from understudy.facesets import SourceFrame, write_face
from understudy.facesets.face_file import write_picture
from understudy.facesets.metadata import Polygon
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


def fill_with_every_kind(folder: Path, count: int) -> None:
    """Faces of every type, with masks, polygons, meshes and frame names here and there."""
    kinds: list[FaceType] = ["half", "mid", "full", "whole_face", "head"]
    for seed in range(count):
        random = np.random.default_rng(seed)
        frame, face = draw_face(seed % 7)
        if seed % 3 == 0:
            face = replace(face, dense=random.uniform(0, 300, (478, 3)).astype(np.float32), track=seed % 5)
        aligned = align_face(frame, face, kinds[seed % 5], 64 + 32 * (seed % 3))
        if seed % 4 == 1:
            side = aligned.image.shape[0]
            aligned = replace(aligned, mask=random.random((side, side)).round(1))
        name = f"photo {seed} é.jpeg" if seed % 6 == 5 else None
        source = SourceFrame(clip="drawn.mp4", frame=seed, time=seed / 29.97, width=300, height=300, name=name)
        file = write_face(folder / f"{seed + 1:05d}_0.jpg", aligned, source, quality=90)
        if seed % 4 == 2:
            points = random.uniform(-9, 99, (2, 12, 2)).astype(np.float32).astype(float).tolist()
            drawn = [Polygon(kind="include", points=points[0]), Polygon(kind="exclude", points=points[1])]
            metadata = file.metadata.model_copy(update={"polygons": drawn, "brow_expansion": 1.5})
            write_picture(file.path, file.picture(), metadata, None)
