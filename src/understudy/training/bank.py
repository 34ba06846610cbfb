"""A faceset at training resolution: every face with its masks, decoded once, ready to be drawn from."""

import hashlib
import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray
from torch import Tensor

from understudy.faces.align import face_matrix, transform, warp
from understudy.faces.face import AlignedFace, FaceType
from understudy.facesets import Faceset
from understudy.masks.hull import eyes_mouth_mask, hull_mask
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress
from understudy.training.bank_file import KEY_BYTES, BankFile
from understudy.training.bank_reader import BankReader

MARGIN = 1 / 6
"""Width of the border kept around the crop, in crop sides: a turned, shifted or shrunk crop then shows picture, not
replicated edges, wherever the face file reaches beyond the crop."""

FOLDER_NAME = ".bank"
KEEP = 2
"""Banks of one faceset that stay on disk, each for a face type and a resolution."""

_VERSION = 2  # of what a row holds; to be raised whenever `bank_pixels` makes other pixels
_MEMORY_SHARE = 0.5
_FINE = 128  # pixels: the least side at which masks are drawn
# What tells a face's file from every other, whatever it is called.
_TRAITS = ("clip", "frame", "residual", "pitch", "yaw", "roll")


class FaceBank:
    """All faces of one performer.

    Attributes:
        yaw: (N,) float32 radians.
        resolution: side of the crop in pixels.
        margin: pixels around the crop on every side; rows are T = `resolution` + 2 `margin` wide.

    Args:
        pixels: (N, 5, T, T) uint8: RGB, face mask, eyes-and-mouth mask; or the file that holds them, with the reader
            that fills it.
    """

    def __init__(self, pixels: Tensor | tuple[BankFile, BankReader], yaw: Tensor, resolution: int, margin: int) -> None:
        self.yaw = yaw
        self.resolution = resolution
        self.margin = margin
        self._pixels = pixels
        self._reader = None if isinstance(pixels, Tensor) else pixels[1]
        self._device: Tensor | None = None  # (N, 5, T, T), filled as rows are asked for
        self._on_device = torch.zeros(len(yaw), dtype=torch.bool)
        self._pinned = False
        self._ahead = ThreadPoolExecutor(1, "rows")
        self._expected: tuple[Tensor, Future[Tensor]] | None = None

    def __len__(self) -> int:
        return len(self.yaw)

    def to(self, device: torch.device) -> "FaceBank":
        """Keep rows on `device` once they were there, if all of them take at most half of its free memory."""
        self._pinned = device.type == "cuda"
        shape = (len(self), 5, *[self.resolution + 2 * self.margin] * 2)
        if (
            device.type == "cuda"
            and self._device is None
            and math.prod(shape) <= _MEMORY_SHARE * torch.cuda.mem_get_info(device)[0]
        ):
            self._device = torch.empty(shape, dtype=torch.uint8, device=device)
        return self

    def expect(self, indices: Tensor) -> None:
        """Begin to read rows that are going to be asked for next."""
        if len(indices) and (self._device is None or not self._on_device[indices].all()):
            self._expected = indices, self._ahead.submit(self._read, indices)

    def rows(self, indices: Tensor, device: torch.device) -> Tensor:
        """(B, 5, T, T) uint8 on `device`; `indices` (B,) int64 on the CPU.

        Raises:
            UnderstudyError: a face cannot be read.
        """
        if self._device is not None:
            new = indices[~self._on_device[indices]]
            if len(new):
                self._device[new.to(device)] = self._take(new).to(device, non_blocking=True)
                self._on_device[new] = True
            return self._device[indices.to(device, non_blocking=True)]
        return self._take(indices).to(device, non_blocking=True)

    def complete(self) -> "FaceBank":
        """Return when every face has been decoded.

        Raises:
            UnderstudyError: a face cannot be read.
        """
        if self._reader is not None:
            self._reader.complete()
        return self

    def note(self) -> str:
        """How far the decoding has come, for a progress line; empty when there is nothing left to do."""
        return "" if self._reader is None else self._reader.note()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the decoding; what there is stays."""
        self._ahead.shutdown()
        if self._reader is not None:
            self._reader.close()

    def _take(self, indices: Tensor) -> Tensor:
        expected = self._expected
        if expected is not None and torch.equal(expected[0], indices):
            self._expected = None
            return expected[1].result()
        return self._read(indices)

    def _read(self, indices: Tensor) -> Tensor:
        if isinstance(self._pixels, Tensor):
            return self._pixels[indices]
        file, reader = self._pixels
        reader.ensure(indices.numpy())
        rows = torch.from_numpy(file.read(indices.numpy()))
        return rows.pin_memory() if self._pinned else rows


def faces_in(folder: Path, progress: Progress) -> tuple[Faceset, list[str]]:
    """The faceset in `folder`, and which of its faces are trained on.

    Raises:
        UnderstudyError: there are none.
    """
    if not folder.is_dir():
        raise UnderstudyError(f"no aligned faces: {folder} does not exist; run `understudy extract` first")
    faceset = Faceset(folder, progress=progress)
    names = faceset.query("interpolated = 0")
    if not names:
        raise UnderstudyError(f"no faces in {folder}: run `understudy extract` first")
    return faceset, names


def load_bank(
    folder: Path, *, face_type: FaceType, resolution: int, progress: Progress, ahead: bool = True, host: int = 0
) -> FaceBank:
    """Open the bank of the faceset in `folder`, which may begin empty: faces are decoded as they are asked for.

    It lies in a hidden folder beside the faceset. Faces cut out with another geometry are cut again by their landmarks;
    faces that were not seen but placed between others stay out.

    Args:
        ahead: decode in the background what has not been asked for.
        host: number of this host among those that train together. Where they share the disk, each has a bank of its
            own: a file that is mapped in two computers' memories is not one.

    Raises:
        UnderstudyError: no faces, or no room on the disk.
    """
    faceset, names = faces_in(folder, progress)
    margin = margin_of(resolution)
    side = resolution + 2 * margin
    bank_folder = folder.parent / (f"{FOLDER_NAME}-{host}" if host else FOLDER_NAME)
    path = bank_folder / f"{folder.name}-{face_type}-{resolution}"
    keys = _keys(faceset, names, f"{_VERSION} {face_type} {resolution} {margin}")
    bank_folder.mkdir(exist_ok=True)
    with FileLock(bank_folder / ".lock"):  # two that open a changed faceset at once would make room in the same place
        _forget_others(path)
        file = BankFile(path, keys, (5, side, side))

    def decode(index: int) -> NDArray[np.uint8]:
        face = faceset[names[index]].aligned()
        return bank_pixels(face, face_type=face_type, resolution=resolution, margin=margin)

    yaw_of = dict(zip(faceset.names, faceset.columns("yaw")["yaw"], strict=True))
    yaw = torch.tensor([yaw_of[name] for name in names], dtype=torch.float32)
    return FaceBank((file, BankReader(file, decode, ahead=ahead)), yaw, resolution, margin)


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

    # What is drawn, is drawn no finer than it is kept: at 512 pixels that would take longer than all the rest.
    coarse = max(1, size // max(resolution, _FINE)) if face.mask is None else 1
    landmarks, across = face.landmarks / coarse, size // coarse
    mask = face.mask
    if mask is None:
        mask = hull_mask(landmarks, across, across, brow_expansion=face.brow_expansion)
    masks = np.stack([mask, eyes_mouth_mask(landmarks, across, across)], -1)  # (across, across, 2)
    masks = warp((masks * 255 + 0.5).astype(np.uint8), matrix @ np.diag([coarse, coarse, 1]), side)

    corners = transform([(0, 0), (side, 0), (0, side), (side, side)], np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2])
    border = math.ceil(min(max(0.0, -corners.min(), corners.max() - size), 4 * size)) + 2
    padded = np.asarray(cv2.copyMakeBorder(face.image, border, border, border, border, cv2.BORDER_REPLICATE))
    shifted = matrix.copy()
    shifted[:, 2] -= matrix[:, :2] @ (border, border)
    image = warp(padded, shifted, side)
    return np.ascontiguousarray(np.concatenate([image, masks], -1).transpose(2, 0, 1))


def _keys(faceset: Faceset, names: Sequence[str], geometry: str) -> Sequence[bytes]:
    """What goes into each row; a file that was merely renamed keeps its own."""
    stamps = faceset.index.stamps()
    traits = dict(zip(faceset.names, zip(*faceset.columns(*_TRAITS).values(), strict=True), strict=True))
    return [
        hashlib.blake2b(
            repr((geometry, *stamps[name], *map(str, traits[name]))).encode(), digest_size=KEY_BYTES
        ).digest()
        for name in names
    ]


def _forget_others(path: Path) -> None:
    """Remove all but the youngest banks of this faceset."""
    tables = [table for table in path.parent.glob("*.table") if table.stem != path.stem]
    for table in sorted(tables, key=lambda table: table.stat().st_mtime_ns)[: -(KEEP - 1)]:
        table.with_suffix(".rows").unlink(missing_ok=True)
        table.unlink(missing_ok=True)
