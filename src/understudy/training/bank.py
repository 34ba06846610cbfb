"""A faceset decoded once: every face at training resolution, with its masks, ready to be drawn from."""

import itertools
import math
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.faces.align import face_matrix, transform, warp
from understudy.faces.face import AlignedFace, FaceType
from understudy.facesets import FaceFile, Faceset
from understudy.masks.hull import eyes_mouth_mask, hull_mask
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress

MARGIN = 1 / 6
"""Width of the border kept around the crop, in crop sides: a turned, shifted or shrunk crop then shows picture, not
replicated edges, wherever the face file reaches beyond the crop."""

_MEMORY_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class FaceBank:
    """All faces of one performer.

    Attributes:
        pixels: (N, 5, T, T) uint8: RGB, face mask, eyes-and-mouth mask; T = `resolution` + 2 `margin`.
        yaw: (N,) float32 radians.
        resolution: side of the crop in pixels.
        margin: pixels around the crop on every side.
    """

    pixels: Tensor
    yaw: Tensor
    resolution: int
    margin: int

    def __len__(self) -> int:
        return len(self.pixels)

    def to(self, device: torch.device) -> "FaceBank":
        """The bank on `device` where it takes no more than half of the free memory there, else as it is."""
        if device.type != "cuda" or self.pixels.numel() > _MEMORY_SHARE * torch.cuda.mem_get_info(device)[0]:
            return self
        return FaceBank(self.pixels.to(device), self.yaw, self.resolution, self.margin)

    def rows(self, indices: Tensor, device: torch.device) -> Tensor:
        """(B, 5, T, T) uint8 on `device`; `indices` (B,) int64 on the CPU."""
        return self.pixels[indices.to(self.pixels.device)].to(device, non_blocking=True)


def load_bank(folder: Path, *, face_type: FaceType, resolution: int, progress: Progress) -> FaceBank:
    """Decode the faceset in `folder` on all cores.

    Faces cut out with another geometry are cut again by their landmarks. A bank that would fill more than half of the
    memory lies in a file that vanishes with the process.

    Raises:
        UnderstudyError: no faces, or one that cannot be read.
    """
    faceset = Faceset(folder)
    count = len(faceset)
    if count == 0:
        raise UnderstudyError(f"no faces in {folder}: run `understudy extract` first")
    margin = margin_of(resolution)
    side = resolution + 2 * margin
    pixels = _allocate((count, 5, side, side))
    yaw = np.zeros(count, np.float32)

    def decode(item: tuple[int, FaceFile]) -> None:
        index, file = item
        face = file.aligned()
        pixels[index] = bank_pixels(face, face_type=face_type, resolution=resolution, margin=margin)
        yaw[index] = face.face.pose.yaw

    progress.begin(f"reading {folder.parent.name}", count)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch in _batches(enumerate(faceset), 64):  # few in flight: an error or Ctrl-C is answered at once
            for _ in pool.map(decode, batch):
                progress.advance()
    return FaceBank(torch.from_numpy(pixels), torch.from_numpy(yaw), resolution, margin)


def margin_of(resolution: int) -> int:
    """Pixels that a bank keeps around a crop of `resolution` pixels."""
    return math.ceil(resolution * MARGIN)


def bank_pixels(face: AlignedFace, *, face_type: FaceType, resolution: int, margin: int) -> NDArray[np.uint8]:
    """One face for the bank: (5, T, T) uint8; where its picture does not reach, edges replicate and masks are 0.

    Raises:
        UnderstudyError: its landmarks are unusable.
    """
    size = face.image.shape[0]
    if face.face_type == face_type:
        matrix = np.diag([resolution / size, resolution / size, 1.0])[:2]
    else:
        matrix = face_matrix(face.landmarks, face_type, resolution)
    matrix[:, 2] += margin
    side = resolution + 2 * margin

    mask = hull_mask(face.landmarks, size, size) if face.mask is None else face.mask
    masks = np.stack([mask, eyes_mouth_mask(face.landmarks, size, size)], -1)  # (size, size, 2)
    masks = warp((masks * 255 + 0.5).astype(np.uint8), matrix, side)

    corners = transform([(0, 0), (side, 0), (0, side), (side, side)], np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2])
    border = math.ceil(min(max(0.0, -corners.min(), corners.max() - size), 4 * size)) + 2
    padded = np.asarray(cv2.copyMakeBorder(face.image, border, border, border, border, cv2.BORDER_REPLICATE))
    shifted = matrix.copy()
    shifted[:, 2] -= matrix[:, :2] @ (border, border)
    image = warp(padded, shifted, side)
    return np.ascontiguousarray(np.concatenate([image, masks], -1).transpose(2, 0, 1))


def _allocate(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    size = math.prod(shape)
    if hasattr(os, "sysconf") and size > _MEMORY_SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
        with tempfile.TemporaryFile() as file:
            return np.memmap(file, np.uint8, "w+", shape=shape)
    return np.empty(shape, np.uint8)


def _batches(items: Iterator[tuple[int, FaceFile]], size: int) -> Iterator[list[tuple[int, FaceFile]]]:
    while batch := list(itertools.islice(items, size)):
        yield batch
