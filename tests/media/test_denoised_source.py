"""A denoised source shows each frame the same, wherever reading begins."""

from pathlib import Path

import numpy as np
import pytest

from understudy.media import open_source, write_image
from understudy.media.denoised_source import DenoisedSource


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 pictures of one grey, with noise."""
    folder = tmp_path_factory.mktemp("noisy")
    rng = np.random.default_rng(0)
    for index in range(150):
        pixels = np.clip(120 + rng.normal(0, 7, (24, 32, 3)), 0, 255).astype(np.uint8)
        write_image(folder / f"{index:03d}.png", pixels)
    return folder


def test_a_frame_does_not_depend_on_where_reading_began(noisy: Path) -> None:
    source = DenoisedSource(open_source([noisy]), 7)
    whole = [frame.pixels for frame in source.frames()]
    assert len(whole) == source.info.frame_count == 150
    for start in (1, 60, 64, 127, 149):
        part = list(source.frames(start))
        assert part[0].index == start
        assert all(np.array_equal(frame.pixels, whole[frame.index]) for frame in part)


def test_noise_stays_low_where_the_memory_begins_anew(noisy: Path) -> None:
    source = DenoisedSource(open_source([noisy]), 7)
    noise = [float(frame.pixels.std()) for frame in source.frames(20)]
    assert max(noise) < 2.0
