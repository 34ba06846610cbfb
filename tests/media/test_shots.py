"""Cuts are found where they are, and nowhere else."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from understudy.media import EncodeSettings, open_source
from understudy.media.shots import find_shots
from understudy.media.transcode import transcode


def test_joined_clips_fall_apart_where_they_were_joined(footage: Path) -> None:
    names = ("signer_a_help.mkv", "signer_b_milk.mkv", "signer_c_book.mkv")
    clips = [footage / name for name in names]
    counts = [open_source([clip]).info.frame_count for clip in clips]
    sizes = {(open_source([clip]).info.width, open_source([clip]).info.height) for clip in clips}
    if len(sizes) > 1:
        pytest.skip("the clips differ in size")
    shots = find_shots(open_source(clips))
    assert [shot.first for shot in shots] == [0, counts[0], counts[0] + counts[1]]
    assert shots[-1].stop == sum(counts)
    assert all(before.end == after.start for before, after in pairwise(shots))


def test_a_pan_is_no_cut(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    wide = np.kron(random.integers(0, 255, (6, 60, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    (tmp_path / "pan").mkdir()
    for n in range(40):
        Image.fromarray(wide[:, 12 * n : 12 * n + 128]).save(tmp_path / "pan" / f"{n:03d}.png")
    source = open_source([tmp_path / "pan"])
    (shot,) = find_shots(source)
    assert (shot.first, shot.stop, shot.start, shot.end) == (0, 40, 0, source.info.duration)


def test_a_source_of_one_frame_is_one_shot(tmp_path: Path) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    (shot,) = find_shots(open_source([tmp_path / "a.png"]))
    assert (shot.first, shot.stop) == (0, 1)
    transcode(open_source([tmp_path / "a.png"]), tmp_path / "out", EncodeSettings(image_format="png"))
