"""Many processes as one training, over `torch.distributed`."""

import importlib
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor

from understudy.training.flat import flat
from understudy.training.ranks import Agreed, LostRankError, MemoryShortElsewhereError, Ranks, T

_PLACE = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
_BUCKET = 1 << 22  # numbers that travel together; larger tensors travel by themselves


def has_place() -> bool:
    """Whether this process was started as one of many, by `torchrun` or by `--devices`."""
    return all(name in os.environ for name in _PLACE)


def number_on_host() -> int | None:
    """This process's number among those of its host; None if it is the only one."""
    return int(os.environ["LOCAL_RANK"]) if has_place() else None


def is_follower() -> bool:
    """Whether another process speaks for this one."""
    return has_place() and os.environ["RANK"] != "0"


class Team(Ranks):
    """One of many processes.

    Gradients are added up here and not by DistributedDataParallel, which averages them, follows a module's `forward`
    alone, and knows one backward pass a step: a step here has a pass for each performer, through parts of the network,
    on two threads of a CPU.

    What only decides something travels between the hosts' processors (gloo), and waits for no device.
    """

    def __init__(self) -> None:
        self.rank, self.count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        self.host = int(os.environ.get("GROUP_RANK", "0"))
        self.leads_host = number_on_host() == 0

    def agree(self, *, stop: bool = False) -> Agreed:
        short, stopping, now = self._largest(0.0, float(stop), time.monotonic() if self.leads else -math.inf)
        if short:
            raise MemoryShortElsewhereError("another device ran out of memory")
        return Agreed(now, bool(stopping))

    def tell_of_shortage(self, error: BaseException) -> None:
        if not isinstance(error, MemoryShortElsewhereError):  # whoever raises that has met already
            self._largest(1.0, 0.0, -math.inf)

    def _largest(self, *numbers: float) -> list[float]:
        told = torch.tensor(numbers, dtype=torch.float64)
        with _contact():
            dist.all_reduce(told, dist.ReduceOp.MAX)
        largest: list[float] = told.tolist()
        return largest

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        self.agree()
        for bucket in _buckets([flat(tensor) for tensor in tensors]):
            together = bucket[0] if len(bucket) == 1 else torch.cat(bucket)
            with _contact():
                dist.all_reduce(together)
            if len(bucket) > 1:
                for part, summed in zip(bucket, torch.split(together, [len(part) for part in bucket]), strict=True):
                    part.copy_(summed)

    def total(self, tensor: Tensor) -> Tensor:
        with _contact():
            dist.all_reduce(tensor)
        self.align([tensor])  # decisions are made by it, and must be the same everywhere to the last bit
        return tensor

    def any(self, here: bool) -> bool:
        return bool(self._largest(float(here))[0])

    def align(self, tensors: Iterable[Tensor]) -> None:
        with torch.no_grad(), _contact():
            for tensor in tensors:
                if tensor.numel():
                    dist.broadcast(flat(tensor.detach()), 0)

    def led(self, make: Callable[[], T]) -> T:
        box = [make() if self.leads else None]
        with _contact():
            dist.broadcast_object_list(box, 0, device=torch.device("cpu"))
        return box[0]  # type: ignore[return-value]

    def led_tensors(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        kinds = self.led(lambda: {name: (tensor.shape, tensor.dtype) for name, tensor in tensors.items()})
        found = {}
        for name, (shape, dtype) in kinds.items():
            found[name] = tensors[name].cpu().contiguous() if self.leads else torch.empty(shape, dtype=dtype)
            self.align([found[name]])
        return found

    @contextmanager
    def one_by_host(self) -> Iterator[None]:
        if not self.leads_host:
            self.agree()
        yield
        if self.leads_host:
            self.agree()


@contextmanager
def joined(device: torch.device) -> Iterator[Team]:
    """Within, this process is one of those that the environment names; it waits for all of them first, and at the end.

    Args:
        device: where the tensors of `Ranks.add_up` are.

    Raises:
        LostRankError: they did not all come.
    """
    # Its functions have the group of the moment of their import as a default, for good. If something imported it later,
    # the group would outlive its end, and with it threads that abort a process which ends meanwhile.
    importlib.import_module("torch.distributed.nn.functional")
    gpu = device.type == "cuda"
    if gpu:
        torch.cuda.set_device(device)
    with _contact():
        dist.init_process_group("cpu:gloo,cuda:nccl" if gpu else "gloo")
    team, together = Team(), False
    try:
        yield team
        team.agree()  # nobody leaves while another still writes
        together = True
    finally:
        if together or not gpu:  # nccl would wait for those that are gone
            dist.destroy_process_group()


@contextmanager
def _contact() -> Iterator[None]:
    """Tell the library's many ways to say that a peer is gone in one word."""
    try:
        yield
    except RuntimeError as error:
        raise LostRankError(str(error).splitlines()[0]) from error


def _buckets(tensors: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Neighbours of one kind together."""
    bucket: list[Tensor] = []
    for tensor in tensors:
        if bucket and (bucket[0].dtype != tensor.dtype or sum(map(len, bucket)) + len(tensor) > _BUCKET):
            yield bucket
            bucket = []
        bucket.append(tensor)
    if bucket:
        yield bucket
