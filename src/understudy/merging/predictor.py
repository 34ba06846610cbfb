"""A swap model on its device, fed with crops a batch at a time."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from understudy.merging.prediction import Prediction
from understudy.merging.segmentation import Segmenter
from understudy.models import SwapModel, SwapNetwork
from understudy.models.swap_model import Morph
from understudy.project.errors import UnderstudyError
from understudy.training.lanes import Lanes

Crops = Sequence[NDArray[np.float32]]
"""Aligned faces, (S, S, 3) RGB 0..1 each."""


def best_device() -> torch.device:
    """The accelerator of this machine, or its processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def ready_to_swap(network: SwapNetwork, *, half: bool) -> SwapNetwork:
    """The same network, laid out for prediction alone: channels last and, with `half`, its convolutions' weights in
    bf16, once and for all. It must not be trained or saved after that."""
    network.requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from torch's stubs
    for part in network.modules():
        if half and isinstance(part, nn.Conv2d):
            part.to(torch.bfloat16)
    return network


class Predictor:
    """Swaps crops in batches, in smaller ones where the device's memory does not suffice.

    Attributes:
        batch_size: faces swapped at once; halved when they do not fit.
        resolution: side S of the model's crops in pixels.
        face_type: their geometry.
        segmenter: adds its masks to the predictions; may be set at any time.

    Args:
        half: convolutions run in bf16. A face differs from one in float32 by less than a level of 255, and takes about
            half of the time where the processor has bf16 arithmetic.
    """

    def __init__(
        self,
        model: SwapModel,
        device: torch.device,
        *,
        batch_size: int,
        half: bool = False,
        segmenter: Segmenter | None = None,
    ) -> None:
        self.batch_size = batch_size
        self.resolution = model.resolution
        self.face_type = model.face_type
        self.segmenter = segmenter
        self._model = model
        self._device = device
        self._half = half
        self._lanes = Lanes(device)

    def predict(self, crops: Crops, morphs: Sequence[float] | None = None) -> list[Prediction]:
        """Swap faces.

        Args:
            crops: (S, S, 3) RGB 0..1.
            morphs: each face's share of src's likeness, 0..1, for models that let it be chosen; all of it when None.

        Returns:
            One for each crop.

        Raises:
            UnderstudyError: not even one face fits into the device's memory.
        """
        predictions: list[Prediction] = []
        while len(predictions) < len(crops):
            part = slice(len(predictions), len(predictions) + self.batch_size)
            batch = crops[part]
            try:
                predictions += self._swap_side_by_side(batch, morphs[part] if morphs else [1.0] * len(batch))
            except torch.OutOfMemoryError:
                if len(batch) == 1:
                    raise UnderstudyError(
                        f"the model does not fit into the memory of '{self._device}': close other programs that use it"
                    ) from None
                self.batch_size = len(batch) // 2
        return predictions

    def _swap_side_by_side(self, crops: Crops, morphs: Sequence[float]) -> list[Prediction]:
        """A batch in two halves: other work of a merge delays each lane by what it takes, and not both by the worse."""
        half = len(crops) // 2
        if not half or not self._lanes.side_by_side:
            return self._swap(crops, morphs)
        halves = [(crops[part], morphs[part]) for part in (slice(half), slice(half, None))]
        return [one for found in self._lanes.run(lambda given: self._swap(*given), halves) for one in found]

    @torch.inference_mode()
    def _swap(self, crops: Crops, morphs: Sequence[float]) -> list[Prediction]:
        # (B, 3, S, S), channels last in memory, which convolutions prefer
        images = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._half):
            output = self._model.swap(images, morph=_morph(morphs, self._device))
        faces = _to_numpy(output.face.permute(0, 2, 3, 1))  # (B, S, S, 3)
        masks, dst_masks = _to_numpy(output.mask[:, 0]), _to_numpy(output.dst_mask[:, 0])  # (B, S, S)
        predictions = [Prediction(*parts) for parts in zip(crops, faces, masks, dst_masks, strict=True)]
        return predictions if self.segmenter is None else self.segmenter.segment(predictions)


def _morph(morphs: Sequence[float], device: torch.device) -> Morph:
    """One number where all faces have the same."""
    return morphs[0] if len(set(morphs)) == 1 else torch.tensor(morphs, device=device)


def _to_numpy(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.float().clamp(0.0, 1.0).contiguous().cpu().numpy()
    return array
