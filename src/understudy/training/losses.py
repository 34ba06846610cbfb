"""How far a picture is from its target: blur, structural dissimilarity, the masked reconstruction loss, variation.

Every loss is per sample; the trainer adds the samples up, as the original program does, since gradient clipping and the
optimizer's epsilon see the difference between a sum and a mean. All of it is computed in float32: the structure term
subtracts nearly equal numbers.
"""

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

DSSIM_SIGMA = 1.5
"""Standard deviation of the DSSIM window in pixels, whatever the window's side."""

_COARSE_WINDOW = 7  # pixels of the window at smaller sizes; fits into a quarter of the smallest resolution


@functools.lru_cache(maxsize=64)
@torch.inference_mode(False)  # whoever asks first: what is kept must suit a backward pass too
def _band(size: int, taps: int, sigma: float, valid: bool, device: torch.device) -> Tensor:
    """A 1-D Gaussian filter as a banded matrix: (size - taps + 1, size) with `valid`, else (size, size), zeros outside.

    A dense product with it is faster than a depthwise convolution at every size in use.
    """
    offsets = torch.arange(taps, dtype=torch.float64) - ((taps - 1) / 2 if valid else taps // 2)
    weights = torch.exp(-(offsets**2) / (2 * sigma**2))
    rows = size - taps + 1 if valid else size
    first = 0 if valid else -(taps // 2)
    columns = torch.arange(size)[None, :] - torch.arange(rows)[:, None] - first  # index of the tap, (rows, size)
    inside = (columns >= 0) & (columns < taps)
    matrix = torch.where(inside, (weights / weights.sum())[columns.clamp(0, taps - 1)], 0.0)
    return matrix.to(device, torch.float32)


def _filter(images: Tensor, band: Tensor) -> Tensor:
    return band @ images @ band.T


def gaussian_blur(images: Tensor, sigma: float) -> Tensor:
    """Blur (B, C, H, H) with a Gaussian cut at about two sigma; zeros outside, so edges darken."""
    taps = max(3, int(4 * sigma)) | 1
    return _filter(images, _band(images.shape[-1], taps, sigma, False, images.device))


def dssim(x: Tensor, y: Tensor, window: int) -> Tensor:
    """Structural dissimilarity (1 - SSIM) / 2 of two (B, C, H, H) images in 0..1, as (B, C).

    SSIM of Wang et al. 2004 with a Gaussian window of `window` pixels and sigma 1.5, over the positions where the
    window lies inside the picture.
    """
    c1, c2 = 0.01**2, 0.03**2
    band = _band(x.shape[-1], window, DSSIM_SIGMA, True, x.device)
    mean_x, mean_y, mean_xy, mean_squares = _filter(torch.stack([x, y, x * y, x.square() + y.square()]), band)
    product, squares = 2 * mean_x * mean_y, mean_x.square() + mean_y.square()
    luminance = (product + c1) / (squares + c1)
    structure = (2 * mean_xy - product + c2) / (mean_squares - squares + c2)
    ssim: Tensor = (luminance * structure).mean((2, 3))
    return (1 - ssim) / 2


def multi_scale_dssim(x: Tensor, y: Tensor) -> Tensor:
    """Structural dissimilarity at half and at a quarter of the size, added up: (B, C, H, H) images in 0..1, to (B,).

    Multi-scale SSIM (Wang, Simoncelli and Bovik 2003) without its finest scale, which the reconstruction loss has, and
    as a sum: a product of scales hears nothing of the others while one of them is near zero.
    """
    scales = []
    for _ in range(2):
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        scales.append(dssim(x, y, _COARSE_WINDOW).mean(1))
    return torch.stack(scales).sum(0)


def soft_mask(mask: Tensor) -> Tensor:
    """Full weight inside the mask and up to its edge, a soft fall beyond it: (B, 1, S, S), 0..1."""
    return 2 * gaussian_blur(mask, max(1, mask.shape[-1] // 32)).clamp(0, 0.5)


def blur_out(target: Tensor, mask: Tensor) -> Tensor:
    """Blur what lies outside `mask`, (B, 1, S, S), by the background's own colours alone: (B, 3, S, S).

    The background's blur is divided by that of its share of each pixel's surroundings, so that neither the face nor the
    border of the picture darkens it; the field's program divides by one minus the blurred mask, which leaves a dark rim
    along the border.
    """
    outside = 1 - mask
    sigma = target.shape[-1] / 128
    background = gaussian_blur(target * outside, sigma) / gaussian_blur(outside, sigma).clamp(min=1e-6)
    return target * mask + background * outside


def total_variation(images: Tensor) -> Tensor:
    """Sum of the squared differences between neighbours below and beside each other, of (B, C, H, W): (B,).

    The field's program compares neighbouring colour channels instead of columns when it runs on a GPU.
    """
    down, right = images.diff(dim=2), images.diff(dim=3)
    return down.square().sum((1, 2, 3)) + right.square().sum((1, 2, 3))


def reconstruction_loss(
    face: Tensor,
    mask: Tensor,
    *,
    target: Tensor,
    target_mask: Tensor,
    weight: Tensor | None = None,
    eyes_mouth: Tensor | None = None,
    both_windows: bool = False,
    coarse_power: float = 0.0,
) -> Tensor:
    """Loss of one performer's reconstruction, per sample: (B,).

    10 DSSIM (from 256 pixels on split over two windows) + 10 mean squares, both of the colours times `weight`;
    + 10 mean squares of the mask; + 300 mean absolute difference within `eyes_mouth`; + `coarse_power` times
    `multi_scale_dssim` of the colours times `weight`.

    Args:
        face, mask: predicted, (B, 3, S, S) and (B, 1, S, S), float32 in 0..1.
        target, target_mask: wanted, of the same shapes.
        weight: (B, 1, S, S); None: the whole square counts (training without mask).
        eyes_mouth: (B, 1, S, S); None: no extra weight on eyes and mouth.
        both_windows: two DSSIM windows below 256 pixels too.
        coarse_power: 0 leaves its term out.
    """
    wide, narrow = dssim_windows(face.shape[-1])
    seen, wanted = (face, target) if weight is None else (face * weight, target * weight)
    windows = (wide, narrow) if both_windows or face.shape[-1] >= 256 else (wide,)
    structure = torch.stack([dssim(seen, wanted, window).mean(1) for window in windows]).mean(0)
    loss = 10 * (structure + mean_square(seen - wanted) + mean_square(mask - target_mask))
    if eyes_mouth is not None:
        loss = loss + 300 * (face - target).mul(eyes_mouth).abs().mean((1, 2, 3))
    if coarse_power:
        loss = loss + coarse_power * multi_scale_dssim(seen, wanted)
    return loss


def dssim_windows(resolution: int) -> tuple[int, int]:
    """Sides of the wide and the narrow DSSIM window in pixels."""
    return int(resolution / 11.6), int(resolution / 23.2)


def mean_square(difference: Tensor) -> Tensor:
    """Mean of the squares of (B, C, H, W): (B,)."""
    return difference.square().mean((1, 2, 3))
