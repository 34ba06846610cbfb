"""Budgets of equal time: what was measured once is what later runs go by."""

import json
from pathlib import Path

import pytest

from understudy.evaluation import swapbench
from understudy.evaluation.pace import Paces
from understudy.evaluation.swapbench import PACES, Bench, Entry
from understudy.project import Silent, UnderstudyError
from understudy.training import NetworkSettings, TrainSettings

_SLOW = TrainSettings(
    model="saehd",
    network=NetworkSettings(resolution=32, archi="df", ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4, face_type="full"),
    batch_size=2,
)
_FAST = _SLOW.model_copy(update={"batch_size": 1})


@pytest.fixture(autouse=True)
def _two_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swapbench, "MODELS", {"slow": _SLOW, "fast": _FAST})


def test_a_model_keeps_its_own_pace(tmp_path: Path) -> None:
    assert Paces(tmp_path / "pace.json", Silent()).of(_SLOW, _SLOW) == 1
    assert not (tmp_path / "pace.json").exists()


def test_what_was_measured_stays(tmp_path: Path) -> None:
    measured = Paces(tmp_path / "pace.json", Silent()).of(_FAST, _SLOW)
    assert measured > 0
    assert Paces(tmp_path / "pace.json", Silent()).of(_FAST, _SLOW) == measured


def test_iterations_are_shared_out_by_the_first_models_time(tmp_path: Path) -> None:
    entries, bench = [Entry("slow", 100, seed=3), Entry("fast", 100, seed=3)], Bench(tmp_path)
    bench.in_equal_time(entries)
    (key,) = json.loads((tmp_path / PACES).read_text())
    (tmp_path / PACES).write_text(json.dumps({key: 0.25}))
    assert bench.in_equal_time(entries) == [Entry("slow", 100, seed=3), Entry("fast", 400, seed=3)]
    (tmp_path / PACES).write_text(json.dumps({key: 1000.0}))
    assert bench.in_equal_time(entries)[1].iterations == 1  # never none at all


def test_an_unknown_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="no model 'swift'; there are slow, fast"):
        Bench(tmp_path).in_equal_time([Entry("slow", 1), Entry("swift", 1)])


@pytest.mark.parametrize("damaged", ["{", "[]", '{"a": 0}', '{"a": "b"}'])
def test_a_damaged_file_is_one_line(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "pace.json").write_text(damaged)
    with pytest.raises(UnderstudyError, match="damaged: delete it"):
        Paces(tmp_path / "pace.json", Silent()).of(_FAST, _SLOW)
