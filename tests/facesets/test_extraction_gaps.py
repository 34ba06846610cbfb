"""A face that is lost for a moment: reported, and placed between the sights before and after."""

from pathlib import Path

import numpy as np
import pytest

from understudy.faces import ExtractSettings
from understudy.facesets import Faceset, extract
from understudy.facesets.face_writer import FaceWriter, open_clips
from understudy.facesets.gap_filling import fill_gaps
from understudy.media import open_source, write_image
from understudy.project import Project, Silent
from understudy.training.bank import load_bank

_HIDDEN = range(8, 12)
_SETTINGS = ExtractSettings(image_size=256, fill_gaps=4, debug=True)


@pytest.fixture(scope="module")
def gapped(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty pictures, in four of which the face is covered."""
    folder = tmp_path_factory.mktemp("gap") / "frames"
    for frame in open_source([footage / "headpose_m.mp4"]).frames(0, 20):
        pixels = frame.pixels.copy()
        if frame.index in _HIDDEN:
            pixels[20:220, 130:350] = 110
        write_image(folder / f"{frame.index:03d}.png", pixels)
    return folder


def _project(root: Path, clip: Path) -> Project:
    return Project.create(root, src=[clip], dst=[clip])


def test_filled_faces_lie_where_the_face_is_and_say_that_they_were_not_seen(
    gapped: Path, footage: Path, tmp_path: Path
) -> None:
    project = _project(tmp_path / "film", gapped)
    found = extract(project, "src", _SETTINGS)
    assert found.gaps == ((8, 11),)
    assert (found.frames_with_face, found.faces, found.filled) == (16, 16, 4)
    whole = extract(_project(tmp_path / "whole", footage / "headpose_m.mp4"), "src", ExtractSettings(image_size=256))
    truth = {file.frame: np.array(file.metadata.source_landmarks) for file in Faceset(whole.folder)}
    faceset = Faceset(found.folder)
    assert faceset.query("interpolated = 1") == [f"{index + 1:05d}_0.jpg" for index in _HIDDEN]
    for file in faceset:
        if file.metadata.interpolated:
            points = np.array(file.metadata.source_landmarks)
            eyes = np.linalg.norm(points[45] - points[36])
            assert np.linalg.norm(points - truth[file.frame], axis=1).mean() < 0.15 * eyes
    assert len({file.metadata.track for file in faceset if file.frame < 12}) == 1
    assert len(list(project.aligned_debug("src").iterdir())) == 20


def test_training_leaves_them_out(gapped: Path, tmp_path: Path) -> None:
    found = extract(_project(tmp_path / "film", gapped), "src", _SETTINGS)
    with load_bank(found.folder, face_type="full", resolution=64, progress=Silent(), ahead=False) as bank:
        assert len(bank) == found.faces == 16


def test_filling_twice_fills_no_more_and_long_gaps_stay(gapped: Path, tmp_path: Path) -> None:
    project = _project(tmp_path / "film", gapped)
    short = _SETTINGS.model_copy(update={"fill_gaps": 3})
    assert extract(project, "src", short).filled == 0
    writer = FaceWriter(project, "src", _SETTINGS, open_clips(project, "src", _SETTINGS))
    assert fill_gaps(writer, 4, Silent()) == 4
    before = {path.name: path.read_bytes() for path in writer.folder.glob("0*.jpg")}
    (writer.folder / "00010_0.jpg").unlink()
    assert fill_gaps(writer, 4, Silent()) == 4
    assert {path.name: path.read_bytes() for path in writer.folder.glob("0*.jpg")} == before
