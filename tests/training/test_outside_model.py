"""A package that knows this one brings a network of its own: it is found, trained, saved, loaded and swaps."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from understudy.models import create_model, latest_model, load_model
from understudy.models.kinds import model_class
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import NetworkSettings, TrainSettings, train

MakeSettings = Callable[..., TrainSettings]

MODULE = """
import torch
from torch import nn

from understudy.models import SwapNetwork


class Decoder(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.face, self.mask = nn.Conv2d(channels, 3, 1), nn.Conv2d(channels, 1, 1)

    def decode_face(self, code):
        return torch.sigmoid(self.face(code).float())

    def decode_mask(self, code):
        return torch.sigmoid(self.mask(code).float())


class Smallest(SwapNetwork):
    kind = "smallest"

    def __init__(self, *, resolution=32, e_dims=8, face_type="full"):
        super().__init__()
        self.resolution, self.face_type, self.e_dims = resolution, face_type, e_dims
        self.encoder = nn.Conv2d(3, e_dims, 3, padding=1)
        self.src, self.dst = Decoder(e_dims), Decoder(e_dims)

    def config(self):
        return {"resolution": self.resolution, "e_dims": self.e_dims, "face_type": self.face_type}

    def encode(self, images):
        return self.encoder(images).relu()

    def src_code(self, features, noise=None):
        return features

    def dst_code(self, features):
        return features

    def swap_code(self, features, *, morph=1.0):
        return features

    def src_decoder(self):
        return self.src

    def dst_decoder(self):
        return self.dst
"""


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution: a module, and what an installer writes beside it."""
    folder = tmp_path / "site-packages"
    metadata = folder / "smallest_network-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "smallest_network.py").write_text(MODULE)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: smallest-network\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[understudy.models]\nsmallest = smallest_network:Smallest\nbroken = absent_module:X\nodd = pathlib:Path\n"
    )
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "smallest_network", raising=False)
    model_class.cache_clear()
    return folder


def test_a_network_of_another_package_is_trained_like_any(
    outside: Path, project: Project, tiny: MakeSettings, tmp_path: Path
) -> None:
    settings = tiny(model="smallest", network=NetworkSettings(resolution=32, e_dims=12), iterations=3)
    assert train(project, settings, Silent()).iteration == 3
    loaded = load_model(latest_model(project.model_folder("tiny")))
    assert (loaded.kind, loaded.config()["e_dims"], type(loaded).__module__) == ("smallest", 12, "smallest_network")
    assert loaded.swap(torch.rand(2, 3, 32, 32)).face.shape == (2, 3, 32, 32)


def test_what_cannot_be_used_is_told_in_one_line(outside: Path) -> None:
    with pytest.raises(UnderstudyError, match=r"choose one of .*smallest"):
        create_model("smaller")
    with pytest.raises(UnderstudyError, match="'broken' cannot be loaded"):
        create_model("broken")
    with pytest.raises(UnderstudyError, match="'odd' is not a SwapNetwork"):
        create_model("odd")
    with pytest.raises(UnderstudyError, match="does not take these options"):
        create_model("smallest", {"archi": "df"})
