"""Lanes run side by side on a CPU, keep the order, pass on exceptions and leave the library's threads as they were."""

import threading

import pytest
import torch

from understudy.training.lanes import Lanes


def test_tasks_meet_and_come_back_in_order() -> None:
    threads = torch.get_num_threads()
    if threads < 2:
        pytest.skip("a single core has one lane")
    lanes = Lanes(torch.device("cpu"))
    barrier = threading.Barrier(2)  # passed only if both are under way at once

    def task(item: int) -> tuple[int, int, str]:
        barrier.wait(10)
        torch.rand(1000) @ torch.rand(1000)
        return item, torch.get_num_threads(), threading.current_thread().name

    first, second = lanes.run(task, [1, 2]), lanes.run(task, [1, 2])
    assert [found[:2] for found in first] == [(1, threads // 2), (2, threads // 2)]
    assert first == second  # the same threads again
    assert torch.get_num_threads() == threads


def test_one_after_the_other_elsewhere() -> None:
    here = threading.current_thread()
    assert Lanes(torch.device("meta")).run(lambda _: threading.current_thread(), range(2)) == [here, here]


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_exceptions_arrive(device: str) -> None:
    with pytest.raises(ZeroDivisionError):
        Lanes(torch.device(device)).run(lambda item: 1 // item, [1, 0])
