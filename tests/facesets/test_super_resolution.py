"""Super-resolution: the published architecture, tile by tile as in one piece, nothing moved, its weights checked."""

from pathlib import Path

import numpy as np
import pytest
import torch

from drawn_faces import fill_faceset
from understudy import zoo
from understudy.facesets import Faceset, super_resolution
from understudy.facesets.enhance import EnhanceSettings, enhance_faces, method_in_use
from understudy.facesets.super_resolution import SCALE, SuperResolution, enlarge, read_network, restore_detail
from understudy.project import UnderstudyError


@pytest.fixture
def network() -> SuperResolution:
    """Of random weights: the published ones are not part of the project."""
    torch.manual_seed(0)
    return SuperResolution().eval()


@pytest.fixture
def repeating() -> SuperResolution:
    """A network that adds nothing: every pixel four times four times."""
    network = SuperResolution().eval()
    for parameter in network.body[-1].parameters():
        torch.nn.init.zeros_(parameter)
    return network


def smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    waves = [128 + 60 * np.sin(x / 7 + k) + 50 * np.cos(y / 9 - k) for k in range(3)]
    return np.clip(np.stack(waves, -1), 0, 255).astype(np.uint8)


def test_it_has_the_published_number_of_weights(network: SuperResolution) -> None:
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_213_296


@pytest.mark.parametrize("tile", [16, 37, 64])
def test_tiles_do_not_show(network: SuperResolution, tile: int) -> None:
    picture = smooth(70, 53)
    whole, tiled = enlarge(picture, network, tile=200), enlarge(picture, network, tile=tile)
    assert whole.shape == (SCALE * 70, SCALE * 53, 3)
    assert np.abs(whole.astype(int) - tiled).max() <= 1


def test_nothing_moves(repeating: SuperResolution) -> None:
    picture = smooth(64, 64)
    inside = slice(4, -4)
    for enlarged in (1.0, 2.0):
        back = restore_detail(picture, repeating, enlarged=enlarged, strength=1.0).astype(float)
        gx = np.gradient(picture.astype(float), axis=1)[inside, inside]
        shift = (gx * (picture - back)[inside, inside]).sum() / (gx**2).sum()
        assert abs(shift) < 0.02  # pixels


def test_strength_0_changes_nothing(network: SuperResolution) -> None:
    picture = smooth(40, 40)
    assert np.array_equal(restore_detail(picture, network, enlarged=1.5, strength=0.0), picture)


def test_weights_are_read_and_others_refused(network: SuperResolution, tmp_path: Path) -> None:
    good, other, junk = (tmp_path / name for name in ("good.pth", "other.pth", "junk.pth"))
    torch.save({"params": network.state_dict()}, good)
    torch.save({"params": {"body.0.weight": torch.zeros(1)}}, other)
    junk.write_bytes(b"junk")
    picture = smooth(20, 20)
    assert np.array_equal(enlarge(picture, read_network(good)), enlarge(picture, network))
    for path in (other, junk):
        with pytest.raises(UnderstudyError, match="does not hold the weights"):
            read_network(path)


def test_faces_are_enhanced_by_the_network_where_it_is(
    network: SuperResolution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo, "path", lambda name: None)
    assert method_in_use("auto") == "deconvolution"
    monkeypatch.setattr(zoo, "path", lambda name: tmp_path / name)
    assert method_in_use("auto") == "real-esrgan"
    monkeypatch.setattr(super_resolution, "load_network", lambda: network)
    fill_faceset(tmp_path / "aligned", range(2))
    faces = list(Faceset(tmp_path / "aligned"))
    enhance_faces(faces, tmp_path / "out", EnhanceSettings())
    for face, enhanced in zip(faces, Faceset(tmp_path / "out"), strict=True):
        assert enhanced.metadata == face.metadata
        assert not np.array_equal(enhanced.aligned().image, face.aligned().image)
