"""The preview sheet: what the network makes of a few faces, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from understudy.media import write_image
from understudy.models import SwapNetwork
from understudy.project import SIDES
from understudy.project.atomic import atomic_path
from understudy.provenance import LabelSettings, Origin, SigningSettings, write_marked_image
from understudy.training.augment import Batch, unaugmented
from understudy.training.bank import FaceBank
from understudy.training.hardware import Hardware
from understudy.training.loss_chart import HUES, loss_chart

ROWS = 4
_MORPHS = (0.25, 0.5, 0.75, 1.0)  # shares of src's likeness that are shown of a network that lets it be chosen
_TALLEST = 800  # pixels of faces in a column
_LINE = 18  # pixels of a line of text: two on top, one above the columns
_SIZE, _GAP = 0.4, 10  # of the letters, and pixels between words of two colours
_WHITE, _GREY = (255, 255, 255), (176, 176, 176)
_CHART = 72  # pixels of the loss curve below them
_Words = tuple[str, tuple[int, int, int]]  # and their colour, RGB
_CAPTION_SAYS_SO = LabelSettings(enabled=False)


class Preview:
    """Writes `preview.jpg` and `preview_masked.jpg` of one training.

    Columns, as the field knows them: src, src as src, dst, dst as dst, dst as src (the swap; of a morphing network a
    quarter, half, three quarters and all of it). In the masked sheet the faces are multiplied by their masks; the swap
    by the product of its own and the dst mask. Above them are their names, the loss curve, and the last losses in its
    colours.

    Sheets with a swap are marked like every swapped picture. Without an origin to mark them by they have none.

    Args:
        folder: where the sheets go.
        src, dst: faces to draw from; four of each, one from each quarter of the yaws.
        hardware: where the network is, and its number format.
        seed: decides which faces.
        origin: consent record, clips and model; None: there is no consent record yet.
    """

    def __init__(
        self, folder: Path, src: FaceBank, dst: FaceBank, hardware: Hardware, *, seed: int, origin: Origin | None
    ) -> None:
        self._folder = folder
        self._hardware = hardware
        self._origin = origin
        generator = torch.Generator().manual_seed(seed)
        self._src = _spread(src, hardware.device, generator)
        self._dst = _spread(dst, hardware.device, generator)

    @torch.inference_mode()
    def write(
        self,
        network: SwapNetwork,
        caption: str,
        *,
        latest: tuple[float, float],
        losses: Sequence[tuple[float, float]],
        weights_sha256: str,
    ) -> tuple[Path, Path]:
        """Render and write both sheets; their paths.

        Args:
            network: in training.
            caption: begins the line of text on top.
            latest: losses of src and dst, which end it.
            losses: of src and dst, over the whole training.
            weights_sha256: digest of the last checkpoint's weights, for the credentials.

        Raises:
            UnderstudyError: a file cannot be written.
        """
        src, dst = self._src, self._dst
        with self._hardware.autocast():
            src_as_src, dst_as_dst = network.reconstruct_src(src.target), network.reconstruct_dst(dst.target)
            morphs = _MORPHS if network.morphs else _MORPHS[-1:]
            swaps = [network.swap(dst.target, morph=morph) for morph in morphs] if self._origin else []
        plain = [src.target, src_as_src.face, dst.target, dst_as_dst.face]
        masks = [src.mask, src_as_src.mask, dst.mask, dst_as_dst.mask]
        names = ["src", "src as src", "dst", "dst as dst"]
        for morph, swap in zip(morphs, swaps, strict=False):
            plain.append(swap.face)
            masks.append(swap.mask * swap.dst_mask)
            names.append(f"swap {morph:.0%}" if len(morphs) > 1 else "swap")
        words = [
            (caption, _WHITE),
            *((f"{side} {loss:.3f}", hue) for side, loss, hue in zip(SIDES, latest, HUES, strict=True)),
        ]
        disclosure = "from the fifth column on: face replaced with AI" if swaps else ""
        masked = [face * mask for face, mask in zip(plain, masks, strict=True)]
        paths = self._folder / "preview.jpg", self._folder / "preview_masked.jpg"
        for path, columns in zip(paths, (plain, masked), strict=True):
            self._write(path, _sheet(columns, names, [words, [(disclosure, _WHITE)]], losses), weights_sha256)
        return paths

    def _write(self, path: Path, sheet: NDArray[np.uint8], weights_sha256: str) -> None:
        if self._origin is None:
            with atomic_path(path) as temporary:
                write_image(temporary, sheet)
        else:
            origin = replace(self._origin, model_sha256=weights_sha256)
            write_marked_image(path, sheet, label=_CAPTION_SAYS_SO, signing=SigningSettings(), origin=origin)


def _spread(bank: FaceBank, device: torch.device, generator: Generator) -> Batch:
    """One face from each of as many equal parts of the yaws as there are rows."""
    rows = max(1, min(ROWS, _TALLEST // bank.resolution))
    quantiles = (torch.arange(rows) + torch.rand(rows, generator=generator)) / rows * len(bank)
    chosen = torch.argsort(bank.yaw, stable=True)[quantiles.long()]
    return unaugmented(bank.rows(chosen, device), resolution=bank.resolution)


def _sheet(
    columns: list[Tensor],
    names: Sequence[str],
    lines: Sequence[Sequence[_Words]],
    losses: Sequence[tuple[float, float]],
) -> NDArray[np.uint8]:
    """(H, columns * S, 3): lines of text, the loss curve, the columns' names and the faces."""
    faces = torch.cat([torch.cat(list(column), 1) for column in columns], 2)  # (3, rows * S, columns * S)
    picture = (faces.permute(1, 2, 0).float().clamp(0, 1) * 255 + 0.5).to("cpu", torch.uint8).numpy()
    width, side = picture.shape[1], columns[0].shape[-1]
    strips = [_line(line, width, aside=True) for line in lines]
    above = np.concatenate([_line([(name, _GREY)], side) for name in names], 1)
    return np.concatenate([*strips, loss_chart(losses, width=width, height=_CHART), above, picture])


def _line(line: Sequence[_Words], width: int, *, aside: bool = False) -> NDArray[np.uint8]:
    """Words on black (18, `width`, 3), small enough to fit: in the middle, or `aside` on the left."""
    strip = np.zeros((_LINE, width, 3), np.uint8)
    wide = [cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, _SIZE, 1)[0][0] + _GAP for words, _ in line]
    shrunk = min(1.0, width / max(1, sum(wide)))
    x = _GAP / 2 if aside else (width - shrunk * (sum(wide) - _GAP)) / 2
    for (words, hue), one in zip(line, wide, strict=True):
        cv2.putText(strip, words, (round(x), 13), cv2.FONT_HERSHEY_SIMPLEX, _SIZE * shrunk, hue, 1, cv2.LINE_AA)
        x += shrunk * one
    return strip
