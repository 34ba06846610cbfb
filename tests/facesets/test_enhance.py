"""Enhancing undoes blur, and neither noise nor flat skin nor colour suffers."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_faces import fill_faceset
from understudy.facesets import Faceset
from understudy.facesets.enhance import EnhanceSettings, enhance_faces, enhance_picture, expected_blur
from understudy.media import open_source
from understudy.project import UnderstudyError


def _psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


@pytest.fixture(scope="module")
def photograph(footage: Path) -> np.ndarray:

    (frame,) = open_source([footage / "headpose_f.mp4"]).frames(0, 1)
    height, width = frame.pixels.shape[:2]
    return np.asarray(frame.pixels[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4])


@pytest.mark.parametrize("blur", [0.8, 1.2, 2.0])
def test_a_blurred_photograph_comes_nearer_to_what_it_was(photograph: np.ndarray, blur: float) -> None:
    blurred = cv2.GaussianBlur(photograph, (0, 0), blur)
    sharper = enhance_picture(blurred, EnhanceSettings(strength=1), blur=blur)
    assert _psnr(sharper, photograph) > _psnr(blurred, photograph) + 1


def test_noise_on_a_flat_picture_is_left_alone() -> None:
    noise = np.random.default_rng(0).normal(0, 1, (128, 128, 1))
    flat = np.clip(128 + noise + np.zeros(3), 0, 255).astype(np.uint8)
    sharper = enhance_picture(flat, EnhanceSettings(strength=1), blur=1.0)
    assert sharper.astype(float).std() < 1.35 * flat.astype(float).std()


def test_no_halo_is_wider_than_a_quarter_of_the_step() -> None:
    step = np.full((64, 64, 3), 60, np.uint8)
    step[:, 32:] = 160
    sharper = enhance_picture(cv2.GaussianBlur(step, (0, 0), 1.5), EnhanceSettings(strength=1, iterations=60), blur=1.5)
    assert sharper.min() >= 60 - 26
    assert sharper.max() <= 160 + 26


def test_strength_0_changes_nothing_and_colour_is_kept(photograph: np.ndarray) -> None:
    assert (enhance_picture(photograph, EnhanceSettings(strength=0), blur=1.0) == photograph).all()
    sharper = enhance_picture(photograph, EnhanceSettings(), blur=1.0).astype(int)
    inside = (sharper.min(-1) > 0) & (sharper.max(-1) < 255)
    change = (sharper - photograph)[inside]
    assert np.ptp(change, axis=-1).max() <= 1


def test_files_keep_name_size_and_metadata(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(3))
    faces = list(Faceset(tmp_path / "aligned"))
    enhance_faces(faces, tmp_path / "out")
    for before, after in zip(faces, Faceset(tmp_path / "out"), strict=True):
        assert (after.path.name, after.metadata) == (before.path.name, before.metadata)
        assert after.aligned().image.shape == before.aligned().image.shape
        assert expected_blur(before.metadata) == pytest.approx(0.6)
    with pytest.raises(UnderstudyError, match="exists already"):
        enhance_faces(faces, tmp_path / "out")
