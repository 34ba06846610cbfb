"""Super-resolution: four times the pixels, with the detail that a trained network expects there.

The network is `realesr-general-x4v3` of Wang et al. 2021 ("Real-ESRGAN", arXiv:2107.10833), a chain of convolutions at
the input's size.
"""

import functools
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from understudy import zoo
from understudy.media.resizing import resize
from understudy.project.errors import UnderstudyError

T = TypeVar("T", np.uint8, np.float32)

MODEL = "real-esrgan"
SCALE = 4
_CHANNELS, _LAYERS = 64, 32
_REACH = _LAYERS + 2  # pixels: as far as a pixel of the result looks
_TILE = 192
# An enlarged pixel lies in the middle of its four times four, and not, as everywhere else here, at their corner.
_OFFSET = (SCALE - 1) / 2


class SuperResolution(nn.Module):
    """(B, 3, H, W) RGB 0..1 to (B, 3, 4 H, 4 W): what the layers add to every pixel four times four times."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, _CHANNELS, 3, padding=1), nn.PReLU(_CHANNELS)]
        for _ in range(_LAYERS):
            layers += [nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1), nn.PReLU(_CHANNELS)]
        layers.append(nn.Conv2d(_CHANNELS, 3 * SCALE**2, 3, padding=1))
        self.body = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        detail: Tensor = F.pixel_shuffle(self.body(images), SCALE)
        return detail + F.interpolate(images, scale_factor=SCALE, mode="nearest")


def read_network(path: Path) -> SuperResolution:
    """The network with its published weights.

    Raises:
        UnderstudyError: the file is not those weights.
    """
    network = SuperResolution()
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["params"])
    except Exception as error:  # whatever a damaged file makes the reader raise
        raise UnderstudyError(f"{path} does not hold the weights of {MODEL}: {error}") from error
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


@functools.cache
def load_network() -> SuperResolution:
    """The catalogue's network, fetched if need be.

    Raises:
        UnderstudyError: it cannot be had.
    """
    return read_network(zoo.fetch(MODEL))


@torch.inference_mode()
def enlarge(image: NDArray[T], network: nn.Module, *, tile: int = _TILE) -> NDArray[T]:
    """Four times as wide and high, tile by tile; the tiles overlap by as much as decides on a pixel.

    Args:
        image: (H, W, 3) RGB, uint8, or float32 with white at 1.
        tile: side of a tile of `image` in pixels; the result does not depend on it.

    Returns:
        (4 H, 4 W, 3) RGB in the dtype of `image`; (x, y) of `image` lies at (4 x, 4 y).
    """
    height, width = image.shape[:2]
    enlarged = np.empty((SCALE * height, SCALE * width, 3), image.dtype)
    device = next(network.parameters()).device
    whole = image.dtype == np.uint8
    pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]  # (1, 3, H, W) uint8
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            bottom, right = min(top + tile, height), min(left + tile, width)
            above, before = max(0, top - _REACH), max(0, left - _REACH)
            part = pixels[:, :, above : bottom + _REACH, before : right + _REACH].float() / (255 if whole else 1)
            found = network(part.to(device, memory_format=torch.channels_last))[0].cpu()
            y, x = SCALE * (top - above), SCALE * (left - before)
            inner = found[:, y : y + SCALE * (bottom - top), x : x + SCALE * (right - left)]
            values = inner.clamp(0, 1)
            levels = ((values * 255 + 0.5).to(torch.uint8) if whole else values).permute(1, 2, 0).numpy()
            enlarged[SCALE * top : SCALE * bottom, SCALE * left : SCALE * right] = levels
    shift = np.array([[1, 0, -_OFFSET], [0, 1, -_OFFSET]])
    size = enlarged.shape[1::-1]
    moved = cv2.warpAffine(enlarged, shift, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, image.dtype)


def restore_detail(
    image: NDArray[np.uint8], network: nn.Module, *, enlarged: float, strength: float
) -> NDArray[np.uint8]:
    """A picture of the same size with the detail that its enlargement lacks.

    Args:
        image: (H, W, 3) RGB.
        enlarged: by which factor it was enlarged before; what that added is first taken away.
        strength: 0 leaves the picture as it is, 1 is the network's.
    """
    height, width = image.shape[:2]
    shrunk = min(max(enlarged, 1.0), float(SCALE))
    small = resize(image, max(1, round(width / shrunk)), max(1, round(height / shrunk)))
    restored = resize(enlarge(small, network), width, height)
    blended = image + np.float32(strength) * (restored.astype(np.float32) - image)
    return np.asarray(np.clip(np.rint(blended), 0, 255), np.uint8)
