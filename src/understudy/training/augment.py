"""Random rotation, scale, shift, mirror, grid warp and colour: from bank rows to network inputs and targets.

Each picture is sampled once: warp and similarity are composed before, not applied one after the other, so nothing is
blurred twice. Coordinates are continuous, 0..S from edge to edge of the crop.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from understudy.training.hsv import draw_hsv, shift_hsv
from understudy.training.resample import resample

ROTATION = math.radians(10)
SHIFT = 0.05
FLIP_CHANCE = 0.4
WARP = 0.24
"""Largest displacement of a warp node, in cells."""
TRUNCATION = 2.5
"""The warp's normal draws end at this many standard deviations."""

_NODES = 9  # of the finest warp grid in use: eight cells a side


class Batch(NamedTuple):
    """What one training pass of one performer sees; every tensor float32, 0..1.

    Attributes:
        image: (B, 3, S, S) RGB, the network's input.
        target: (B, 3, S, S) RGB, what it should make of it.
        mask: (B, 1, S, S) face mask of the target.
        eyes_mouth: (B, 1, S, S) eyes-and-mouth mask of the target.
    """

    image: Tensor
    target: Tensor
    mask: Tensor
    eyes_mouth: Tensor


class Draw(NamedTuple):
    """The random numbers of one batch.

    Attributes:
        matrix: (B, 2, 3) from continuous coordinates of the result to those of the crop, in crop sides.
        nodes: (B, 2, 9, 9) displacement in x and y of the warp's nodes, in crop sides; zero on the border.
        hsv: (B, 3) shift of the input's hue, saturation and value; None: they stay.
    """

    matrix: Tensor
    nodes: Tensor
    hsv: Tensor | None = None

    def part(self, which: slice) -> "Draw":
        """Those of some of the samples."""
        return Draw(self.matrix[which], self.nodes[which], None if self.hsv is None else self.hsv[which])

    def to(self, device: torch.device) -> "Draw":
        matrix, nodes = (one.to(device, non_blocking=True) for one in (self.matrix, self.nodes))
        return Draw(matrix, nodes, None if self.hsv is None else self.hsv.to(device, non_blocking=True))


def draw(count: int, generator: Generator, *, scale: float, flip: bool, hsv_power: float = 0.0) -> Draw:
    """Draw rotation within 10 degrees, scale 1/(1+q)..1+q, shift within 5%, mirror (40%, with `flip`), warp and colour.

    `generator` is a CPU generator, so that every device sees the same numbers.
    """
    uniform = torch.rand(count, 5, generator=generator, dtype=torch.float64)
    angle = (2 * uniform[:, 0] - 1) * ROTATION
    size = 1 / (1 + scale) + uniform[:, 1] * ((1 + scale) - 1 / (1 + scale))
    shift = (2 * uniform[:, 2:4] - 1) * SHIFT
    mirror = torch.where(uniform[:, 4] < FLIP_CHANCE, -1.0, 1.0) if flip else torch.ones(count, dtype=torch.float64)

    # The result shows the crop turned by `angle`, resized by `size` about its centre, moved by `shift`, then mirrored.
    cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
    linear = torch.stack([torch.stack([cos * mirror, -sin], 1), torch.stack([sin * mirror, cos], 1)], 1)
    unmirrored = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)
    offset = 0.5 - (linear.sum(2) / 2) - (unmirrored @ shift[:, :, None])[:, :, 0]
    matrix = torch.cat([linear, offset[:, :, None]], 2)
    hsv = draw_hsv(count, generator, power=hsv_power) if hsv_power else None
    return Draw(matrix.float(), _draw_nodes(count, generator), hsv)


def _draw_nodes(count: int, generator: Generator) -> Tensor:
    """Nodes of a grid of 2, 4 or 8 cells a side, each third of the samples on average; all as nine by nine nodes."""
    edge = 0.5 * (1 + math.erf(-TRUNCATION / math.sqrt(2)))
    uniform = edge + (1 - 2 * edge) * torch.rand(count, 2, _NODES, _NODES, generator=generator, dtype=torch.float64)
    normal = math.sqrt(2) * torch.erfinv(2 * uniform - 1) / TRUNCATION  # -1..1
    normal[:, :, [0, -1], :] = 0
    normal[:, :, :, [0, -1]] = 0
    choice = torch.randint(3, (count,), generator=generator)
    grids = [
        # A piecewise bilinear map on a coarse grid is the same map on a finer one.
        F.interpolate(normal[:, :, ::step, ::step], _NODES, mode="bilinear", align_corners=True) * (WARP * step / 8)
        for step in (4, 2, 1)
    ]
    return torch.stack(grids)[choice, torch.arange(count)].float()


def augment(rows: Tensor, numbers: Draw, *, resolution: int, warp: bool) -> Batch:
    """Sample one batch from bank rows.

    Args:
        rows: (B, 5, T, T) uint8, as `FaceBank.rows` gives them.
        numbers: on the same device.
        resolution: side S of the crop in the middle of the rows, in pixels.
        warp: bend the input; else input and target are the same picture.
    """
    # In pixels of the rows, whose centres are at integers.
    places = _spread(numbers.matrix, resolution, scale=resolution, shift=(rows.shape[-1] - resolution) / 2 - 0.5)
    target = resample(rows[:, :3], places, cubic=True)
    mask, eyes_mouth = resample(rows[:, 3:], places, cubic=False).split(1, 1)  # type: ignore[no-untyped-call]
    image = target
    if warp:
        # Nodes sit at the cell corners, hence align_corners; beyond the crop nothing is displaced.
        grid = _spread(numbers.matrix, resolution, scale=2.0, shift=-1.0).movedim(1, -1)
        bend = F.grid_sample(numbers.nodes * resolution, grid, padding_mode="zeros", align_corners=True)
        image = resample(rows[:, :3], bend.add_(places), cubic=True)
    if numbers.hsv is not None:
        image = shift_hsv(image, numbers.hsv)
    return Batch(image, target, mask, eyes_mouth)


def _spread(matrix: Tensor, resolution: int, *, scale: float, shift: float) -> Tensor:
    """Where `matrix` takes the pixels of the result: (B, 2, S, S), in crop sides times `scale`, plus `shift`."""
    centres = (torch.arange(resolution, device=matrix.device, dtype=torch.float32) + 0.5) * (scale / resolution)
    x, y = (matrix[:, :, axis, None] * centres for axis in (0, 1))  # (B, 2, S) each
    return (x + (scale * matrix[:, :, 2:] + shift))[:, :, None] + y[..., None]


def unaugmented(rows: Tensor, *, resolution: int) -> Batch:
    """The crops as they are, for previews."""
    margin = (rows.shape[-1] - resolution) // 2
    crop = rows[:, :, margin : margin + resolution, margin : margin + resolution].float().div_(255)
    return Batch(crop[:, :3], crop[:, :3], crop[:, 3:4], crop[:, 4:])
