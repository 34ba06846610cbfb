"""One training on many devices: each process learns from its part of every batch, and all add up what they found.

Every process draws the same random numbers for the whole batch and takes its part of them, so that the number of
devices changes the outcome by no more than the order of summation does. Gradients are sums over samples, in the batch
as over the devices. The first process leads: it alone decides when to stop, and writes all files.
"""

import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, get_args

import torch
import torch.distributed as dist
from torch import Tensor

from understudy.project.errors import UnderstudyError

Order = Literal["resume", "adopt", "roll back", "step", "stop"]

_ORDERS: tuple[Order, ...] = get_args(Order)
_ENVIRONMENT = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")  # what torchrun sets
_HANDLED = (signal.SIGINT, signal.SIGTERM)


def rank() -> int:
    """Number of this process; 0 leads."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """Number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def own_part(first: int, count: int) -> slice:
    """This process's part of `count` samples that begin with `first`."""
    share = count // size()
    return slice(first + rank() * share, first + (rank() + 1) * share)


def add_up(tensors: Iterable[Tensor]) -> None:
    """Replace tensors, which have no gaps in memory, by their sums over all processes."""
    if size() > 1:
        # In the order of memory, which is the same everywhere, whatever the layout.
        flat = [tensor.as_strided((tensor.numel(),), (1,)) for tensor in tensors]
        for work in [dist.all_reduce(tensor, async_op=True) for tensor in flat]:
            work.wait()


def mean(tensor: Tensor) -> Tensor:
    """The mean over all processes."""
    add_up([tensor])
    return tensor / size()


def lead(order: Order, text: str = "") -> None:
    """Tell the others what the first process is about to do."""
    if size() > 1:
        data = torch.tensor(list(text.encode()), dtype=torch.uint8)
        dist.broadcast(torch.tensor([_ORDERS.index(order), len(data)]), 0)
        if len(data):
            dist.broadcast(data, 0)


def follow() -> tuple[Order, str]:
    """What the first process is about to do, and the text that goes with it."""
    head = torch.zeros(2, dtype=torch.int64)
    dist.broadcast(head, 0)
    data = torch.zeros(int(head[1]), dtype=torch.uint8)
    if len(data):
        dist.broadcast(data, 0)
    return _ORDERS[int(head[0])], bytes(data.tolist()).decode()


@contextmanager
def leader_first() -> Iterator[None]:
    """Within, the first process is through before the others begin."""
    if size() > 1 and rank() > 0:
        dist.barrier()
    yield
    if size() > 1 and rank() == 0:
        dist.barrier()


@contextmanager
def team(devices: int, *, gpu: bool, member: Callable[[], object]) -> Iterator[None]:
    """Within, this process leads a team of so many on this machine; or is one of those that torchrun has started.

    Args:
        devices: processes, each with a GPU of its own or a share of the cores.
        gpu: take GPUs.
        member: what the others do, in processes of their own; it is pickled by name.

    Raises:
        UnderstudyError: there are not so many devices, or another process has died.
    """
    started = all(name in os.environ for name in _ENVIRONMENT)
    if not started and devices == 1:
        yield
        return
    if gpu and not started and devices > torch.cuda.device_count():
        raise UnderstudyError(f"--devices {devices}: this machine has {torch.cuda.device_count()} GPUs")
    threads = torch.get_num_threads()
    others = []
    try:
        if started:
            _join(gpu=gpu, number=int(os.environ.get("LOCAL_RANK", "0")))
        else:
            address = f"tcp://127.0.0.1:{_free_port()}"
            context = multiprocessing.get_context("spawn")
            others = [
                context.Process(target=_be_member, args=(number, devices, gpu, threads // devices, address, member))
                for number in range(1, devices)
            ]
            for process in others:
                process.start()
            torch.set_num_threads(max(1, threads if gpu else threads // devices))
            _join(gpu=gpu, number=0, init_method=address, rank=0, world_size=devices)
        yield
        lead("stop")
        for process in others:
            process.join()
    except (RuntimeError, dist.DistError) as error:
        if dist.is_initialized() and not isinstance(error, UnderstudyError):
            raise UnderstudyError(
                f"a process of this training has ended ({str(error).splitlines()[0]}): train again to go on"
            ) from error
        raise
    finally:
        for process in others:
            if process.is_alive():
                process.kill()
        torch.set_num_threads(threads)
        if dist.is_initialized():
            dist.destroy_process_group()


def _be_member(number: int, devices: int, gpu: bool, threads: int, address: str, member: Callable[[], object]) -> None:
    if not gpu:
        torch.set_num_threads(max(1, threads))
    for one in _HANDLED:  # the first process decides
        signal.signal(one, signal.SIG_IGN)
    _join(gpu=gpu, number=number, init_method=address, rank=number, world_size=devices)
    member()
    dist.destroy_process_group()


def _join(*, gpu: bool, number: int, init_method: str | None = None, rank: int = -1, world_size: int = -1) -> None:
    if gpu:
        torch.cuda.set_device(number)
    # Orders travel between the processors, gradients between the devices.
    backend = "cpu:gloo,cuda:nccl" if gpu else "gloo"
    dist.init_process_group(backend, init_method=init_method, rank=rank, world_size=world_size)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
