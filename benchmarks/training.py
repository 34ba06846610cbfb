"""Training speed: iterations per second, and the share of the device's arithmetic that they use.

    python benchmarks/training.py [--model quick96] [--batch 4 8 16] [--device auto] [--seconds 20]

Each line is a whole training step on random pictures: drawing and bending a batch, forward, losses, backward, update.
The baseline is the same step in float32, in the memory layout that PyTorch starts with, with its own convolutions. The
peak is a measured square matrix product in the same number format on the same device. FLOPs are counted by
`torch.utils.flop_counter` (convolutions and matrix products, forward and backward; a multiply-add is two).
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from understudy.models import create_model
from understudy.training import PRESETS, TrainSettings
from understudy.training.bank import FaceBank, margin_of
from understudy.training.hardware import Hardware
from understudy.training.trainer import Trainer


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def best_time(step: Callable[[], object], device: torch.device, seconds: float) -> tuple[float, float]:
    """Shortest and median seconds of a step over `seconds`; the shortest is what other load disturbs least."""
    for _ in range(3):
        step()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        wait(device)
        start = time.perf_counter()
        step()
        wait(device)
        times.append(time.perf_counter() - start)
    times.sort()
    return times[0], times[len(times) // 2]


def matmul_peak(hardware: Hardware, size: int = 2048) -> float:
    """FLOP/s of a square matrix product."""
    dtype = torch.bfloat16 if hardware.half else torch.float32
    a, b = (torch.randn(size, size, device=hardware.device, dtype=dtype) for _ in range(2))
    return 2 * size**3 / best_time(lambda: a @ b, hardware.device, 2.0)[0]


def make_trainer(settings: TrainSettings, hardware: Hardware) -> Trainer:
    network = create_model(settings.model, settings.network.config())
    margin = margin_of(network.resolution)
    side = network.resolution + 2 * margin
    pixels = torch.randint(0, 256, (64, 5, side, side), dtype=torch.uint8)
    bank = FaceBank(pixels, torch.zeros(64), network.resolution, margin)
    return Trainer(network, bank, bank, settings=settings, hardware=hardware)


def flops_of(settings: TrainSettings, hardware: Hardware) -> int:
    """FLOPs of a step, counted on one thread: the counter does not see what other threads do."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        trainer = make_trainer(settings, hardware)
        with FlopCounterMode(display=False) as counter:
            trainer.step()
    finally:
        torch.set_num_threads(threads)
    return int(counter.get_total_flops())


def measure(name: str, settings: TrainSettings, *, plain: bool, seconds: float, against: float | None) -> float:
    hardware = Hardware.choose(settings.device, "fp32" if plain else settings.precision)
    trainer = make_trainer(settings, hardware)
    if plain:
        trainer.network.to(memory_format=torch.contiguous_format).eval()  # eval: the library's own gradients
    flops = flops_of(settings, hardware)
    shortest, median = best_time(trainer.step, hardware.device, seconds)
    peak = matmul_peak(hardware)
    gain = f"  {against / shortest:.2f}x" if against else ""
    rate = f"{1 / shortest:7.2f} it/s (median {1 / median:.2f})  {settings.batch_size / shortest:7.1f} pairs/s"
    share = f"{flops / shortest / 1e12:6.3f} TFLOP/s = {flops / shortest / peak:5.1%} of {peak / 1e12:.2f}"
    print(f"batch {settings.batch_size:3d}  {name:10s} {rate}  {flops / 1e9:7.0f} GFLOP/it  {share}{gain}", flush=True)
    return shortest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="quick96", choices=list(PRESETS))
    parser.add_argument("--batch", type=int, nargs="+", default=[4, 8, 16])
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--optimizer", default=None, choices=["adabelief", "adam"])
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    device = torch.cuda.get_device_name() if Hardware.choose(arguments.device, "auto").device.type == "cuda" else "CPU"
    print(f"{arguments.model}, PyTorch {torch.__version__}, {device}, {torch.get_num_threads()} CPU threads")
    for batch in arguments.batch:
        changes = {"batch_size": batch, "device": arguments.device}
        if arguments.optimizer:
            changes["optimizer"] = arguments.optimizer
        settings = PRESETS[arguments.model].model_copy(update=changes)
        baseline = measure("baseline", settings, plain=True, seconds=arguments.seconds, against=None)
        measure("understudy", settings, plain=False, seconds=arguments.seconds, against=baseline)


if __name__ == "__main__":
    main()
