"""Mask networks and mattes of a project in a whole merge."""

import json

import cv2
import numpy as np
import pytest
import torch

from small_film import FRAMES, make_project
from understudy.media import EncodeSettings, open_source
from understudy.merging import MergeSettings, merge
from understudy.models import XSeg
from understudy.models.saved_xseg import save_xseg
from understudy.project import UnderstudyError
from understudy.provenance import LabelSettings

OPTIONS = {"encode": EncodeSettings(codec="ffv1"), "label": LabelSettings(enabled=False)}


@pytest.fixture(autouse=True)
def _keys(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def project(tmp_path, textured, place_face):
    return make_project(tmp_path / "film", tmp_path, textured, place_face)


def masks_of(project, **settings):
    result = merge(project, MergeSettings(masks=True, **settings), output=project.root / "r.mkv", **OPTIONS)
    masks = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in sorted(project.merged_mask.iterdir())]
    assert len(masks) == FRAMES
    return np.stack(masks), result


def test_without_a_mask_network_its_masks_are_refused_before_anything_is_written(project):
    with pytest.raises(UnderstudyError, match="needs a mask network"):
        merge(project, MergeSettings(mask="XSeg-prd*XSeg-dst"))
    assert not project.result().exists()


def test_a_mask_network_of_the_project_limits_the_faces(project):
    torch.manual_seed(1)
    network = XSeg(base=1)
    with torch.no_grad():
        network.out_conv.bias.fill_(-50.0)  # nothing is face
    save_xseg(network, project.model_folder("XSeg") / "0000001", options={})
    masks, _ = masks_of(project, mask="full - XSeg-dst")
    assert masks[3].max() == 255
    masks, _ = masks_of(project, mask="XSeg-dst")
    assert masks.max() == 0


def test_mattes_of_the_project_limit_the_faces(project):
    folder = project.data("dst") / "mattes"
    folder.mkdir()
    right_half = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]
    (folder / "mattes.json").write_text(json.dumps([{"keys": [{"frame": 1, "points": right_half}], "feather": 0}]))
    cv2.imwrite(str(folder / "shot_003.png"), np.zeros((240, 320), np.uint8))
    masks, _ = masks_of(project, mask="dst")
    assert masks[:, :, 162:].max() == 0
    assert masks[2, :, :158].max() == 255
    assert masks[3].max() == 0
    footage, result = (
        [frame.pixels for frame in open_source(paths).frames()]
        for paths in (project.clips("dst"), [project.root / "r.mkv"])
    )
    assert np.array_equal(footage[3], result[3])


def test_a_mask_at_the_border_is_noted_once(project):
    for mask, count in (("1", 1), ("full", 0)):
        _, result = masks_of(project, mask=mask)
        assert sum("border of the face's square" in note for note in result.notes) == count


def test_a_painted_matte_of_another_size_stops_the_merge(project):
    folder = project.data("dst") / "mattes"
    folder.mkdir()
    cv2.imwrite(str(folder / "shot_002.png"), np.zeros((24, 32), np.uint8))
    with pytest.raises(UnderstudyError, match=r"shot_002\.png is 32x24 pixels, and its frame 320x240"):
        merge(project, output=project.root / "r.mkv", **OPTIONS)
    assert not (project.root / "r.mkv").exists()


def test_a_key_that_asks_for_a_mask_network_is_refused_too(project):
    merge(project, **OPTIONS, output=project.root / "r.mkv")
    path = project.root / "merge.json"
    document = json.loads(path.read_text())
    document["shots"][0]["settings"] = {"mask": "XSeg-dst"}
    path.write_text(json.dumps(document))
    with pytest.raises(UnderstudyError, match="needs a mask network"):
        merge(project, **OPTIONS, output=project.root / "r.mkv")


def test_a_matte_that_changes_is_seen_by_the_next_merge(project):
    before, _ = masks_of(project, mask="dst")
    folder = project.data("dst") / "mattes"
    folder.mkdir()
    cv2.imwrite(str(folder / "shot_003.png"), np.zeros((240, 320), np.uint8))
    after, _ = masks_of(project, mask="dst")
    assert [bool((one != other).any()) for one, other in zip(before, after, strict=True)].index(True) == 3
    assert after[3].max() == 0
