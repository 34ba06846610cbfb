"""The real session, sampling, refusal and pictures; only the network's file is another (see `red_network`)."""

import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel

from understudy.cli import main
from understudy.faces import ExtractSettings
from understudy.media import EncodeSettings, write_image
from understudy.merging import MergeSettings, merge
from understudy.pipeline import swap
from understudy.project import SIDES, ConsentRecord, Project, UnderstudyError, make_consent
from understudy.provenance import LabelSettings, SigningSettings
from understudy.provenance.guard import check_project
from understudy.training import TrainSettings

RATE = 25  # pictures of a folder a second


def _clip(folder: Path, red: dict[int, float], seconds: int = 6) -> Path:
    """Grey pictures, a stamp in each; from second n on, for a second, `red[n]` of them are red."""
    folder.mkdir(parents=True)
    for number in range(seconds * RATE):
        picture = np.full((64, 64, 3), 90, np.uint8)
        picture[: round(64 * red.get(number // RATE, 0.0))] = 255, 0, 0
        picture[-1, -1] = number % 256
        write_image(folder / f"{number:04d}.png", picture)
    return folder


def _record() -> ConsentRecord:
    src, dst = (make_consent(side, basis="synthetic", reference="drawn by the test") for side in SIDES)
    return ConsentRecord(src=src, dst=dst)


def _project(tmp_path: Path, **red: dict[int, float]) -> Project:
    clips = {side: [_clip(tmp_path / side, red.get(side, {}))] for side in SIDES}
    return Project.create(tmp_path / "film", src=clips["src"], dst=clips["dst"], consent=_record())


@pytest.mark.parametrize("side", SIDES)
def test_explicit_content_is_refused_with_what_was_found_and_when(red_network: Path, tmp_path: Path, side: str) -> None:
    project = _project(tmp_path, **{side: {2: 1.0, 3: 1.0}})
    with pytest.raises(UnderstudyError) as refusal:
        merge(project)
    line = str(refusal.value)
    for part in ("content guard refuses", f"({side})", "female breast (1.00) at 0:02.00", "at 0:03", "clip cut"):
        assert part in line
    assert "\n" not in line
    assert "0:01" not in line
    assert "0:05" not in line


def test_the_pictures_are_small_and_for_their_owner_alone(red_network: Path, tmp_path: Path) -> None:
    project = _project(tmp_path, dst={2: 1.0, 3: 1.0})
    with pytest.raises(UnderstudyError) as refusal:
        check_project(project)
    pictures = sorted((project.root / "guard").glob("*-pictures/*.jpg"))
    assert str(pictures[0].parent) in str(refusal.value)
    assert pictures[0].name == "0.02.00.jpg"
    for path in pictures:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with Image.open(path) as picture:
            assert max(picture.size) <= 160
    assert stat.S_IMODE(pictures[0].parent.stat().st_mode) == 0o700


def test_neither_merge_nor_swap_nor_the_command_line_gets_past_it(
    red_network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = _project(tmp_path, src={0: 1.0, 1: 1.0})
    assert main(["merge", "--project", str(project.root)]) == 2
    assert "the content guard refuses" in capsys.readouterr().err
    with pytest.raises(UnderstudyError, match="content guard"):
        swap(project.clips("src"), project.clips("dst"), tmp_path / "result.mp4", consent=_record())
    assert not list(tmp_path.rglob("aligned"))
    assert not list(tmp_path.rglob("result*.mp4"))


def test_one_explicit_sample_or_two_doubtful_ones_warn(red_network: Path, tmp_path: Path) -> None:
    project = _project(tmp_path, dst={0: 0.5, 1: 0.5})
    (line,) = check_project(project)
    for part in ("look at", "(dst)", "female breast (0.5", "0:00.00"):
        assert part in line
    assert check_project(_project(tmp_path / "other", dst={})) == ()


def test_a_second_check_costs_nothing_and_says_the_same(red_network: Path, tmp_path: Path) -> None:
    clear = _project(tmp_path / "clear")
    assert check_project(clear) == ()
    refused = _project(tmp_path / "refused", dst={2: 1.0, 3: 1.0})
    lines = []
    for _ in range(2):
        with pytest.raises(UnderstudyError) as refusal:
            check_project(refused)
        lines.append(str(refusal.value))
        red_network.write_bytes(b"")  # there is no network left to run
    assert check_project(clear) == ()
    assert lines[0] == lines[1]


def test_a_changed_clip_and_a_damaged_record_are_checked_anew(red_network: Path, tmp_path: Path) -> None:
    project = _project(tmp_path)
    assert check_project(project) == ()
    for path in (project.root / "guard").glob("*.json"):
        path.write_text('{"version": "0", "clip": "", "samples": 9, "sightings": [], "highest": {}}')
    assert check_project(project) == ()
    for number in range(50, 100):
        write_image(tmp_path / "dst" / f"{number:04d}.png", np.full((64, 64, 3), (255, 0, 0), np.uint8))
    with pytest.raises(UnderstudyError, match="refuses"):
        check_project(project)


def test_without_its_network_nothing_is_merged(
    red_network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = _project(tmp_path)
    red_network.unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(UnderstudyError, match="cannot fetch the model content-guard"):
        merge(project)


@pytest.mark.parametrize(
    "group", [ExtractSettings, TrainSettings, MergeSettings, EncodeSettings, LabelSettings, SigningSettings]
)
def test_no_setting_speaks_of_the_guard(group: type[BaseModel]) -> None:
    assert not [name for name in group.model_fields if "guard" in name or "content" in name]
