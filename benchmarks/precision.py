"""Does bf16 learn as float32 does? Losses of both, from equal beginnings on equal batches, laid over each other.

    python benchmarks/precision.py PROJECT [--iterations 300] [--resolution 64] [--picture curves.png]

The project has both facesets extracted; nothing is written to it but its bank. The network is a liae-ud with a quarter
of the usual channels. A third training in float32 with another seed shows how far chance alone drives losses apart.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import torch

from understudy.models import create_model
from understudy.project import Project, Silent
from understudy.training import PRESETS, NetworkSettings, TrainSettings
from understudy.training.bank import FaceBank, load_bank
from understudy.training.hardware import Hardware
from understudy.training.trainer import Trainer

WINDOW = 20  # iterations that a drawn point averages


def trainer(settings: TrainSettings, banks: list[FaceBank]) -> Trainer:
    torch.manual_seed(settings.seed)
    network = create_model(settings.model, settings.network.config())
    hardware = Hardware.choose(settings.device, settings.precision)
    return Trainer(network, *banks, settings=settings, hardware=hardware)


def smooth(losses: torch.Tensor) -> torch.Tensor:
    """Moving means of (N, 2)."""
    return losses.unfold(0, min(WINDOW, len(losses)), 1).mean(-1)


def draw(path: Path, curves: dict[str, torch.Tensor]) -> None:
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained", sharey=True)
    for column, (axis, side) in enumerate(zip(axes, ("src", "dst"), strict=True)):
        for (name, losses), style in zip(curves.items(), ("-", "--", ":"), strict=True):
            axis.plot(smooth(losses)[:, column], style, label=name, linewidth=1.4)
        axis.set(title=side, xlabel="iteration", yscale="log")
    axes[0].set_ylabel(f"loss, mean of {WINDOW}")
    axes[1].legend()
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    sizes = NetworkSettings(
        resolution=arguments.resolution, archi="liae-ud", ae_dims=64, e_dims=16, d_dims=16, d_mask_dims=8
    )
    plain = PRESETS["saehd"].model_copy(
        update={"network": sizes, "batch_size": 4, "device": arguments.device, "precision": "fp32"}
    )
    kinds = {
        "float32": plain,
        "bf16": plain.model_copy(update={"precision": "bf16"}),
        "float32, another seed": plain.model_copy(update={"seed": 1}),
    }
    project = Project(arguments.project)
    with (
        load_bank(project.aligned("src"), face_type="full", resolution=arguments.resolution, progress=Silent()) as src,
        load_bank(project.aligned("dst"), face_type="full", resolution=arguments.resolution, progress=Silent()) as dst,
    ):
        trainers = {name: trainer(settings, [src, dst]) for name, settings in kinds.items()}
        steps: dict[str, list[torch.Tensor]] = {name: [] for name in kinds}
        for iteration in range(1, arguments.iterations + 1):
            for name, one in trainers.items():
                steps[name].append(one.step())
            if iteration % 50 == 0:
                means = {name: torch.stack(found[-50:]).mean(0).tolist() for name, found in steps.items()}
                print(iteration, *(f"{name}: src {s:.4f} dst {d:.4f}" for name, (s, d) in means.items()), flush=True)
    curves = {name: torch.stack(found) for name, found in steps.items()}
    reference = smooth(curves["float32"])
    for name in list(kinds)[1:]:
        apart = (smooth(curves[name]) / reference - 1).abs()
        print(f"{name}: from float32 by {apart.mean():.2%} on average, {apart.max():.2%} at most (means of {WINDOW})")
    if arguments.picture:
        draw(arguments.picture, curves)


if __name__ == "__main__":
    main()
