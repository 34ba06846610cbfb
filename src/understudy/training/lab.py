"""sRGB and CIE Lab (D65) as tensors."""

import torch
from torch import Tensor

_TO_XYZ = (
    # Rows divided by the white point's X, Y, Z: white is 1, 1, 1.
    (0.412453 / 0.950456, 0.357580 / 0.950456, 0.180423 / 0.950456),
    (0.212671, 0.715160, 0.072169),
    (0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754),
)
_EDGE = 6 / 29


def rgb_to_lab(pixels: Tensor) -> Tensor:
    """(B, 3, N) sRGB 0..1 to L 0..100, a and b."""
    linear = torch.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    xyz = torch.tensor(_TO_XYZ, device=pixels.device) @ linear
    x, y, z = torch.where(xyz > _EDGE**3, xyz.clamp(min=0) ** (1 / 3), xyz / (3 * _EDGE**2) + 4 / 29).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def lab_to_rgb(pixels: Tensor) -> Tensor:
    """The inverse of `rgb_to_lab`; colours beyond sRGB end at 0 and 1."""
    lightness, a, b = pixels.unbind(1)
    y = (lightness + 16) / 116
    roots = torch.stack([y + a / 500, y, y - b / 200], 1)
    xyz = torch.where(roots > _EDGE, roots**3, 3 * _EDGE**2 * (roots - 4 / 29))
    linear = (torch.linalg.inv(torch.tensor(_TO_XYZ, dtype=torch.float64)).to(xyz) @ xyz).clamp(0, 1)
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).clamp(0, 1)
