"""A benchmark run is resumed, repeated and extended; its report stands alone."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from understudy.cli import main
from understudy.evaluation import report, swapbench
from understudy.evaluation.report import write_report
from understudy.evaluation.suite import SUITE, Case
from understudy.evaluation.swapbench import MODELS, Bench, Entry
from understudy.media import open_source, read_image, write_image
from understudy.models import create_model
from understudy.project import UnderstudyError
from understudy.provenance import verify
from understudy.training import NetworkSettings, TrainSettings

_TINY = TrainSettings(
    model="saehd",
    network=NetworkSettings(resolution=32, archi="df", ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4, face_type="full"),
    batch_size=2,
    preview_every=0,
)
_ENTRY = Entry("tiny", 2)


@pytest.fixture(scope="module", autouse=True)
def _tiny(case: Case) -> Iterator[None]:
    """A suite of one case and a model that is trained in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swapbench, "MODELS", {"tiny": _TINY})
        patch.setattr(report, "SUITE", {case.name: case})
        yield


@pytest.fixture(scope="module")
def folder(case: Case, clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    return _run(case, clips, tmp_path_factory.mktemp("bench"))


def _run(case: Case, clips: Path, folder: Path) -> Path:
    case.film_reference(clips)
    case.film_src(clips)
    shutil.copytree(clips, folder / "clips")
    Bench(folder).run(case, [_ENTRY])
    write_report(Bench(folder))
    return folder


def test_a_merge_leaves_the_background_and_is_no_truth(folder: Path, case: Case) -> None:
    results = json.loads((folder / "report.json").read_text())["cases"]["tiny"]["results"]
    assert list(results) == ["truth", "dst", "src-mean", "tiny-2"]
    assert results["tiny-2"]["clip"]["background"] == 0
    assert results["tiny-2"]["clip"]["psnr"] < results["truth"]["clip"]["psnr"]
    assert results["src-mean"]["clip"]["seam"] > results["dst"]["clip"]["seam"] == 0
    assert results["src-mean"]["clip"]["ssim"] < results["dst"]["clip"]["ssim"]
    assert not (folder / "tiny" / "project" / "model" / "tiny-2").exists()  # weights are large and of no more use


def test_every_picture_of_a_swap_is_signed(folder: Path) -> None:
    swapped = [path for name in ("tiny-2", "src-mean") for path in (folder / "tiny" / name).glob("*.jpg")]
    swapped.append(folder / "tiny" / "tiny-2" / "result.mkv")
    assert len(swapped) == 7
    assert all(verify(path).exit_code == 0 for path in swapped)


def test_what_is_finished_is_not_made_again(folder: Path, case: Case) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    Bench(folder).run(case, [_ENTRY])
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_a_run_broken_off_before_scoring_goes_on_there(folder: Path, case: Case) -> None:
    result, scores = folder / "tiny" / "tiny-2" / "result.mkv", folder / "tiny" / "tiny-2" / "scores.json"
    merged, known = result.stat().st_mtime_ns, json.loads(scores.read_text())
    scores.unlink()
    Bench(folder).run(case, [_ENTRY])
    assert result.stat().st_mtime_ns == merged
    again = json.loads(scores.read_text())
    assert {**again, "seconds": {}} == {**known, "seconds": {}}


def test_equal_seeds_give_equal_documents(folder: Path, case: Case, clips: Path, tmp_path: Path) -> None:
    other = _run(case, clips, tmp_path / "again")
    documents = [json.loads((run / "report.json").read_text()) for run in (folder, other)]
    for document in documents:
        assert document.pop("seconds")
    assert documents[0] == documents[1]


def test_the_page_stands_alone_and_escapes(folder: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert all(address.startswith("data:image/jpeg;base64,") for address in re.findall(r'(?:src|href)="([^"]*)"', page))
    assert page.count("<figure>") == 3
    assert "<script" not in page
    wild = folder / "tiny" / "a<b>"
    shutil.copytree(folder / "tiny" / "dst", wild)
    write_report(Bench(folder))
    assert "a&lt;b&gt;" in (folder / "report.html").read_text(encoding="utf-8")
    shutil.rmtree(wild)


def test_frames_from_elsewhere_are_scored(folder: Path, case: Case, tmp_path: Path) -> None:
    bench = Bench(folder)
    bench.export(case, tmp_path / "suite")
    exported = tmp_path / "suite" / "tiny" / "data_dst"
    assert [path.name for path in sorted(exported.iterdir())] == [f"{k:05d}.png" for k in range(1, 7)]
    clip = open_source([bench.reference(case).dst.path])
    assert all(np.array_equal(read_image(exported / f"{f.index + 1:05d}.png")[0], f.pixels) for f in clip.frames())
    bench.score(case, exported, "elsewhere")
    scored = {name: file.read() for name, file in bench.files(case).items()}
    assert scored["elsewhere"].clip == scored["dst"].clip
    shutil.rmtree(folder / "tiny" / "elsewhere")


def test_other_frames_are_one_line(folder: Path, case: Case, tmp_path: Path) -> None:
    for number in range(3):
        write_image(tmp_path / "few" / f"{number}.png", np.zeros((144, 144, 3), np.uint8))
    with pytest.raises(UnderstudyError, match="3 frames of 144x144, but dst has 6 of 144x144"):
        Bench(folder).score(case, tmp_path / "few", "few")
    with pytest.raises(UnderstudyError, match="no such result"):
        Bench(folder).score(case, tmp_path / "none", "none")
    for name in ("truth", "project", "../x", ""):
        with pytest.raises(UnderstudyError, match="cannot name a result"):
            Bench(folder).score(case, tmp_path / "few", name)
    with pytest.raises(UnderstudyError, match="give another --name"):
        Bench(folder).score(case, tmp_path / "few", "tiny-2")


def test_the_benchs_models_can_be_made() -> None:
    for model, settings in MODELS.items():
        assert create_model(settings.model, settings.network.config()).face_type == "full"
        assert Entry(model, 250, seed=3).name == f"{model}-250-seed3"
    with pytest.raises(UnderstudyError, match="no model 'saehd2'"):
        Entry("saehd2", 250).settings()


def test_commands_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "bench")]
    for words, fault in (
        (["--cases", "nix"], "no such case: nix"),
        (["--result", str(tmp_path)], "Give --case"),
        (["--iterations", "0"], "--iterations 0"),
        (["--budget", "huge"], "--budget"),
        (["--models", "nix", "--cases", next(iter(SUITE))], "no model 'nix'"),
    ):
        assert main(["bench", "swap", *words, *out]) == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1
        assert fault in lines[0]
    assert not (tmp_path / "bench").exists()


def test_a_result_of_other_settings_is_made_anew(folder: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    result, scores = folder / "tiny" / "tiny-2" / "result.mkv", folder / "tiny" / "tiny-2" / "scores.json"
    first = result.stat().st_mtime_ns
    monkeypatch.setattr(swapbench, "MODELS", {"tiny": _TINY.model_copy(update={"learning_rate": 1e-3})})
    Bench(folder).run(case, [_ENTRY])
    assert result.stat().st_mtime_ns != first
    assert json.loads(scores.read_text())["settings"]["train"]["learning_rate"] == 1e-3
