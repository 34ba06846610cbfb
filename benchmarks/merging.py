"""Merging speed: frames per second on 1280x720 with one face, overlay, learned masks, rct.

    python benchmarks/merging.py [--resolution 128] [--frames 96]

Both ways of merging run here, on the same frames and the same model, with the network's time counted and without:

- baseline: one frame after another, batches of one, the face and its mask warped into, and blended over, whole frames
  in float, as offline mergers of this field do;
- understudy: `understudy.merging.render`, which batches faces over frames, touches only what the mask reaches, and
  composites some frames while the network works on others.

The network is a df-ud of random weights, which costs what a trained one costs; its masks are replaced by an oval, since
random ones would cover the whole square. Decoding and encoding are left out.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.faces import face_matrix
from understudy.faces.face import FaceType
from understudy.faces.template import MEAN_FACE
from understudy.media import Frame
from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.merging.plan import PlacedFace
from understudy.merging.predictor import Predictor, best_device
from understudy.merging.render import Renderer
from understudy.merging.settings import MergeSettings
from understudy.models import SwapModel, SwapOutput, create_model

WIDTH, HEIGHT = 1280, 720
FACE_WIDTH = 150  # pixels between the outer ends of the brows; the crop square is 320 pixels wide


class Oval:
    """A swap model whose masks are an oval; without a network, the face stays as it is."""

    face_type: FaceType = "whole_face"

    def __init__(self, resolution: int, network: SwapModel | None) -> None:
        self.resolution = resolution
        self._network = network
        place = torch.linspace(-1, 1, resolution, device=best_device())
        self._mask = ((0.65 - torch.hypot(place[None, :], 0.85 * place[:, None])) * 30).clamp(0, 1)

    def swap(self, images: Tensor, *, morph: float = 1.0) -> SwapOutput:
        masks = self._mask.expand(len(images), 1, -1, -1)
        return SwapOutput(
            images if self._network is None else self._network.swap(images, morph=morph).face, masks, masks
        )


def make_frames(count: int) -> tuple[list[Frame], dict[int, list[PlacedFace]]]:
    """Smooth noise, and a face that wanders over it."""
    random = np.random.default_rng(0)
    noise = cv2.resize(
        random.integers(0, 256, (45, 80, 3), dtype=np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    frames = [Frame(noise.copy(), index, Fraction(index, 25)) for index in range(count)]
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    face = np.concatenate([jaw, MEAN_FACE]) * FACE_WIDTH
    way = np.array([2.3, 0.7])  # pixels per frame
    plan = {i: [PlacedFace(str(i), (face + (500, 250) + i * way).astype(np.float32))] for i in range(count)}
    return frames, plan


def baseline(
    model: Oval, frames: list[Frame], plan: dict[int, list[PlacedFace]], device: torch.device
) -> Iterator[object]:
    """Whole frames, one at a time."""
    size, settings = model.resolution, MergeSettings()
    for frame in frames:
        matrix = face_matrix(plan[frame.index][0].landmarks, model.face_type, size)
        unit = frame.pixels.astype(np.float32) / 255
        crop: NDArray[Any] = np.clip(cv2.warpAffine(unit, matrix, (size, size), flags=cv2.INTER_CUBIC), 0, 1)
        with torch.inference_mode():
            output = model.swap(torch.from_numpy(crop.transpose(2, 0, 1)[None].copy()).to(device))
        face = output.face[0].permute(1, 2, 0).cpu().numpy()
        mask: NDArray[Any] = cv2.GaussianBlur((output.mask * output.dst_mask)[0, 0].cpu().numpy(), (0, 0), size / 64)
        face = np.ascontiguousarray(face)
        face = transfer_color(settings.color_transfer, face, ColorSamples.of(face, crop, mask))
        inverse = cv2.invertAffineTransform(matrix)
        over = np.clip(cv2.warpAffine(face, inverse, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), 0, 1)
        alpha = np.clip(cv2.warpAffine(mask, inverse, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), 0, 1)[..., None]
        yield (np.clip(unit * (1 - alpha) + over * alpha, 0, 1) * 255).astype(np.uint8)


def understudy(
    model: Oval, frames: list[Frame], plan: dict[int, list[PlacedFace]], device: torch.device
) -> Iterator[object]:
    """The program's own way."""
    settings = MergeSettings()
    predictor = Predictor(model, device, batch_size=settings.batch_size)

    def report(_index: int, _face: PlacedFace, error: Exception) -> None:
        raise error

    renderer = Renderer(
        predictor,
        plan,
        lambda _index, _face: settings,
        resolution=model.resolution,
        face_type=model.face_type,
        report=report,
    )
    yield from renderer.render(frames)


def rate(work: Callable[..., Iterator[object]], *arguments: object) -> float:
    """Frames per second, the better of two runs."""
    best = 0.0
    for _ in range(2):
        start = time.perf_counter()
        count = sum(1 for _ in work(*arguments))
        best = max(best, count / (time.perf_counter() - start))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--resolution", type=int, default=128, help="of the network, in pixels")
    parser.add_argument("--frames", type=int, default=96)
    options = parser.parse_args()
    device = best_device()
    network = create_model("saehd", {"resolution": options.resolution, "archi": "df-ud", "face_type": "whole_face"})
    frames, plan = make_frames(options.frames)
    print(f"{WIDTH}x{HEIGHT}, one face, df-ud {options.resolution}, overlay, rct; {device}, {os.cpu_count()} cores")
    for label, inner in (("network and compositing", network.to(device).eval()), ("compositing alone", None)):
        model = Oval(options.resolution, inner)
        before, after = (rate(work, model, frames, plan, device) for work in (baseline, understudy))
        print(f"{label:<24} baseline {before:6.1f} fps   understudy {after:6.1f} fps   {after / before:.1f}x")


if __name__ == "__main__":
    main()
