"""Training speed and memory, against a plain float32 step of the same network.

    python benchmarks/training.py --table
    python benchmarks/training.py [--networks quick96 liae-ud ...] [--batch 4] [--device auto] [--seconds 20]

A step is whole: drawing and bending a batch of random pictures, forward, losses, backward, update. The plain step is
what one writes first: float32, PyTorch's own memory layout, convolutions and allocator, src after dst, its Adam. Both
run in processes of their own, one after the other, which is what makes the memory that is printed theirs alone.

FLOPs are counted by `torch.utils.flop_counter` (convolutions and matrix products, forward and backward; a multiply-add
is two). The peak is a measured square matrix product in the number format of training, on all cores. Seconds are
medians, in brackets the shortest.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from understudy.models import create_model
from understudy.models.patch_discriminator import PatchDiscriminator
from understudy.models.transposed_convolution import ConvTranspose2d
from understudy.training import PRESETS, TrainSettings
from understudy.training.adversary import Adversary
from understudy.training.allocator import kept_pages
from understudy.training.augment import Batch, augment, draw
from understudy.training.bank import FaceBank, margin_of
from understudy.training.hardware import Hardware
from understudy.training.lanes import Lanes
from understudy.training.objective import Objective
from understudy.training.trainer import Trainer

_SAEHD = PRESETS["saehd"].model_copy(update={"batch_size": 4})


def saehd(archi: str, **changes: object) -> TrainSettings:
    network = _SAEHD.network.model_copy(update={"archi": archi})
    return _SAEHD.model_copy(update={"network": network, **changes})


NETWORKS = {
    "quick96": PRESETS["quick96"],
    "df-ud": saehd("df-ud"),
    "liae-ud": saehd("liae-ud"),
    "liae-ud-gan": saehd("liae-ud", gan_power=0.1, gan_patch_size=16, gan_dims=16),
    "liae-ud-8bit": saehd("liae-ud", moments="8bit", recompute=True),
}

Step = Callable[[], object]


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def times_of(step: Step, device: torch.device, seconds: float) -> list[float]:
    """Seconds of each step over `seconds`, sorted; at least five."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        wait(device)
        start = time.perf_counter()
        step()
        wait(device)
        times.append(time.perf_counter() - start)
    return sorted(times)


def matmul_peak(hardware: Hardware, size: int = 2048) -> float:
    """FLOP/s of a square matrix product."""
    dtype = torch.bfloat16 if hardware.half else torch.float32
    a, b = (torch.randn(size, size, device=hardware.device, dtype=dtype) for _ in range(2))
    return 2 * size**3 / times_of(lambda: a @ b, hardware.device, 3.0)[0]


def random_bank(resolution: int) -> FaceBank:
    margin = margin_of(resolution)
    side = resolution + 2 * margin
    pixels = torch.randint(0, 256, (64, 5, side, side), dtype=torch.uint8)
    return FaceBank(pixels, torch.zeros(64), resolution, margin)


def trainer(settings: TrainSettings, hardware: Hardware) -> Trainer:
    network = create_model(settings.model, settings.network.config())
    bank = random_bank(network.resolution)
    return Trainer(network, bank, bank, settings=settings, hardware=hardware)


@contextmanager
def librarys_own() -> Iterator[None]:
    """Within, PyTorch's depth to space and transposed convolution take the place of ours."""

    def transposed(layer: ConvTranspose2d, x: Tensor) -> Tensor:
        height, width = (layer.stride[0] * side for side in x.shape[2:])
        return nn.ConvTranspose2d.forward(layer, x)[:, :, :height, :width]

    with (
        patch("understudy.models.layers.depth_to_space", partial(F.pixel_shuffle, upscale_factor=2)),
        patch.object(ConvTranspose2d, "forward", transposed),
    ):
        yield


