import threading
import time
from pathlib import Path

import numpy as np
import pytest

from understudy.project import UnderstudyError
from understudy.provenance.guard import LiveGuard, cover
from understudy.provenance.guard.network import Exposure, ExposureDetector

GREY, RED = np.full((64, 64, 3), 90, np.uint8), np.full((64, 64, 3), (255, 0, 0), np.uint8)


def _settle(guard: LiveGuard) -> None:
    """Wait until the check under way has its answer."""
    deadline = time.monotonic() + 20
    while guard._running is not None and not guard._running[1].done():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_covered_until_seen_to_be_clear_and_while_it_is_not(red_network: Path) -> None:
    with LiveGuard() as guard:
        assert guard.watch(GREY, 0.0)
        _settle(guard)
        assert not guard.watch(GREY, 0.1)
        assert not guard.watch(RED, 1.0)  # the check has only begun
        _settle(guard)
        assert guard.watch(RED, 1.1)
        assert [exposure.part for exposure in guard.seen] == ["female breast"]
        assert guard.watch(GREY, 1.9)  # still: the next check is due a second after the last
        assert guard.watch(GREY, 2.0)
        _settle(guard)
        assert not guard.watch(GREY, 2.1)
        assert guard.seen == ()


def test_a_check_is_asked_for_once_a_second_and_frames_do_not_wait_for_it(red_network: Path) -> None:
    release, asked = threading.Event(), []

    class Slow(ExposureDetector):
        def detect(self, image: np.ndarray) -> tuple[Exposure, ...]:
            asked.append(int(image[0, 0, 0]))
            assert release.wait(20)
            return super().detect(image)

    with LiveGuard(Slow()) as guard:
        try:
            covered = [guard.watch(np.full((64, 64, 3), n, np.uint8), n / 25) for n in range(200)]
        finally:
            release.set()
        assert all(covered)
        _settle(guard)
        assert asked == [0]
        assert guard.watch(GREY, 8.0)  # the one answer there is, of 0.0, is too old
        _settle(guard)
        assert not guard.watch(GREY, 8.04)
        assert len(asked) == 2


def test_a_network_that_fails_does_not_uncover(red_network: Path) -> None:
    class Failing(ExposureDetector):
        def detect(self, image: np.ndarray) -> tuple[Exposure, ...]:
            raise UnderstudyError("broken")

    with LiveGuard(Failing()) as guard:
        assert guard.watch(GREY, 0.0)
        _settle(guard)
        with pytest.raises(UnderstudyError, match="broken"):
            guard.watch(GREY, 0.1)
        assert guard.watch(GREY, 0.2)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_nothing_of_the_picture_shows_through_the_card(dtype: type) -> None:
    random = np.random.default_rng(0)
    pictures = [(random.random((90, 160, 3)) * 200).astype(dtype) for _ in range(2)]
    one, other = map(cover, pictures)
    assert (one.shape, one.dtype) == (pictures[0].shape, pictures[0].dtype)
    assert np.array_equal(one, other)
    assert len(np.unique(one)) > 1  # there is something to read on it
