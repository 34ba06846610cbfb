import shutil

import cv2
import numpy as np
import pytest

from small_film import FRAMES, WITHOUT_FACE, make_project, save
from understudy.media import EncodeSettings, open_source, write_image
from understudy.merging import MergeSettings, merge
from understudy.project import Project, UnderstudyError
from understudy.provenance import LabelSettings, verify

NO_LABEL = LabelSettings(enabled=False)
LOSSLESS = EncodeSettings(codec="ffv1")


@pytest.fixture(autouse=True)
def _keys(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def project(tmp_path, textured, place_face):
    """Seven frames as pictures, aligned faces for five of them, and a small network of random weights."""
    return make_project(tmp_path / "film", tmp_path, textured, place_face)


def pixels_of(path):
    return [frame.pixels for frame in open_source([path]).frames()]


def test_a_lossless_merge_changes_nothing_but_the_faces(project):
    settings = MergeSettings(mask="dst", masks=True)
    output = project.root / "result.mkv"
    result = merge(project, settings, model="m", encode=LOSSLESS, label=NO_LABEL, output=output)
    assert (result.path, result.frames, result.faces) == (output, FRAMES, FRAMES - len(WITHOUT_FACE))
    before = pixels_of(project.clips("dst")[0])
    masks = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in sorted(project.merged_mask.iterdir())]
    assert len(masks) == FRAMES
    for index, (one, other, mask) in enumerate(zip(before, pixels_of(output), masks, strict=True)):
        assert np.array_equal(one[mask == 0], other[mask == 0])
        assert (index in WITHOUT_FACE) == np.array_equal(one, other) == (mask.max() == 0)


def test_the_result_is_marked_and_names_model_and_consent(project):
    mark = verify(merge(project, model="m").path).mark
    assert mark is not None
    assert (mark.project, mark.model, mark.consent_sha256) == (project.id, "m", project.consent().digest())
    assert mark.label is not None


def test_without_consent_nothing_is_merged(tmp_path, textured, place_face):
    project = make_project(tmp_path / "film", tmp_path, textured, place_face, consent=False)
    with pytest.raises(UnderstudyError, match="no consent record"):
        merge(project, model="m")
    assert not project.result().exists()


def test_a_deleted_aligned_face_stays_as_it_is_in_the_footage(project):
    (project.aligned("dst") / "00003_0.jpg").unlink()
    output = project.root / "result.mkv"
    result = merge(project, model="m", encode=LOSSLESS, label=NO_LABEL, output=output)
    assert result.faces == FRAMES - len(WITHOUT_FACE) - 1
    assert np.array_equal(pixels_of(output)[3], pixels_of(project.clips("dst")[0])[3])


def test_a_merge_that_fails_leaves_the_earlier_result_and_nothing_else(project):
    merge(project, MergeSettings(masks=True), model="m")
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    save(project, broken=True)
    with pytest.raises(UnderstudyError, match=r"not one face could be swapped.*not numbers"):
        merge(project, MergeSettings(masks=True), model="m")
    after = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    weights = project.model_folder("m") / "1" / "weights.safetensors"
    assert {path for path in before if before[path] != after.get(path)} == {weights}
    assert after.keys() == before.keys()


def test_merging_again_gives_the_same_pictures(project):
    first, second = (
        merge(project, model="m", encode=LOSSLESS, output=project.root / name).path for name in ("a.mkv", "b.mkv")
    )
    assert all(np.array_equal(one, other) for one, other in zip(pixels_of(first), pixels_of(second), strict=True))


def test_frames_are_also_written_as_marked_pictures(project):
    merge(project, MergeSettings(frames=True), model="m")
    pictures = sorted(project.merged.glob("*.png"))
    assert [path.stem for path in pictures] == [f"shot_{index:03d}" for index in range(FRAMES)]
    assert verify(pictures[3]).marked


def test_faces_of_other_footage_are_refused(project, textured):
    for index in range(FRAMES):
        write_image(project.clips("dst")[0] / f"shot_{index:03d}.png", np.zeros((120, 160, 3), np.uint8))
    with pytest.raises(UnderstudyError, match=r"320x240.*160x120"):
        merge(project, model="m")


def test_the_comparison_shows_footage_and_result_side_by_side_and_is_marked(project):
    result = merge(project, MergeSettings(comparison=True), model="m", label=NO_LABEL)
    comparison = project.root / "comparison.mp4"
    assert verify(comparison).exit_code == 0
    pairs = pixels_of(comparison)
    footage, swapped = pixels_of(project.clips("dst")[0]), pixels_of(result.path)
    assert len(pairs) == FRAMES
    for pair, left, right in zip(pairs, footage, swapped, strict=True):
        assert np.abs(pair.astype(int) - np.hstack([left, right])).mean() < 2.5  # what encoding costs


def test_a_person_is_swapped_by_the_model_that_the_project_names_and_both_are_in_the_credentials(project):
    shutil.copytree(project.model_folder("m"), project.model_folder("n"))
    settings = project.root / "understudy.toml"
    settings.write_text(settings.read_text() + '\n[[person]]\nname = "person:1"\nmodel = "n"\n')
    mark = verify(merge(Project(project.root), model="m").path).mark
    assert (mark.model, [model.name for model in mark.further_models]) == ("m", ["n"])
    settings.write_text(settings.read_text().replace("person:1", "person:9"))
    with pytest.raises(UnderstudyError, match="no person:9"):
        merge(Project(project.root), model="m")
