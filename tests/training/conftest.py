"""Projects with drawn faces, and the smallest network that trains."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drawn_faces import fill_faceset
from understudy.project import Project
from understudy.project.consent import ConsentRecord
from understudy.project.folder import make_consent
from understudy.training import NetworkSettings, TrainSettings

MakeSettings = Callable[..., TrainSettings]


@pytest.fixture(scope="session")
def drawn_facesets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("facesets")
    fill_faceset(folder / "src", range(6))
    fill_faceset(folder / "dst", range(10, 15))
    return folder


@pytest.fixture
def project(tmp_path: Path, drawn_facesets: Path) -> Project:
    """A project whose facesets are six and five drawn faces."""
    (tmp_path / "clip.mp4").touch()
    root = tmp_path / "film"
    drawn = make_consent("src", basis="synthetic", reference="drawn for the tests")
    consent = ConsentRecord(src=drawn, dst=drawn)
    project = Project.create(root, src=[tmp_path / "clip.mp4"], dst=[tmp_path / "clip.mp4"], consent=consent)
    for side in ("src", "dst"):
        project.data(side).mkdir()
        project.aligned(side).symlink_to(drawn_facesets / side)
    return project


@pytest.fixture(scope="session")
def tiny() -> MakeSettings:
    """Settings of a network of 32 pixels on the CPU in float32; keywords change them."""

    def make(**changes: Any) -> TrainSettings:
        sizes = NetworkSettings(resolution=32, archi="df-ud", ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)
        plain = {"name": "tiny", "model": "saehd", "network": sizes, "batch_size": 4, "precision": "fp32"}
        return TrainSettings(**{**plain, "device": "cpu", "preview_every": 0, "iterations": 20, **changes})

    return make
