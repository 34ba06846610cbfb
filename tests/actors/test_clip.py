from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from understudy.actors import (
    ActorSource,
    Identity,
    Occluder,
    Part,
    Performance,
    Scene,
    read_truth,
    render,
    render_clip,
)
from understudy.media import open_source
from understudy.project import UnderstudyError


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("clip")
    out, truth = folder / "a.mp4", folder / "a.npz"
    report = render_clip(out, seed=10, seconds=0.2, size=96, truth=truth, depth=True)
    assert report.frames == 5
    return out, truth


def test_the_file_shows_what_was_rendered(clip: tuple[Path, Path]) -> None:
    frames = list(open_source([clip[0]]).frames())
    performance = Performance.from_seed(10, 0.2)
    assert len(frames) == len(performance) == 5
    rendered = render(Identity.from_seed(10), performance[3], Scene.from_seed(10), 96).pixels
    assert np.abs(frames[3].pixels.astype(int) - rendered.astype(int)).mean() < 4


def test_the_truth_file_is_the_truth_of_each_frame(clip: tuple[Path, Path]) -> None:
    known = read_truth(clip[1])
    performance = Performance.from_seed(10, 0.2)
    for index in (0, 4):
        truth = render(Identity.from_seed(10), performance[index], Scene.from_seed(10), 96).truth
        assert_array_equal(known.landmarks[index], truth.face.landmarks)
        assert_array_equal(known.visible[index], truth.face.visible)
        assert_array_equal(known.dense[index], truth.face.dense)
        assert_array_equal(known.parts(index), truth.parts)
        assert_array_equal(known.depth(index), truth.depth.astype(np.float16))
        assert known.pose[index].tolist() == [truth.face.pose.pitch, truth.face.pose.yaw, truth.face.pose.roll]


def test_a_source_reads_from_any_index() -> None:
    source = ActorSource(Identity.from_seed(10), Performance.from_seed(2, 0.2), Scene(), size=64)
    whole = list(source.frames())
    part = list(source.frames(2, 4))
    assert [frame.index for frame in whole] == [0, 1, 2, 3, 4]
    assert [frame.time for frame in part] == [whole[2].time, whole[3].time]
    assert_array_equal(part[0].pixels, whole[2].pixels)


def test_occluder_and_companion_are_in_picture_and_truth(tmp_path: Path) -> None:
    truth = tmp_path / "a.npz"
    render_clip(
        tmp_path / "a.mp4",
        seed=10,
        seconds=0.04,
        size=96,
        truth=truth,
        occluders=[Occluder("hand", at=(0.0, -40.0, 70.0))],
        companion=8,
    )
    known = read_truth(truth)
    assert (known.parts(0) == Part.OCCLUDER).sum() > 100
    assert (known.person(0) == 2).sum() > 100
    assert not known.visible.all()


def test_impossible_wishes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="pixels a side"):
        render_clip(tmp_path / "a.mp4", seed=1, size=1)
    with pytest.raises(UnderstudyError, match="seconds"):
        render_clip(tmp_path / "a.mp4", seed=1, seconds=-1)
    with pytest.raises(UnderstudyError, match=r"\.npz"):
        render_clip(tmp_path / "a.mp4", seed=1, truth=tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_truth_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"no zip")
    with pytest.raises(UnderstudyError, match="truth"):
        read_truth(tmp_path / "a.npz")
