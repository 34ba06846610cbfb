"""Background work keeps its order, its bounds and its exceptions."""

import threading
import time
from functools import partial

import pytest

from understudy.media.relay import Behind, ahead, prefetch


def test_results_come_in_order_whatever_finishes_first():
    def job(number):
        time.sleep(0.01 * (3 - number % 3))
        return number

    assert list(ahead((partial(job, n) for n in range(12)), workers=4, depth=6)) == list(range(12))


def test_no_more_is_done_ahead_than_asked():
    made = []

    def items():
        for n in range(100):
            made.append(n)
            yield n

    stream = prefetch(items(), depth=3)
    assert next(stream) == 0
    time.sleep(0.05)
    assert len(made) <= 5
    stream.close()


def test_an_exception_arrives_after_what_came_before_it():
    def items():
        yield from range(3)
        raise OSError("the disk is gone")

    stream = prefetch(items(), depth=2)
    assert [next(stream) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="the disk is gone"):
        next(stream)


def test_stopping_early_closes_the_producer_and_ends_the_thread():
    closed = threading.Event()

    def items():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    threads = threading.active_count()
    stream = prefetch(items(), depth=2)
    next(stream)
    stream.close()
    assert closed.is_set()
    assert threading.active_count() == threads


def test_jobs_behind_run_in_order_and_their_exception_comes_back():
    done = []
    behind = Behind(workers=1, depth=2)
    for n in range(5):
        behind.submit(partial(done.append, n))
    behind.finish()
    assert done == [0, 1, 2, 3, 4]

    def fail():
        raise OSError("full")

    behind = Behind(workers=1, depth=1)
    behind.submit(fail)
    with pytest.raises(OSError, match="full"):
        behind.submit(lambda: None)
    behind.cancel()


def test_cancelling_drops_what_has_not_started():
    gate, done = threading.Event(), []
    behind = Behind(workers=1, depth=8)
    behind.submit(partial(gate.wait, 5))
    for n in range(4):
        behind.submit(partial(done.append, n))
    threading.Timer(0.05, gate.set).start()
    behind.cancel()
    assert done == []
