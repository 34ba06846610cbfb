"""Two lanes of work on a CPU: the performers' passes side by side, each with half of the cores."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lanes:
    """Runs two tasks at once, on threads that share the cores evenly.

    The library splits every operation over all cores and waits for the slowest at the end of each, some thousand times
    in a step. Where another program holds one of the cores, each of those waits lasts until it lets go, and a step
    takes ten times as long. Two lanes wait for each other twice in a step, and lose only what the other program takes.

    Args:
        device: on a GPU, or with a single thread, the tasks run one after the other on the calling thread.
    """

    def __init__(self, device: torch.device) -> None:
        threads = torch.get_num_threads()
        self._lanes: list[ThreadPoolExecutor] = []
        if device.type == "cpu" and threads > 1:
            # A pool of one thread each: a task always meets the same thread, and so the same order of summation.
            self._lanes = [ThreadPoolExecutor(1, "lane") for _ in range(2)]
            self.run(lambda _: _use_threads(threads // 2), range(2))
            torch.set_num_threads(threads)  # what a lane was given is also what later threads would start with

    @property
    def side_by_side(self) -> bool:
        """Whether two tasks really run at once."""
        return bool(self._lanes)

    def run(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """The task's results for the two items, in their order; an exception of either is raised.

        Raises:
            Exception: whatever the task raises, once both are done.
        """
        if not self._lanes:
            return [task(item) for item in items]
        running = [lane.submit(task, item) for lane, item in zip(self._lanes, items, strict=True)]
        wait(running)
        return [one.result() for one in running]


def _use_threads(count: int) -> None:
    torch.get_num_threads()  # a thread's first call takes over the process's setting, and would undo the next line
    torch.set_num_threads(count)
