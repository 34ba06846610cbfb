"""Faces of deep sources keep their depth where that is asked for, and everything reads them."""

from pathlib import Path

import cv2
import numpy as np

from understudy.faces import ExtractSettings
from understudy.facesets import Faceset, extract
from understudy.media import open_source, read_image, write_image
from understudy.project import Project, Silent
from understudy.training.bank import load_bank

_SETTINGS = ExtractSettings(image_size=256, bit_depth="auto")


def test_sixteen_bits_reach_the_file(footage: Path, tmp_path: Path) -> None:
    deep, flat = tmp_path / "deep", tmp_path / "flat"
    for frame in open_source([footage / "headpose_m.mp4"]).frames(0, 3):
        smooth = cv2.GaussianBlur(frame.pixels.astype(np.float32), (0, 0), 1.0)
        write_image(deep / f"{frame.index}.png", np.rint(smooth * 257).astype(np.uint16))
        write_image(flat / f"{frame.index}.png", np.rint(smooth).astype(np.uint8))
    project = Project.create(tmp_path / "film", src=[deep], dst=[flat])
    found = extract(project, "src", _SETTINGS)
    faces = Faceset(found.folder)
    assert list(faces.names) == ["00001_0.png", "00002_0.png", "00003_0.png"]
    pixels, _ = read_image(found.folder / "00001_0.png")
    assert pixels.dtype == np.uint16
    assert len(np.unique(pixels)) > 2000
    assert faces["00001_0.png"].aligned().image.dtype == np.uint8
    assert np.abs(faces["00001_0.png"].aligned().image - pixels / 257).max() <= 0.5
    with load_bank(found.folder, face_type="full", resolution=64, progress=Silent(), ahead=False) as bank:
        assert len(bank.complete()) == 3
    assert extract(project, "src", _SETTINGS).faces == 3
    assert Faceset(extract(project, "dst", _SETTINGS).folder).names[0].endswith(".jpg")
