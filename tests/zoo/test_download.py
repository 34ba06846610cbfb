"""Model files arrive whole and genuine, or not at all."""

import hashlib
import http.server
import importlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy import zoo
from understudy.faces.blazeface import BlazeFace
from understudy.project.errors import UnderstudyError
from understudy.zoo.catalogue import GUARD
from understudy.zoo.model_file import ModelFile, Url

CONTENT = bytes(range(256)) * 9000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERSTUDY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def address() -> Iterator[str]:
    """A web server on this computer that answers every request with CONTENT."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/model.onnx"
    server.shutdown()
    server.server_close()


def _catalogue_holds(monkeypatch: pytest.MonkeyPatch, address: str, *, content: bytes) -> None:
    file = ModelFile("sample", Url(address), hashlib.sha256(content).hexdigest(), len(content), "CC0-1.0", "test")
    monkeypatch.setattr(importlib.import_module("understudy.zoo.catalogue"), "_FILES", (file,))


@pytest.fixture
def online() -> None:
    """Skips where the package index cannot be reached and nothing was fetched before."""
    try:
        zoo.fetch("face-mesh")
    except UnderstudyError as error:
        pytest.skip(str(error))


def test_one_wheel_brings_every_file_that_it_holds(online: None, cache: Path) -> None:
    assert zoo.path("face-mesh") is None
    zoo.fetch("face-mesh")
    wheel = [file for file in zoo.catalogue() if getattr(file.source, "package", None) == "mediapipe"]
    zoo.fetch(GUARD)  # which a detector in the wheel is not handed out without
    for file in wheel:
        found = zoo.path(file.name)
        assert found == cache / file.filename
        assert hashlib.sha256(found.read_bytes()).hexdigest() == file.sha256
    assert {path.name for path in cache.iterdir()} == {file.filename for file in wheel} | {f"{GUARD}.onnx"}


def test_every_face_detector_of_the_catalogue_needs_the_guard() -> None:
    detectors = [file for file in zoo.catalogue() if "face detector" in file.use]
    assert detectors
    assert all(GUARD in file.needs for file in detectors)


def test_a_detector_comes_with_its_guard_and_is_not_handed_out_without_it(online: None, cache: Path) -> None:
    detector = zoo.fetch("blazeface-full-range")
    guard = zoo.path(GUARD)
    assert guard is not None
    guard.unlink()
    assert detector.is_file()
    assert zoo.path("blazeface-full-range") is None
    assert zoo.fetch("blazeface-full-range") == detector
    assert zoo.path(GUARD) == guard


def test_offline_a_detector_that_lies_there_is_refused_for_want_of_its_guard(
    online: None, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo.fetch("face-mesh")  # its wheel brings the detector along, but not the guard
    assert (cache / "blazeface-full-range.tflite").is_file()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(UnderstudyError, match=r"not used without content-guard.*nudenet==3.4.2"):
        BlazeFace()


def test_a_damaged_file_is_fetched_anew(cache: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _catalogue_holds(monkeypatch, address, content=CONTENT)
    kept = zoo.fetch("sample")
    kept.write_bytes(CONTENT[:-1] + b"?")
    assert zoo.path("sample") is None
    assert zoo.fetch("sample").read_bytes() == CONTENT


@pytest.mark.parametrize("expected", [CONTENT[:-1], CONTENT + b"?", CONTENT[:-1] + b"?"])
def test_another_file_is_refused_and_leaves_nothing(
    expected: bytes, cache: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _catalogue_holds(monkeypatch, address, content=expected)
    with pytest.raises(UnderstudyError, match="checksum"):
        zoo.fetch("sample")
    assert not cache.exists() or not list(cache.iterdir())


def test_a_file_placed_by_hand_needs_no_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _catalogue_holds(monkeypatch, "http://127.0.0.1:9/model.onnx", content=CONTENT)
    with pytest.raises(UnderstudyError) as failure:
        zoo.fetch("sample")
    target = cache / "sample.onnx"
    assert str(target) in str(failure.value)
    assert "\n" not in str(failure.value)
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    assert zoo.fetch("sample") == target


def test_offline_says_what_where_from_and_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(UnderstudyError) as failure:
        zoo.fetch("face-mesh")
    line = str(failure.value)
    for part in ("face-mesh", "mediapipe==0.10.21", "1055cb9d", str(cache), "face_landmark.tflite"):
        assert part in line
    assert "\n" not in line


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnderstudyError, match="face-mesh"):
        zoo.fetch("no-such-model")


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "understudy/models"),
        ("win32", "LOCALAPPDATA", "understudy/models"),
        ("darwin", "HOME", "Library/Caches/understudy/models"),
    ],
)
def test_the_cache_is_where_the_system_keeps_caches(
    platform: str, variable: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UNDERSTUDY_CACHE", raising=False)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert zoo.cache_folder() == tmp_path / expected
