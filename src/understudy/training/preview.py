"""The preview sheet: what the network makes of a few faces, side by side."""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.models import SwapNetwork
from understudy.project.atomic import write_bytes
from understudy.training.augment import Batch, unaugmented
from understudy.training.bank import FaceBank
from understudy.training.hardware import Hardware

ROWS = 4
_QUALITY = 92
_HEADER = 18  # pixels of the line of text on top


class Preview:
    """Writes `preview.jpg` and `preview_masked.jpg` of one training.

    Columns, as the field knows them: src, src as src, dst, dst as dst, dst as src (the swap). In the masked sheet the
    faces are multiplied by their masks; the swap by the product of its own and the dst mask.

    Args:
        folder: where the sheets go.
        src, dst: faces to draw from; four of each, spread evenly over the yaw.
        hardware: where the network is, and its number format.
    """

    def __init__(self, folder: Path, src: FaceBank, dst: FaceBank, hardware: Hardware) -> None:
        self._folder = folder
        self._hardware = hardware
        self._src = _spread(src, hardware.device)
        self._dst = _spread(dst, hardware.device)

    @torch.inference_mode()
    def write(self, network: SwapNetwork, caption: str) -> None:
        """Render and write both sheets.

        Raises:
            UnderstudyError: a file cannot be written.
        """
        src, dst = self._src, self._dst
        with self._hardware.autocast():
            src_as_src, dst_as_dst = network.reconstruct_src(src.target), network.reconstruct_dst(dst.target)
            swap = network.swap(dst.target)
        plain = [src.target, src_as_src.face, dst.target, dst_as_dst.face, swap.face]
        both = swap.mask * swap.dst_mask
        masks = [src.mask, src_as_src.mask, dst.mask, dst_as_dst.mask, both]
        _write(self._folder / "preview.jpg", plain, caption)
        masked = [face * mask for face, mask in zip(plain, masks, strict=True)]
        _write(self._folder / "preview_masked.jpg", masked, caption)


def _spread(bank: FaceBank, device: torch.device) -> Batch:
    quantiles = (torch.arange(ROWS) + 0.5) / ROWS * len(bank)
    chosen = torch.argsort(bank.yaw)[quantiles.long()]
    return unaugmented(bank.rows(chosen, device), resolution=bank.resolution)


def _write(path: Path, columns: list[Tensor], caption: str) -> None:
    sheet = torch.cat([torch.cat(list(column), 1) for column in columns], 2)  # (3, ROWS * S, 5 * S)
    picture = (sheet.permute(1, 2, 0).float().clamp(0, 1) * 255 + 0.5).to("cpu", torch.uint8).numpy()
    write_bytes(path, _encode(_with_caption(picture, caption)))


def _with_caption(picture: NDArray[np.uint8], caption: str) -> NDArray[np.uint8]:
    framed = cv2.copyMakeBorder(picture, _HEADER, 0, 0, 0, cv2.BORDER_CONSTANT)
    cv2.putText(framed, caption, (4, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(framed, np.uint8)


def _encode(picture: NDArray[np.uint8]) -> bytes:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(data)
