"""Landmarks in a JSON file: out and in again without change, corrected by hand, and hostile."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from understudy.faces import ExtractSettings
from understudy.facesets import Faceset, LandmarkFile, extract, landmarks_of, place_landmarks
from understudy.project import Project, UnderstudyError

_SETTINGS = ExtractSettings(image_size=256, debug=True)


@pytest.fixture(scope="module")
def extracted(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    clips = [footage / "headpose_f.mp4"]
    project = Project.create(tmp_path_factory.mktemp("placing") / "film", src=clips, dst=clips)
    extract(project, "src", _SETTINGS)
    return project


@pytest.fixture
def project(extracted: Project, tmp_path: Path) -> Project:
    """A copy to change."""
    shutil.copytree(extracted.data("src"), tmp_path / "film" / "data_src")
    return Project.create(tmp_path / "film", src=extracted.clips("src"), dst=extracted.clips("dst"))


def test_what_is_exported_changes_nothing_when_placed_again(project: Project, tmp_path: Path) -> None:
    folder = project.aligned("src")
    before = {path.name: path.read_bytes() for path in folder.glob("0*.jpg")}
    landmarks_of(Faceset(folder)).write(tmp_path / "landmarks.json")
    done = place_landmarks(project, "src", LandmarkFile.read(tmp_path / "landmarks.json"))
    assert (done.replaced, done.added, done.unchanged) == (0, 0, 23)
    assert {path.name: path.read_bytes() for path in folder.glob("0*.jpg")} == before


def test_a_correction_replaces_its_face_and_a_new_one_is_added_once(project: Project) -> None:
    folder = project.aligned("src")
    faces = Faceset(folder)
    old = faces["00005_0.jpg"].metadata
    points = np.array(old.source_landmarks) + np.array([3.0, -2.0])
    twin = np.array(old.source_landmarks) * 0.8 + 10.0
    document = LandmarkFile.model_validate(
        {
            "schema": "understudy/landmarks",
            "frames": [
                {
                    "frame": 4,
                    "faces": [
                        {"file": "00005_0.jpg", "landmarks": points.tolist()},
                        {"landmarks": twin.tolist()},
                    ],
                }
            ],
        }
    )
    for expected in ((1, 1, 0), (0, 0, 2)):
        done = place_landmarks(project, "src", document)
        assert (done.replaced, done.added, done.unchanged) == expected
    faces = Faceset(folder)
    assert len(faces) == 24
    np.testing.assert_allclose(faces["00005_0.jpg"].metadata.source_landmarks, points, atol=1e-3)
    np.testing.assert_allclose(faces["00005_1.jpg"].metadata.source_landmarks, twin, atol=1e-3)
    assert faces["00005_0.jpg"].metadata.track == old.track
    assert [face.was for face in faces.trashed()] == ["00005_0.jpg"]


def test_faces_can_be_placed_where_nothing_was_extracted(project: Project) -> None:
    document = landmarks_of(Faceset(project.aligned("src")))
    done = place_landmarks(project, "dst", document, _SETTINGS)
    assert done.added == 23
    assert extract(project, "dst", _SETTINGS).faces == 23


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"frames": [{"frame": -1, "faces": []}]},
        {"frames": [{"frame": 10**30, "faces": []}]},
        {"frames": [{"frame": 0, "faces": [{"landmarks": [[0, 0]] * 67}]}]},
        {"frames": [{"frame": 0, "faces": [{"landmarks": [[0, 1e300]] * 68}]}]},
        {"frames": [{"frame": 0, "faces": [{"landmarks": [[0, float("nan")]] * 68}]}]},
        {"frames": [{"frame": 0, "faces": [{"file": "00001_0.jpg", "landmarks": [[5, 5]] * 68}]}]},
        {"frames": [{"frame": 99, "faces": []}]},
        {"frames": [{"frame": 0, "faces": [{"file": "../../00001_0.jpg", "landmarks": [[0, k] for k in range(68)]}]}]},
        {"frames": [{"frame": 0, "faces": [{"file": "00002_0.jpg", "landmarks": [[0, k] for k in range(68)]}]}]},
        {"frames": [], "more": 1},
    ],
)
def test_a_bad_document_is_one_line_and_harms_nothing(
    extracted: Project, tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"schema": "understudy/landmarks", "version": 1, **change}))
    before = {file.name for file in extracted.aligned("src").glob("0*")}
    with pytest.raises(UnderstudyError) as fault:
        place_landmarks(extracted, "src", LandmarkFile.read(path))
    assert "\n" not in str(fault.value)
    assert {file.name for file in extracted.aligned("src").glob("0*")} == before
