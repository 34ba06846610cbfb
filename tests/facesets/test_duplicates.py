"""Of faces that are nearly the same the sharpest stays, and nothing else goes."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_faces import draw_face, fill_faceset
from understudy.faces import align_face
from understudy.facesets import Faceset, SourceFrame, write_face
from understudy.facesets.duplicates import find_duplicates, groups_of
from understudy.project import UnderstudyError


def test_the_sharpest_of_each_group_stays(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    folder.mkdir()
    for seed in range(4):
        frame, face = draw_face(seed)
        for blur in (0.0, 1.0, 2.0):
            pixels = cv2.GaussianBlur(frame.pixels, (0, 0), blur) if blur else frame.pixels
            aligned = align_face(type(frame)(pixels, seed, frame.time), face, "full", 96)
            write_face(
                folder / f"{seed}_{blur:g}.jpg", aligned, SourceFrame(clip="drawn", frame=seed, time=0.0), quality=95
            )
    assert find_duplicates(Faceset(folder)) == {f"{s}_{blur}.jpg": f"{s}_0.jpg" for s in range(4) for blur in (1, 2)}


def test_any_number_of_equal_faces_leaves_one(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(3))
    for at in range(70):
        shutil.copy(folder / "00001_0.jpg", folder / f"copy{at:02d}.jpg")
    faceset = Faceset(folder)
    found = find_duplicates(faceset)
    assert len(found) == 70
    assert set(faceset.names) - set(found) >= {"00000_0.jpg", "00002_0.jpg"}
    assert sum(len(group) for group in groups_of(found).values()) == 70


def test_what_goes_is_near_what_stays(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(40))
    faceset = Faceset(folder)
    counts = [len(find_duplicates(faceset, threshold=threshold)) for threshold in (0.1, 6.0, 9.0, 1000.0)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 39)
    assert 0 < counts[2] < 39
    found = find_duplicates(faceset, threshold=9.0)
    thumbnails = dict(zip(faceset.names, faceset.index.pictures("thumbnail", faceset.names).astype(float), strict=True))
    for name, kept in found.items():
        assert kept not in found
        assert np.sqrt(np.mean((thumbnails[name] - thumbnails[kept]) ** 2)) <= 9.0 * 8
    with pytest.raises(UnderstudyError, match="more than 0"):
        find_duplicates(faceset, threshold=0)
