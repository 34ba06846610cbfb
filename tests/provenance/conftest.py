"""Fixtures of the provenance room: its own settings folder, two tiny clips and the origin of a swap between them."""

import datetime
from pathlib import Path

import av
import numpy as np
import pytest

from understudy.project import Consent, ConsentRecord
from understudy.provenance import Origin


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings folder of this test's own: no test signs with the user's key."""
    folder = tmp_path / "config"
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(folder))
    return folder


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One clip by file suffix, 12 frames of 128x96 noise each."""
    folder = tmp_path_factory.mktemp("clips")
    return {suffix: _clip(folder / f"take{suffix}") for suffix in (".mp4", ".mov", ".mkv", ".avi")}


@pytest.fixture
def origin(clips: dict[str, Path]) -> Origin:
    """A swap of two performers whose names are in no other string of these tests."""
    today = datetime.date(2026, 11, 1)
    return Origin(
        project_id="0123456789abcdef",
        consent=ConsentRecord(
            src=Consent(name="Wilhelmina Quist", basis="written-release", reference="release 17", date=today),
            dst=Consent(name="Ondrej", basis="synthetic", reference="made up", date=today),
        ),
        src_clips=(clips[".mkv"],),
        dst_clips=(clips[".mp4"],),
        model="first try",
        model_sha256="ab" * 32,
        settings_sha256="cd" * 32,
    )


def _clip(path: Path) -> Path:
    random = np.random.default_rng(7)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for _ in range(12):
            pixels = random.integers(0, 256, (96, 128, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path
