"""Colour transfer while training: src faces take the colours of dst faces, whole batches at once on any device."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from understudy.training.choices import ColorMode
from understudy.training.lab import lab_to_rgb, rgb_to_lab
from understudy.training.losses import gaussian_blur

_FLAT = 1e-4  # Lab units: a channel with less spread than this has no contrast to scale
_NOISE = {"lct": 1e-5, "mkl": 1e-6}  # variance added on both sides: keeps flat colours invertible
_ROTATIONS = 20
_BINS = 256
_SLICES = (10, 5)  # steps, and directions in each
_SLICED_SIDE = 64
_SMOOTH = 16  # pixels


def draw_directions(mode: ColorMode, count: int, generator: Generator) -> Tensor:
    """The random directions of `count` transfers, from a CPU generator.

    Returns:
        (count, 20, 3, 3) rotations for idt, (count, 10, 5, 3) unit vectors for sot, (count, 0) for the others.
    """
    if mode == "idt":
        rotations: Tensor = torch.linalg.qr(torch.randn(count, _ROTATIONS, 3, 3, generator=generator)).Q
        return rotations
    if mode == "sot":
        return F.normalize(torch.randn(count, *_SLICES, 3, generator=generator), dim=-1)
    return torch.empty(count, 0)


def recolor(
    rows: Tensor, reference: Tensor, *, mode: ColorMode, directions: Tensor, masked: bool, resolution: int
) -> Tensor:
    """Bank rows with the colours of other rows.

    Args:
        rows, reference: (B, 5, T, T) uint8, as `FaceBank.rows` gives them.
        mode: the transfer.
        directions: what `draw_directions` gave, on the same device.
        masked: compare the colours under the face masks; else those of the crops. Applied everywhere.
        resolution: side of the crop in the middle of the rows.

    Returns:
        (B, 5, T, T) uint8, masks as they were; a row without mask on either side is as it was.
    """
    if mode == "none":
        return rows
    pixels, wanted = (one[:, :3].float().div(255) for one in (rows, reference))
    weights, wanted_weights = (_weights(one, masked, resolution) for one in (rows, reference))
    usable = (weights.sum((1, 2)) >= 1) & (wanted_weights.sum((1, 2)) >= 1)
    # Where a mask is empty the transfer still has to be computed, of something.
    weights, wanted_weights = (torch.where(usable[:, None, None], one, 1.0) for one in (weights, wanted_weights))
    if mode == "sot":
        found = sliced_transport(pixels, wanted, weights, wanted_weights, directions)
    else:
        flat = (pixels.flatten(2), wanted.flatten(2), weights.flatten(1), wanted_weights.flatten(1))
        moved = iterative_transfer(*flat, directions) if mode == "idt" else _LINEAR[mode](*flat)
        found = moved.view_as(pixels)
    found = torch.where(usable[:, None, None, None], found, pixels)
    return torch.cat([found.clamp(0, 1).mul(255).round().to(torch.uint8), rows[:, 3:]], 1)


def _weights(rows: Tensor, masked: bool, resolution: int) -> Tensor:
    """(B, T, T), how much each pixel's colour counts."""
    if masked:
        return rows[:, 3].float().div(255)
    margin = (rows.shape[-1] - resolution) // 2
    inside = torch.zeros_like(rows[:, 3], dtype=torch.float32)
    inside[:, margin : margin + resolution, margin : margin + resolution] = 1
    return inside


