"""More looks make steadier landmarks, always the same ones."""

import numpy as np

from understudy.faces import Region
from understudy.faces.mesh import FaceMesh
from understudy.faces.refine import refine

from .conftest import Clip


def test_noise_moves_refined_landmarks_less(clip: Clip) -> None:
    image = clip("headpose_m.mp4", 1)[0].pixels
    mesh = FaceMesh()
    region = Region(240, 130, 80, 0.0)
    for _ in range(4):
        region = mesh.landmarks(image, region).region
    rng = np.random.default_rng(0)
    plain, refined = [], []
    for _ in range(10):
        noisy = np.clip(image + rng.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
        first = mesh.landmarks(noisy, region)
        plain.append(first.points)
        refined.append(refine(mesh, noisy, first, 4).points)
    assert np.std(refined, axis=0).mean() < 0.95 * np.std(plain, axis=0).mean()
    again = refine(mesh, noisy, first, 4)
    assert np.array_equal(again.points, refined[-1])
    assert again.dense is not None
    assert again.region == first.region
