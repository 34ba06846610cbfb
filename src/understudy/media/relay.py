"""Work done ahead of the consumer on background threads, in order and bounded."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import repeat
from typing import TypeVar

T = TypeVar("T")


def ahead(jobs: Iterable[Callable[[], T]], *, workers: int, depth: int) -> Iterator[T]:
    """Yield the results of `jobs` in order while at most `depth` of them run or wait ahead of the consumer.

    A job's exception is raised where its result would have been. When the consumer stops early, jobs not yet
    started are dropped and the running ones are waited for.
    """
    pending: deque[Future[T]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="media") as pool:
        try:
            for job in jobs:
                if len(pending) == depth:
                    yield pending.popleft().result()
                pending.append(pool.submit(job))
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def prefetch(items: Iterator[T], *, depth: int) -> Iterator[T]:
    """Yield `items` while a background thread keeps up to `depth` of them ready; see `ahead`.

    `items` is closed, if it is a generator, once the background thread has left it.
    """
    end = object()
    try:
        for item in ahead(repeat(lambda: next(items, end)), workers=1, depth=depth):
            if item is end:
                return
            yield item  # type: ignore[misc]  # `end` was ruled out by identity
    finally:
        if hasattr(items, "close"):
            items.close()


class Behind:
    """Jobs done behind the producer on background threads, started in order and bounded."""

    def __init__(self, *, workers: int, depth: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="media")
        self._pending: deque[Future[None]] = deque()
        self._depth = depth

    def submit(self, job: Callable[[], None]) -> None:
        """Queue `job`; wait while `depth` jobs are queued. Raises what an earlier job raised."""
        while len(self._pending) >= self._depth:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(job))

    def finish(self) -> None:
        """Wait for every job and end the threads. Raises what a job raised."""
        while self._pending:
            self._pending.popleft().result()
        self._pool.shutdown()

    def cancel(self) -> None:
        """Drop the jobs not yet started, wait for the others, whatever comes of them, and end the threads."""
        self._pool.shutdown(cancel_futures=True)
