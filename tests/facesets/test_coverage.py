"""The report finds what was taken away, and the selection covers what was asked for."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from drawn_faces import fill_faceset
from understudy.faces.identity_hog import FrontalHog
from understudy.facesets import Faceset
from understudy.facesets.cautions import look_over
from understudy.facesets.coverage import AXES, ENOUGH, MAPS, compare, coverage_values
from understudy.facesets.coverage_page import coverage_text, write_coverage_page
from understudy.facesets.selection import select_covering
from understudy.project import UnderstudyError

Fake = Callable[..., Faceset]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Sets of drawn faces whose yaw, and whatever else is given, is told rather than measured."""

    def make(name: str, **told: NDArray[np.float64]) -> Faceset:
        count = len(next(iter(told.values())))
        fill_faceset(tmp_path / name, range(count), size=32)
        faceset = Faceset(tmp_path / name)
        measured = faceset.columns

        def columns(*names: str) -> dict[str, NDArray[np.float64]]:
            return {**measured(*names), **{key: value for key, value in told.items() if key in names}}

        monkeypatch.setattr(faceset, "columns", columns)
        return faceset

    return make


def test_a_set_covers_itself(made: Fake) -> None:
    faceset = made("a", yaw=np.linspace(-1, 1, 40))
    coverage = compare(faceset, faceset)
    assert coverage.lacking == ()
    assert [found.covered for found in coverage.maps] == [1.0] * len(MAPS)
    assert "lacks 0" in coverage_text(coverage)


def test_what_is_taken_away_is_found(made: Fake) -> None:
    yaw = np.repeat(np.radians([-40.0, 5.0, 40.0]), 30)
    level = {"pitch": np.full(90, 0.05), "mouth_open": np.full(90, 0.01)}
    dst = made("dst", yaw=yaw, **level)
    src = made("src", yaw=np.where(yaw > 0.5, 0.1, yaw), **level)
    coverage = compare(src, dst)
    wanted = [cell for cell in coverage.lacking if cell.label.startswith("yaw")]
    assert [(cell.src, cell.dst, cell.lacking) for cell in wanted] == [(0, 30, ENOUGH)]
    assert wanted[0].label == "yaw 30 to 45°, pitch 0 to 15°"
    assert set(wanted[0].examples) <= set(dst.names[60:])
    assert coverage.maps[0].covered == pytest.approx(2 / 3)


def test_every_face_is_counted_once_on_every_axis(made: Fake) -> None:
    random = np.random.default_rng(0)
    src = made("src", yaw=random.uniform(-3, 3, 50), hue=random.uniform(0, 360, 50), pitch=random.normal(0, 2, 50))
    dst = made("dst", yaw=random.uniform(-1, 1, 30), gaze_x=np.r_[np.full(10, np.nan), np.zeros(20)])
    for found in compare(src, dst).maps:
        known = 20 if found.axes == ("gaze_x",) else 30
        assert sum(cell.dst for cell in found.cells) == known
        if "gaze_x" not in found.axes and "gaze_y" not in found.axes:
            assert sum(cell.src for cell in found.cells) == 50
        assert len({cell.place for cell in found.cells}) == len(found.cells)


def test_bins_say_what_they_hold() -> None:
    axis = AXES["yaw"]
    assert axis.names()[axis.bins(np.array([7.0]))[0]] == "0 to 15°"
    assert axis.bins(np.array([-500.0, 500.0, np.nan])).tolist() == [0, len(axis) - 1, -1]


def test_closure_is_of_this_persons_eyes(made: Fake) -> None:
    for scale in (0.1, 0.3):
        opening = scale * np.r_[np.ones(20), 0.5, 0.0]
        closure = coverage_values(made(f"eyes{scale}", eye_open=opening))["eye_closure"]
        assert closure[-3:] == pytest.approx([0, 0.5, 1])


def test_faults_of_a_set_are_named_with_the_condition_that_finds_them(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "a", range(20))
    fill_faceset(tmp_path / "b", range(20, 22), face_type="half", size=32)
    (tmp_path / "b" / "00020_0.jpg").rename(tmp_path / "a" / "h.jpg")
    (tmp_path / "a" / "twin.jpg").write_bytes((tmp_path / "a" / "00003_0.jpg").read_bytes())
    faceset = Faceset(tmp_path / "a")
    warnings = [str(caution) for caution in compare(faceset, faceset).warnings]
    assert any("several types: full, half" in line for line in warnings)
    assert any("1 faces share their frame" in line for line in warnings)
    for line in warnings:
        if "--where" in line:
            count, condition = re.search(r"(\d+) faces.*--where \"(.*)\"", line).groups()  # type: ignore[union-attr]
            assert len(faceset.query(condition)) == int(count)


