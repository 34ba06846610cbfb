"""Nothing that is shown for a second, or that looks unlike what is around it, goes unseen."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from understudy.media import EncodeSettings, open_source, write_image
from understudy.media.source import JoinedSource
from understudy.media.transcode import transcode
from understudy.provenance.guard.sampling import samples


def _pictures(folder: Path, levels: list[int]) -> Path:
    """Noise of a mean level each."""
    random = np.random.default_rng(3)
    folder.mkdir()
    for number, level in enumerate(levels):
        noise = random.integers(-8, 9, (48, 64, 3))
        write_image(folder / f"{number:04d}.png", np.clip(level + noise, 0, 255).astype(np.uint8))
    return folder


def _checked(*paths: Path) -> list[int]:
    return [frame.index for frame, checked in samples(open_source(paths)) if checked]


def test_every_frame_comes_by_once_in_order(tmp_path: Path) -> None:
    clip = _pictures(tmp_path / "clip", [100] * 60)
    assert [frame.index for frame, _ in samples(open_source([clip]))] == list(range(60))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_shortest_clips_are_checked(tmp_path: Path, count: int) -> None:
    assert _checked(_pictures(tmp_path / "clip", [100] * count))[0] == 0


def test_one_a_second_at_least_and_no_more_where_nothing_happens(footage: Path) -> None:
    source = open_source([footage / "headpose_m.mp4"])
    times = [frame.time for frame, checked in samples(source) if checked]
    gaps = [float(after - before) for before, after in zip(times, [*times[1:], source.info.duration], strict=True)]
    assert times[0] == 0
    assert max(gaps) <= 1.0
    assert len(times) <= 2 * source.info.duration + 2


def test_both_sides_of_a_cut_are_checked(footage: Path, tmp_path: Path) -> None:
    first, second = open_source([footage / "signer_a_help.mkv"]), open_source([footage / "signer_b_milk.mkv"])
    joined = JoinedSource([first, second])
    cut = first.info.frame_count
    assert {cut - 1, cut} <= {frame.index for frame, checked in samples(joined) if checked}
    film = tmp_path / "joined.mkv"
    transcode(joined, film, EncodeSettings(codec="ffv1", copy_streams=False))
    assert {cut - 1, cut} <= set(_checked(film))


def test_a_single_inserted_picture_is_checked(tmp_path: Path) -> None:
    levels = [100] * 60
    levels[33] = 180
    assert 33 in _checked(_pictures(tmp_path / "clip", levels))


def test_every_one_of_unlike_photographs_is_checked(tmp_path: Path) -> None:
    assert _checked(_pictures(tmp_path / "photos", [20, 120, 220] * 8)) == list(range(24))


def test_glimpses_show_what_the_frames_show(footage: Path) -> None:
    source = open_source([footage / "headpose_f.mp4"])
    for (small, _), frame in zip(samples(source), source.frames(), strict=True):
        assert (small.index, small.time) == (frame.index, Fraction(frame.time))
        assert max(small.pixels.shape) == 320
        assert abs(small.pixels.mean() - frame.pixels.mean()) < 3
