"""The reader alone: the same answers, without what makes swaps."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import numpy as np
import pytest

from understudy.media import write_image
from understudy.provenance import LabelSettings, Origin, SigningSettings, verify, write_marked_image
from understudy.provenance.command import main

REPOSITORY = Path(__file__).parents[2]
READER = REPOSITORY / "packages" / "understudy-verify"

_BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, *_):
        if name.split(".")[0] in {names!r}:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
from understudy.provenance.command import main
code = main(sys.argv[1:])
assert "torch" not in sys.modules
raise SystemExit(code)
"""


@pytest.fixture
def still(tmp_path: Path, origin: Origin) -> Path:
    pixels = np.full((240, 320, 3), 90, np.uint8)
    write_marked_image(tmp_path / "a.png", pixels, label=LabelSettings(), signing=SigningSettings(), origin=origin)
    return tmp_path / "a.png"


def test_it_says_what_verify_says(still: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(still), "--json", "--page", str(tmp_path / "how.html")]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(verify(still).to_document()))
    assert (tmp_path / "how.html").exists()
    write_image(tmp_path / "plain.png", np.full((64, 64, 3), 90, np.uint8))
    assert main([str(tmp_path / "plain.png")]) == 1
    assert main([str(tmp_path / "absent.png")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_it_needs_nothing_but_what_its_package_names(still: Path) -> None:
    """Everything that the whole program depends on, and the reader's package does not, is kept from being imported."""
    whole, reader = (
        {one.split(">")[0].split("=")[0] for one in tomllib.loads(path.read_text())["project"]["dependencies"]}
        for path in (REPOSITORY / "pyproject.toml", READER / "pyproject.toml")
    )
    assert reader < whole
    modules = {"ai-edge-litert": "ai_edge_litert", "scenedetect-headless": "scenedetect"}
    names = sorted(modules.get(name, name) for name in whole - reader)
    assert "torch" in names
    program = _BLOCKED.format(names=names)
    done = subprocess.run([sys.executable, "-c", program, str(still)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "marked, and unchanged" in done.stdout


@pytest.mark.slow
def test_it_installs_without_the_networks_library(still: Path, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "-q", "--disable-pip-version-check"]
    if subprocess.run([*pip, "download", "--no-deps", "-d", tmp_path, "tomlkit"], check=False).returncode:
        pytest.skip("no package index here")
    shutil.copytree(REPOSITORY / "src", tmp_path / "checkout" / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(READER, tmp_path / "checkout" / "packages" / READER.name)
    subprocess.run([*pip, "install", str(tmp_path / "checkout" / "packages" / READER.name)], check=True)
    installed = subprocess.run([*pip, "list"], check=True, capture_output=True, text=True).stdout
    assert "torch" not in installed
    reader = str(programs / "understudy-verify")
    done = subprocess.run([reader, str(still), "--json"], capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "valid")