def test_several_people_in_a_set_are_noticed_and_shown(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    fill_faceset(folder, range(2))
    for at in range(10):
        shutil.copy(folder / f"0000{int(at > 6)}_0.jpg", folder / f"copy{at}.jpg")
    faceset = Faceset(folder)
    (caution,) = [found for found in look_over("src", faceset, FrontalHog()) if "people" in found.text.split(":")[0]]
    assert str(caution) == "src: 2 people, it seems: 33% are not the most frequent one (faceset persons)"
    assert {faceset[name].frame for name in caution.examples} == {0, 1}
    faceset.trash("00001_0.jpg", *(f"copy{at}.jpg" for at in (7, 8, 9)))
    assert not any("people, it seems" in found.text for found in look_over("src", faceset, FrontalHog()))


def test_the_page_stands_alone(made: Fake, tmp_path: Path) -> None:
    dst = made("dst <b>", yaw=np.repeat([0.0, 0.9], 10))
    src = made("src", yaw=np.zeros(20))
    page = tmp_path / "coverage.html"
    write_coverage_page(page, compare(src, dst), src, dst)
    text = page.read_text(encoding="utf-8")
    assert "dst &lt;b&gt;" in text
    assert "dst <b>" not in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)
    assert text.count("data:image/jpeg") >= 4
    assert "yaw 45 to 60°" in text


def test_the_selection_covers_dst_and_nothing_else(made: Fake) -> None:
    random = np.random.default_rng(0)
    same = {
        "pitch": 0.0,
        "mouth_open": 0.1,
        "eye_open": 0.2,
        "gaze_x": 0.0,
        "gaze_y": 0.0,
        "brightness": 120.0,
        "hue": 20.0,
    }

    def alike(yaw: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        return {"yaw": yaw, **{name: np.full(len(yaw), value) for name, value in same.items()}}

    src = made("src", **alike(random.permutation(np.linspace(-1.2, 1.2, 120))))
    dst = made("dst", **alike(np.r_[np.linspace(-0.8, -0.6, 20), np.linspace(0.1, 0.2, 20)]))
    names = select_covering(src, dst, 12)
    assert len(names) == len(set(names)) == 12
    yaw = dict(zip(src.names, src.columns("yaw")["yaw"], strict=True))
    chosen = np.array([yaw[name] for name in names])
    near = np.abs(chosen[:, None] - dst.columns("yaw")["yaw"]).min(axis=1)
    assert near.max() < np.radians(10)
    assert 3 <= (chosen < 0).sum() <= 9
    farthest = np.abs(dst.columns("yaw")["yaw"][:, None] - chosen).min(axis=1).max()
    assert farthest < 0.06


@pytest.mark.parametrize("count", [1, 7, 30, 99])
def test_the_selection_has_the_size_that_was_asked_for(made: Fake, count: int) -> None:
    src, dst = made("src", yaw=np.linspace(-1, 1, 30)), made("dst", yaw=np.full(5, 0.3))
    names = select_covering(src, dst, count)
    assert len(set(names)) == len(names) == min(count, 30)
    assert select_covering(src, dst, count) == names


def test_a_useful_choice_beats_an_even_one(made: Fake) -> None:
    random = np.random.default_rng(3)
    src = made("src", yaw=random.uniform(-1, 1, 100), pitch=random.normal(0, 0.3, 100))
    dst = made("dst", yaw=random.normal(0.4, 0.1, 60), pitch=random.normal(0, 0.1, 60))
    chosen = select_covering(src, dst, 15)

    def distance(names: list[str]) -> float:
        at = [list(src.names).index(name) for name in names]
        ours, theirs = (
            np.stack([found[name] for name in ("yaw", "pitch")], 1)
            for found in (src.columns("yaw", "pitch"), dst.columns("yaw", "pitch"))
        )
        return float(np.linalg.norm(theirs[:, None] - ours[at], axis=2).min(axis=1).mean())

    assert distance(chosen) < 0.7 * distance(list(src.names[:: 100 // 15])[:15])


def test_empty_sets_and_counts_are_one_line(made: Fake, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    empty, some = Faceset(tmp_path / "none"), made("some", yaw=np.zeros(2))
    for run in (
        lambda: compare(empty, some),
        lambda: select_covering(some, empty, 3),
        lambda: select_covering(some, some, 0),
    ):
        with pytest.raises(UnderstudyError) as fault:
            run()
        assert "\n" not in str(fault.value)
