"""Projects of real clips with faces and a small network of random weights."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from understudy.faces import ExtractSettings
from understudy.facesets import extract
from understudy.media import EncodeSettings
from understudy.media.part import PartSource
from understudy.media.transcode import transcode
from understudy.models import create_model, save_model
from understudy.project import SIDES, ConsentRecord, Project, make_consent

FRAMES = 7
MakeProject = Callable[..., Project]


@pytest.fixture(autouse=True)
def _keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def make_project(footage: Path, tmp_path: Path) -> MakeProject:
    """Makes a project of the first frames of two clips of the footage."""

    def make(
        name: str, *, src: str, dst: str, names: tuple[str, str] = ("src", "dst"), consent: bool = True
    ) -> Project:
        clips = [_start_of(footage / clip, tmp_path / "clips" / clip) for clip in (src, dst)]
        agreed = [
            make_consent(side, basis="licensed-footage", reference="CC BY 4.0", name=who)
            for side, who in zip(SIDES, names, strict=True)
        ]
        record = ConsentRecord(src=agreed[0], dst=agreed[1]) if consent else None
        project = Project.create(tmp_path / name, src=clips[:1], dst=clips[1:], consent=record)
        extract(project, "dst", ExtractSettings(image_size=256))
        torch.manual_seed(0)
        sizes = {"resolution": 64, "archi": "df-ud", "ae_dims": 16, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}
        weights = project.model_folder("m") / "1" / "weights.safetensors"
        weights.parent.mkdir(parents=True)
        save_model(create_model("saehd", sizes), weights)
        return project

    return make


def _start_of(clip: Path, out: Path) -> Path:
    if not out.exists():
        out.parent.mkdir(exist_ok=True)
        part = PartSource(clip, end=Fraction(FRAMES, 25))
        transcode(part, out, EncodeSettings(quality=10, copy_streams=False))
    return out
