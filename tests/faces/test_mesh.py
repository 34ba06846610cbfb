"""The mesh sits on the face, and the 68 landmarks drawn from it are those that alignment expects."""

import numpy as np
import pytest

from understudy.faces import Region, transform, umeyama, warp
from understudy.faces.blazeface import BlazeFace
from understudy.faces.head_model import HEAD_MODEL
from understudy.faces.mesh import FaceMesh
from understudy.faces.mesh68 import MESH_68, mesh_to_68
from understudy.faces.mirror import MIRRORED
from understudy.faces.template import ALIGNMENT_LANDMARKS, ALIGNMENT_TEMPLATE

from .conftest import Clip


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return FaceMesh()


@pytest.fixture(scope="module")
def images(clip: Clip) -> list[np.ndarray]:
    names = ("headpose_m.mp4", "signer_a_yes.mkv", "signer_b_milk.mkv", "signer_c_learn.mkv")
    return [clip(name, 1)[0].pixels for name in names]


def test_the_mapping_is_symmetric(images: list[np.ndarray], mesh: FaceMesh) -> None:
    """Landmarks of a mirrored picture are the mirrored landmarks: within 3 % of the face."""
    detector = BlazeFace()
    for image in images:
        flipped = np.ascontiguousarray(image[:, ::-1])
        one = mesh.landmarks(image, Region.of(detector.detect(image)[0]))
        other = mesh.landmarks(flipped, Region.of(detector.detect(flipped)[0]))
        back = other.points[MIRRORED] * (-1, 1) + (image.shape[1] - 1, 0)
        distance = np.linalg.norm(back - one.points, axis=1) / one.region.side
        assert distance.mean() < 0.03


def test_faces_fit_the_template(images: list[np.ndarray], mesh: FaceMesh) -> None:
    """The mean over performers lies within 3.5 % of the face's width of the mean face, root mean square."""
    detector = BlazeFace()
    aligned = []
    for image in images:
        region = Region.of(detector.detect(image)[0])
        points = mesh.landmarks(image, region).points[ALIGNMENT_LANDMARKS]
        aligned.append(transform(points, umeyama(points, ALIGNMENT_TEMPLATE)))
    residual = np.mean(aligned, axis=0) - ALIGNMENT_TEMPLATE
    assert np.sqrt((residual**2).sum(axis=1).mean()) < 0.035


def test_the_jaw_runs_down_one_side_and_up_the_other(images: list[np.ndarray], mesh: FaceMesh) -> None:
    region = Region.of(BlazeFace().detect(images[0])[0])
    points = mesh.landmarks(images[0], region).points
    fitted = transform(HEAD_MODEL[:, :2], umeyama(HEAD_MODEL[ALIGNMENT_LANDMARKS, :2], points[ALIGNMENT_LANDMARKS]))
    width = np.linalg.norm(points[16] - points[0])
    assert np.linalg.norm(fitted[:17] - points[:17], axis=1).max() < 0.15 * width
    assert (np.diff(points[:9, 1]) > 0).all()
    assert (np.diff(points[8:17, 1]) < 0).all()


@pytest.mark.parametrize("turn", [0.6, 2.0, np.pi, -1.2])
def test_landmarks_turn_with_the_region(images: list[np.ndarray], mesh: FaceMesh, turn: float) -> None:
    """A picture turned by any angle gives the turned landmarks: within 1.5 % of the face."""
    image = images[0]
    region = Region.of(BlazeFace().detect(image)[0])
    still = mesh.landmarks(image, region)
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
    matrix[:, 2] = np.array([320.0, 320.0]) - matrix[:, :2] @ (region.x, region.y)
    turned = mesh.landmarks(warp(image, matrix, 640), Region(320, 320, region.side, region.roll + turn))
    distance = np.linalg.norm(turned.points - transform(still.points, matrix), axis=1) / region.side
    assert distance.mean() < 0.015
    assert abs(np.angle(np.exp(1j * (turned.region.roll - still.region.roll - turn)))) < 0.05


def test_the_score_tells_faces_from_walls(images: list[np.ndarray], mesh: FaceMesh) -> None:
    region = Region.of(BlazeFace().detect(images[1])[0])
    assert mesh.landmarks(images[1], region).score > 0.9
    assert mesh.landmarks(images[1], Region(500, 100, region.side, 0)).score < 0.5


def test_vertices_are_averaged() -> None:
    vertices = np.random.default_rng(0).normal(size=(468, 3)).astype(np.float32)
    points = mesh_to_68(vertices)
    assert points.shape == (68, 2)
    for point, indices in zip(points, MESH_68, strict=True):
        assert point == pytest.approx(vertices[list(indices), :2].mean(axis=0), abs=1e-6)
