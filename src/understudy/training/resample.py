"""Reading pictures at places between their pixels, the heart of augmentation: one kernel for each kind of device."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def resample(pictures: Tensor, places: Tensor, *, cubic: bool) -> Tensor:
    """Read pictures at `places`; beyond the edges they go on as they end.

    On a CPU, OpenCV's kernel, three times as fast there, reads at the nearest 1/32 of a pixel: of smooth pictures that
    is the same to less than 0.01.

    Args:
        pictures: (B, C, T, T) uint8, C at most 4.
        places: (B, 2, S, S) float32, x and y in pixels, whose centres are at integers.
        cubic: with Keys' kernel (a = -0.75) rather than a linear one.

    Returns:
        (B, C, S, S) float32, 0..1.
    """
    if places.device.type == "cpu":
        return _resample_on_cpu(pictures, places, cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR)
    side = pictures.shape[-1]
    grid = places.movedim(1, -1) * (2 / side) + (1 / side - 1)  # align_corners=False counts from edge to edge
    mode = "bicubic" if cubic else "bilinear"
    pixels = pictures.float().div_(255)
    return F.grid_sample(pixels, grid, mode=mode, padding_mode="border", align_corners=False).clamp_(0, 1)


def _resample_on_cpu(pictures: Tensor, places: Tensor, kernel: int) -> Tensor:
    batch, channels = pictures.shape[:2]
    found = np.empty((batch, *places.shape[2:], channels), np.float32)
    for picture, (x, y), result in zip(pictures.numpy(), places.numpy(), found, strict=True):
        pixels = cv2.merge(list(picture)).astype(np.float32)  # interleaved, as OpenCV wants them
        cv2.remap(pixels, x, y, kernel, dst=result, borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(found).mul_(1 / 255).clamp_(0, 1).permute(0, 3, 1, 2)