def statistics(pixels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (B, 3, 1) and covariance (B, 3, 3), float64, of (B, 3, N), each pixel counted with its weight (B, N)."""
    share = (weights / weights.sum(1, keepdim=True))[:, None]
    mean = (pixels * share).sum(2, keepdim=True)
    centred = pixels - mean
    return mean.double(), ((centred * share) @ centred.transpose(1, 2)).double()


def reinhard(pixels: Tensor, wanted: Tensor, weights: Tensor, wanted_weights: Tensor) -> Tensor:
    """rct: mean and standard deviation of each channel of CIE Lab, after Reinhard et al. 2001.

    All of these take (B, 3, N) RGB 0..1 and weights (B, N) of both sides, and give (B, 3, N); N may differ.
    """
    lab = rgb_to_lab(pixels)
    mean, covariance = statistics(lab, weights)
    wanted_mean, wanted_covariance = statistics(rgb_to_lab(wanted), wanted_weights)
    spread, wanted_spread = (
        one.diagonal(dim1=1, dim2=2).clamp(min=0).sqrt()[:, :, None] for one in (covariance, wanted_covariance)
    )
    gain = wanted_spread / spread.clamp(min=_FLAT)
    moved = lab * gain.float() + (wanted_mean - gain * mean).float()
    lightness, chroma = moved[:, :1].clamp(0, 100), moved[:, 1:].clamp(-127, 127)
    return lab_to_rgb(torch.cat([lightness, chroma], 1))


def linear_transfer(pixels: Tensor, wanted: Tensor, weights: Tensor, wanted_weights: Tensor) -> Tensor:
    """lct: mean and covariance of RGB, by the map B^1/2 A^-1/2 for covariances A of `pixels` and B of `wanted`."""
    mean, covariance = statistics(pixels, weights)
    wanted_mean, wanted_covariance = statistics(wanted, wanted_weights)
    _, inverse = _roots(covariance, _NOISE["lct"])
    root, _ = _roots(wanted_covariance, _NOISE["lct"])
    return _affine(pixels, root @ inverse, mean, wanted_mean)


def monge_kantorovich(pixels: Tensor, wanted: Tensor, weights: Tensor, wanted_weights: Tensor) -> Tensor:
    """mkl: mean and covariance of RGB, by the map that moves colours least (Pitié and Kokaram 2007).

    A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 for covariances A of `pixels` and B of `wanted`.
    """
    noise = _NOISE["mkl"]
    mean, covariance = statistics(pixels, weights)
    wanted_mean, wanted_covariance = statistics(wanted, wanted_weights)
    root, inverse = _roots(covariance, noise)
    identity = torch.eye(3, dtype=root.dtype, device=root.device)
    middle, _ = _roots(root @ (wanted_covariance + noise * identity) @ root, 0)
    return _affine(pixels, inverse @ middle @ inverse, mean, wanted_mean)


_LINEAR: Mapping[str, Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]] = {
    "rct": reinhard,
    "lct": linear_transfer,
    "mkl": monge_kantorovich,
}


def iterative_transfer(
    pixels: Tensor, wanted: Tensor, weights: Tensor, wanted_weights: Tensor, rotations: Tensor
) -> Tensor:
    """idt: the whole distribution, by matching histograms along rotated axes (Pitié et al. 2007).

    Each of the rotations (B, R, 3, 3) moves the pixels by 1/R of what its three matches ask for.
    """
    for rotation in rotations.unbind(1):
        turned, goal = rotation @ pixels, rotation @ wanted
        low = torch.minimum(turned.amin(2, keepdim=True), goal.amin(2, keepdim=True))
        high = torch.maximum(turned.amax(2, keepdim=True), goal.amax(2, keepdim=True))
        width = (high - low).clamp(min=1e-6) / _BINS
        places = (turned - low) / width
        # The lowest edge counts too: in the field's program all that lies below the first upper edge becomes 0.
        goals = _cumulated((goal - low) / width, wanted_weights)
        edges = _inverse(goals, _cumulated(places, weights))  # (B, 3, 257): where each bin edge goes, in bins
        inside = _within(places, weights)
        bins = inside.long().clamp(0, _BINS - 1)
        change = torch.lerp(edges.gather(2, bins), edges.gather(2, bins + 1), inside - bins) - inside
        pixels = pixels + rotation.transpose(1, 2) @ (change * width) / rotations.shape[1]
    return pixels


def _within(values: Tensor, weights: Tensor) -> Tensor:
    """Values (B, K, N) moved into the range of those that count; what lies beyond it then changes as its end does."""
    counts = weights[:, None] > 0
    low = torch.where(counts, values, torch.inf).amin(2, keepdim=True)
    high = torch.where(counts, values, -torch.inf).amax(2, keepdim=True)
    return values.clamp(low, high)


def _cumulated(places: Tensor, weights: Tensor) -> Tensor:
    """Share of the weight below each of the 257 bin edges: (B, 3, 257), of (B, 3, N) places in bins."""
    bins = places.long().clamp(0, _BINS - 1)
    counts = places.new_zeros(*places.shape[:2], _BINS).scatter_add_(2, bins, weights[:, None].expand_as(places))
    cumulated = F.pad(counts.double().cumsum(2), (1, 0))
    return (cumulated / cumulated[..., -1:]).float()


def _inverse(cumulated: Tensor, shares: Tensor) -> Tensor:
    """Where a cumulated histogram reaches `shares`, in bins, between edges linearly."""
    # Nothing lies below the lowest that counts, nor above the highest: there, of equal shares the inner edge.
    above = torch.where(
        shares > 0, torch.searchsorted(cumulated, shares), torch.searchsorted(cumulated, shares, right=True)
    ).clamp(1, _BINS)
    start, end = cumulated.gather(2, above - 1), cumulated.gather(2, above)
    return above - 1 + ((shares - start) / (end - start).clamp(min=1e-9)).clamp(0, 1)


def sliced_transport(
    pixels: Tensor, wanted: Tensor, weights: Tensor, wanted_weights: Tensor, directions: Tensor
) -> Tensor:
    """sot: the whole distribution, by sliced optimal transport (Bonneel et al. 2015), then smoothed over 16 pixels.

    The field's program smooths with a bilateral filter, whose range is so wide that it is a blur; and because the
    change is blurred it is computed for 64 by 64 pixels and enlarged.

    Args:
        pixels, wanted: (B, 3, T, T).
        weights, wanted_weights: (B, T, T).
        directions: (B, steps, K, 3); each step moves by the mean over its K.
    """
    step = -(-pixels.shape[-1] // _SLICED_SIDE)
    coarse = pixels[:, :, ::step, ::step]
    moved, goal = coarse.flatten(2), wanted[:, :, ::step, ::step].flatten(2)
    share, goal_share = (one[:, ::step, ::step].flatten(1) for one in (weights, wanted_weights))
    for axes in directions.unbind(1):  # (B, K, 3)
        along = _within(axes @ moved, share)
        moved = moved + axes.transpose(1, 2) @ (_matched(along, share, axes @ goal, goal_share) - along) / axes.shape[1]
    change = moved.view_as(coarse) - coarse
    sigma = _SMOOTH / step
    say = share.view_as(coarse[:, :1]) + 0.01  # far from what counts there is nothing better than what is near
    change = gaussian_blur(change * say, sigma) / gaussian_blur(say, sigma)
    return pixels + F.interpolate(change, pixels.shape[2:], mode="bilinear", align_corners=False)


def _matched(values: Tensor, weights: Tensor, goal: Tensor, goal_weights: Tensor) -> Tensor:
    """Each value's counterpart of equal rank in the other distribution: (B, K, N)."""
    # What does not count must not be an extreme, which ranks beyond the last that counts would find.
    counts = goal_weights[:, None]
    mean = (goal * counts).sum(2, keepdim=True) / counts.sum(2, keepdim=True)
    goal = torch.where(counts > 0, goal, mean)
    ranks, order = _ranks(values, weights)
    goal_ranks, goal_order = _ranks(goal, goal_weights)
    goal = goal.gather(2, goal_order)
    above = torch.searchsorted(goal_ranks, ranks).clamp(1, goal.shape[2] - 1)
    start, end = goal_ranks.gather(2, above - 1), goal_ranks.gather(2, above)
    between = ((ranks - start) / (end - start).clamp(min=1e-9)).clamp(0, 1)
    found = torch.lerp(goal.gather(2, above - 1), goal.gather(2, above), between)
    return torch.empty_like(values).scatter_(2, order, found)


def _ranks(values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Share of the weight before the middle of each of the sorted values, and their order: (B, K, N) each."""
    order = values.argsort(2)
    sorted_weights = weights[:, None].expand_as(values).gather(2, order).double()
    cumulated = sorted_weights.cumsum(2)
    return ((cumulated - sorted_weights / 2) / cumulated[..., -1:]).float(), order


def _roots(matrix: Tensor, noise: float) -> tuple[Tensor, Tensor]:
    """The square root of symmetric positive (B, 3, 3) matrices and the inverses of the roots."""
    values, vectors = torch.linalg.eigh(matrix)
    roots = (values + noise).clamp(min=1e-12).sqrt()[:, None]
    return (vectors * roots) @ vectors.transpose(1, 2), (vectors / roots) @ vectors.transpose(1, 2)


def _affine(pixels: Tensor, transform: Tensor, mean: Tensor, wanted_mean: Tensor) -> Tensor:
    return transform.float() @ pixels + (wanted_mean - transform @ mean).float()
