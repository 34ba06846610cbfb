"""Commands as a user types them: the whole path, and one line with exit code 2 for everything that can go wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from understudy.cli import main
from understudy.media import open_source, write_image

_CONSENT = ["--src-basis", "licensed-footage", "--dst-basis", "licensed-footage", "--reference", "CC BY 4.0"]
_TINY = ["--model", "saehd", "--resolution", "64", "--archi", "df", "--ae-dims", "16", "--e-dims", "8", "--d-dims", "8"]
_TINY += ["--d-mask-dims", "4", "--iterations", "3", "--name", "tiny"]


def _run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def _fault(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    code, out, err = _run(capsys, *words)
    assert code == 2
    assert out == ""
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    return lines[0]


def test_the_whole_path(footage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film, clip = tmp_path / "мой фильм", footage / "headpose_f.mp4"
    assert _run(capsys, "init", film, "--src", footage / "headpose_m.mp4", "--dst", clip)[0] == 0
    for side in ("src", "dst"):
        code, out, _ = _run(capsys, "extract", side, "--project", film, "--image-size", "256", "--json")
        assert code == 0
        assert json.loads(out)["frames_with_face"] == json.loads(out)["frames"]
    code, out, _ = _run(capsys, "train", "--project", film, "--json", *_TINY)
    assert (code, json.loads(out)["iteration"]) == (0, 3)
    assert "consent" in _fault(capsys, "merge", "--project", film)
    assert not (film / "result.mp4").exists()
    assert _run(capsys, "consent", "--project", film, *_CONSENT)[0] == 0
    code, out, _ = _run(capsys, "merge", "--project", film, "--pictures", "--masks", "--json")
    made = open_source([clip]).info.frame_count
    assert (code, json.loads(out)["frames"], json.loads(out)["faces"]) == (0, made, made)
    assert len(list((film / "data_dst" / "merged").glob("*.png"))) == made
    assert len(list((film / "data_dst" / "merged_mask").iterdir())) == made
    result, source = open_source([film / "result.mp4"]), open_source([clip])
    assert (result.info.width, result.info.height) == (source.info.width, source.info.height)
    assert [frame.time for frame in result.frames()] == [frame.time for frame in source.frames()]
    code, out, _ = _run(capsys, "verify", film / "result.mp4", "--json")
    assert code == 0
    assert json.loads(out)["state"] == "valid"
    assert _run(capsys, "verify", film / "data_dst" / "merged")[0] == 0
    assert _run(capsys, "verify", clip)[0] == 1


def test_swap_is_all_of_it_and_goes_on(footage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out_file = tmp_path / "out" / "result.mkv"
    words = ["swap", footage / "headpose_f.mp4", "--onto", footage / "headpose_f.mp4", "--out", out_file, *_TINY]
    assert "--src-basis" in _fault(capsys, *words)
    assert not out_file.parent.exists()
    assert _run(capsys, *words, *_CONSENT)[0] == 0
    assert _run(capsys, "verify", out_file)[0] == 0
    faces = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("aligned/*.jpg")}
    assert faces
    assert _run(capsys, *words, *_CONSENT)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in faces} == faces


def test_settings_of_the_project_stand_in_for_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "frames"
    write_image(folder / "1.png", np.zeros((64, 64, 3), np.uint8))
    film = tmp_path / "film"
    assert _run(capsys, "init", film, "--src", folder, "--dst", folder)[0] == 0
    settings = film / "understudy.toml"
    plain = settings.read_text(encoding="utf-8")
    settings.write_text(plain + "\n[extract]\nimage_size = 300\n", encoding="utf-8")
    _fault(capsys, "extract", "src", "--project", film)
    assert json.loads((film / "data_src" / "extract.json").read_text())["settings"]["image_size"] == 300
    settings.write_text(plain + "\n[extract]\nimage_size = 3\n", encoding="utf-8")
    assert "[extract]: image_size" in _fault(capsys, "extract", "src", "--project", film)


def test_faults_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such command" in _fault(capsys, "swop")
    assert "init" in _fault(capsys, "extract", "src", "--project", tmp_path)
    assert "--image-size" in _fault(capsys, "extract", "src", "--image-size", "3")
    assert "--until" in _fault(capsys, "train", "--until", "10x")
    assert "no such preset" in _fault(capsys, "train", "--preset", "quick97")
    assert "no such clip" in _fault(
        capsys, "init", tmp_path / "film", "--src", tmp_path / "a.mp4", "--dst", tmp_path / "b.mp4"
    )
    assert "absent.mp4" in _fault(capsys, "verify", tmp_path / "absent.mp4")
    assert "no such model file" in _fault(capsys, "models", "fetch", "nothing")


def test_machines_get_the_fault_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "swop", "--json")
    assert code == 2
    assert "no such command" in json.loads(out)["error"]


def test_doctor_names_the_device_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "doctor", "--json")
    report = json.loads(out)
    assert (code == 0) == (report["missing"] == [])
    assert report["device"].startswith(("CPU", "CUDA"))
    assert "H.264" in report["encoders"]


def test_options_that_do_not_go_together_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--preset", "saehd", "--true-face-power", "0.1"]) == 2
    line = capsys.readouterr().err.strip()
    assert line.startswith("understudy: true_face_power compares codes of one inter, and liae has two")
    assert "\n" not in line


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_fault_in_the_words_is_one_line_on_every_terminal(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "understudy", "train", "--until", "soon"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    line = "understudy: --until: 'soon' is no duration: write 90s, 10m or 1h30m; see 'understudy train --help'"
    assert (done.returncode, done.stderr.strip()) == (2, line)
