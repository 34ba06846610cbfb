import re
from pathlib import Path

import pytest

from understudy.demo import QUICK, DemoSettings, demo
from understudy.project import UnderstudyError
from understudy.provenance import verify

TINY = QUICK.model_copy(
    update={
        "size": 160,
        "rate": 5,
        "src_seconds": 1.6,
        "dst_seconds": 1.2,
        "others": (39,),
        "network": QUICK.network.model_copy(update={"resolution": 64, "ae_dims": 32, "e_dims": 16, "d_dims": 16}),
        "training": 2.0,
    }
)


@pytest.fixture(autouse=True)
def _keys(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "config"))


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UnderstudyError, match="is no demo"):
        demo(tmp_path, TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_demo_with_other_settings_is_left_alone(tmp_path):
    other = DemoSettings.model_validate({**TINY.model_dump(), "src": 4})
    (tmp_path / "demo.json").write_text(other.model_dump_json(indent=2) + "\n")
    with pytest.raises(UnderstudyError, match="other settings"):
        demo(tmp_path, TINY)


@pytest.mark.slow
def test_the_whole_demo(tmp_path):
    out = tmp_path / "a démo"
    made = demo(out, TINY)
    assert made.verification.exit_code == 0
    truth, result = made.scores["truth"], made.scores["result"]
    assert truth.value("perceptual") == 0 == truth.value("landmarks")
    assert result.value("perceptual") > 0
    text = made.page.read_text(encoding="utf-8")
    linked = [out / name for name in re.findall(r'src="([^"]+)"', text)]
    assert len(linked) == 5
    assert all(path.is_file() for path in linked)
    assert all(verify(path).exit_code == 0 for path in linked if path.stem in ("result", "comparison", "contact_sheet"))
    assert not re.search(r"(src|href|url)[=(].?https?:", text), "the page needs no network"
    before = {path: path.stat().st_mtime_ns for path in (out / "footage").iterdir()}
    assert demo(out, TINY).page == made.page
    assert before == {path: path.stat().st_mtime_ns for path in Path(out / "footage").iterdir()}