def plain_step(settings: TrainSettings, hardware: Hardware) -> Step:
    """A step of the same network, losses and augmentation, without what makes it fast."""
    device, generator = hardware.device, torch.Generator().manual_seed(0)
    network = create_model(settings.model, settings.network.config()).to(device).eval()  # eval: PyTorch's convolutions
    bank = random_bank(network.resolution).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    discriminator = None
    if settings.gan_power and settings.gan_patch_size is not None:
        judge = PatchDiscriminator(
            resolution=network.resolution, patch_size=settings.gan_patch_size, dims=settings.gan_dims
        )
        alone = Lanes(torch.device("meta"))
        discriminator = Adversary(judge, (), settings=settings, hardware=hardware, lanes=alone)
    objective = Objective(network, settings, hardware, patches=discriminator)

    def batch() -> Batch:
        count = settings.batch_size
        rows = bank.rows(torch.randint(len(bank), (count,), generator=generator), device)
        numbers = draw(count, generator, scale=settings.random_scale, flip=True)
        return augment(rows, numbers.to(device), resolution=network.resolution, warp=True)

    def step() -> None:
        optimizer.zero_grad()
        src, dst = objective.src(batch(), None), objective.dst(batch())
        (src.total() + dst.total()).backward()
        optimizer.step()
        if discriminator is not None and src.real is not None and src.fake is not None:
            discriminator.learn(src.real.detach(), src.fake.detach(), generator)

    return step


def measure(settings: TrainSettings, *, plain: bool, seconds: float) -> dict[str, float]:
    """What is found of one program's steps; in a process of its own."""
    hardware = Hardware.choose(settings.device, "fp32" if plain else settings.precision)
    on_cpu = hardware.device.type == "cpu"
    found: dict[str, float] = {}
    with librarys_own() if plain else kept_pages() if on_cpu else nullcontext():
        step = plain_step(settings, hardware) if plain else trainer(settings, hardware).step
        if plain:  # which has no lanes: the counter sees its own thread alone
            with FlopCounterMode(display=False) as counter:
                step()
            found["flops"] = counter.get_total_flops()
        for _ in range(3):
            step()
        times = times_of(step, hardware.device, seconds)
        found |= {"median": times[len(times) // 2], "shortest": times[0]}
        found["memory"] = float(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            if on_cpu
            else torch.cuda.max_memory_allocated(hardware.device)
        )
    return found if plain else found | {"peak": matmul_peak(hardware)}


def in_own_process(name: str, plain: bool, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--networks", name, "--inner", "plain" if plain else "fast"]
    command += ["--device", arguments.device, "--seconds", str(arguments.seconds)]
    command += ["--batch", str(arguments.batch)] if arguments.batch else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def samples_per_second(device: torch.device) -> float:
    """Pairs of a warped picture and its target, 128 pixels, from a bank's rows; on a CPU, of one core."""
    torch.set_num_threads(1)
    bank, generator, count = random_bank(128).to(device), torch.Generator().manual_seed(0), 16

    def step() -> None:
        rows = bank.rows(torch.randint(len(bank), (count,), generator=generator), device)
        augment(rows, draw(count, generator, scale=0.15, flip=True).to(device), resolution=128, warp=True)

    with kept_pages():  # as in a training
        times = times_of(step, device, 3.0)
    return count / times[len(times) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="all networks")
    parser.add_argument("--networks", nargs="+", default=["quick96"], choices=list(NETWORKS))
    parser.add_argument("--batch", type=int)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--inner", choices=["plain", "fast"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inner:
        changes = {"device": arguments.device, **({"batch_size": arguments.batch} if arguments.batch else {})}
        settings = NETWORKS[arguments.networks[0]].model_copy(update=changes)
        found = measure(settings, plain=arguments.inner == "plain", seconds=arguments.seconds)
        print(json.dumps(found))
        return
    device = Hardware.choose(arguments.device, "auto").device
    where = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"PyTorch {torch.__version__}, {where}\n")
    print("| network | plain float32 | Understudy | ratio | FLOPs a step | share of peak | memory, plain | memory |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for name in NETWORKS if arguments.table else arguments.networks:
        plain, fast = (in_own_process(name, plain, arguments) for plain in (True, False))
        cells = [
            name,
            *(f"{one['median']:.3f} s ({one['shortest']:.3f})" for one in (plain, fast)),
            f"{fast['median'] / plain['median']:.2f}",
            f"{plain['flops'] / 1e9:.0f} G",
            f"{plain['flops'] / fast['median'] / fast['peak']:.0%} of {fast['peak'] / 1e12:.2f} TFLOP/s",
            *(f"{one['memory'] / 1e9:.2f} GB" for one in (plain, fast)),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
    print(f"\naugmentation, 128 pixels: {samples_per_second(device):.0f} samples/s")


if __name__ == "__main__":
    main()
