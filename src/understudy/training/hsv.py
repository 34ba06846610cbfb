"""Random hue, saturation and brightness of the network's input."""

import torch
from torch import Generator, Tensor


def draw_hsv(count: int, generator: Generator, *, power: float) -> Tensor:
    """Shifts of hue (whole degrees, to 180 `power`), saturation and value (to `power` / 2) each way: (count, 3)."""
    most = max(1, int(180 * power))
    hue = torch.randint(-most, most + 1, (count, 1), generator=generator).float()
    others = (torch.rand(count, 2, generator=generator) - 0.5) * power
    return torch.cat([hue, others], 1)


def shift_hsv(images: Tensor, shifts: Tensor) -> Tensor:
    """Turn the hues of (B, 3, S, S) RGB 0..1 and add to saturation and value, which end at 0 and 1.

    Args:
        images: as above.
        shifts: (B, 3), as `draw_hsv` gives them.
    """
    hue, saturation, value = rgb_to_hsv(images)
    hue_shift, saturation_shift, value_shift = shifts[:, :, None, None].unbind(1)
    return hsv_to_rgb(hue + hue_shift, (saturation + saturation_shift).clamp(0, 1), (value + value_shift).clamp(0, 1))


def rgb_to_hsv(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue in degrees, saturation and value 0..1, each (B, S, S), of (B, 3, S, S); greys have hue 0."""
    red, green, blue = images.unbind(1)
    value = images.amax(1)
    chroma = value - images.amin(1)
    safe = torch.where(chroma > 0, chroma, 1)
    sixths = torch.where(
        value == red,
        (green - blue) / safe,
        torch.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    return 60 * sixths % 360, chroma / torch.where(value > 0, value, 1), value


def hsv_to_rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """The inverse of `rgb_to_hsv`, for a hue of any turn: (B, 3, S, S)."""
    place = torch.stack([hue / 60 + start for start in (5, 3, 1)], 1) % 6
    return (value * (1 - saturation * torch.minimum(place, 4 - place).clamp(0, 1).movedim(1, 0))).movedim(0, 1)
