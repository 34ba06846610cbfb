"""The bank shows each face as the network's crop has it, whatever crop the file has."""

from pathlib import Path

import numpy as np
import pytest
import torch

from drawn_faces import draw_face, fill_faceset
from understudy.faces import align_face
from understudy.masks import eyes_mouth_mask, hull_mask
from understudy.project import Silent, UnderstudyError
from understudy.training.augment import unaugmented
from understudy.training.bank import bank_pixels, load_bank


def test_a_file_of_the_networks_crop_is_taken_over_pixel_for_pixel() -> None:
    frame, face = draw_face(1)
    aligned = align_face(frame, face, "full", 96)
    pixels = bank_pixels(aligned, face_type="full", resolution=96, margin=16)
    assert pixels.shape == (5, 128, 128)
    assert pixels.dtype == np.uint8
    crop = pixels[:, 16:112, 16:112]
    np.testing.assert_array_equal(crop[:3].transpose(1, 2, 0), aligned.image)
    expected = np.stack([hull_mask(aligned.landmarks, 96, 96), eyes_mouth_mask(aligned.landmarks, 96, 96)])
    np.testing.assert_allclose(crop[3:] / 255, expected, atol=0.003)


def test_beyond_the_file_edges_replicate_and_masks_are_zero() -> None:
    frame, face = draw_face(2)
    pixels = bank_pixels(align_face(frame, face, "half", 96), face_type="half", resolution=96, margin=16)
    np.testing.assert_array_equal(pixels[:3, :10, 16:112], np.broadcast_to(pixels[:3, 16:17, 16:112], (3, 10, 96)))
    assert pixels[3, 60, 16] > 200  # the hull reaches the edge of this tight crop
    assert not pixels[3:, :, :12].any()
    assert not pixels[3:, :, 116:].any()


@pytest.mark.parametrize("face_type", ["half", "full", "head"])
def test_another_crop_is_cut_again_as_from_the_frame(face_type: str) -> None:
    frame, face = draw_face(3)
    wide = align_face(frame, face, "whole_face", 256)
    pixels = bank_pixels(wide, face_type=face_type, resolution=64, margin=0)
    direct = align_face(frame, face, face_type, 64)
    inside = pixels[:3].transpose(1, 2, 0).astype(float)
    middle = slice(24, 40)  # what both pictures cover
    difference = np.abs(inside - direct.image)[middle, middle]
    assert difference.mean() < 2.5
    found, drawn = pixels[3] > 127, hull_mask(direct.landmarks, 64, 64) > 0.5
    assert (found & drawn).sum() > 0.89 * (found | drawn).sum()  # a hull drawn this small comes out half a pixel wider


def test_shrinking_averages() -> None:
    frame, face = draw_face(4)
    aligned = align_face(frame, face, "full", 256)
    aligned.image[:] = np.indices((256, 256)).sum(0)[:, :, None] % 2 * 255  # a checkerboard of single pixels
    pixels = bank_pixels(aligned, face_type="full", resolution=64, margin=0)
    assert np.abs(pixels[:3, 2:-2, 2:-2].astype(float) - 127.5).max() < 20


def test_load_bank_keeps_the_order_of_the_faceset(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(3))
    bank = load_bank(tmp_path / "aligned", face_type="full", resolution=96, progress=Silent())
    assert len(bank) == 3
    assert bank.yaw.tolist() == pytest.approx([draw_face(seed)[1].pose.yaw for seed in range(3)])
    for index in range(3):
        crop = unaugmented(bank.rows(torch.tensor([index]), torch.device("cpu")), resolution=96).image[0]
        frame, face = draw_face(index)
        expected = torch.from_numpy(align_face(frame, face, "full", 96).image).permute(2, 0, 1) / 255
        assert (crop - expected).abs().mean() < 0.02  # JPEG


def test_no_faces_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="understudy extract"):
        load_bank(tmp_path / "absent", face_type="full", resolution=96, progress=Silent())
    (tmp_path / "aligned").mkdir()
    with pytest.raises(UnderstudyError, match=r"no faces in .*aligned"):
        load_bank(tmp_path / "aligned", face_type="full", resolution=96, progress=Silent())
