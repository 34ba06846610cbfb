"""A swap model on its device, fed with crops a batch at a time."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.merging.prediction import Prediction
from understudy.models import SwapModel
from understudy.project.errors import UnderstudyError


def best_device() -> torch.device:
    """The accelerator of this machine, or its processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


class Predictor:
    """Swaps crops in batches, in smaller ones where the device's memory does not suffice.

    Attributes:
        batch_size: faces swapped at once; halved when they do not fit.

    Args:
        morph: share of src's likeness, 0..1, for models that let it be chosen.
    """

    def __init__(self, model: SwapModel, device: torch.device, *, batch_size: int, morph: float = 1.0) -> None:
        self.batch_size = batch_size
        self._morph = morph
        self._model = model
        self._device = device

    def predict(self, crops: Sequence[NDArray[np.float32]]) -> list[Prediction]:
        """Swap faces: crops (S, S, 3) RGB 0..1, one prediction for each.

        Raises:
            UnderstudyError: not even one face fits into the device's memory.
        """
        predictions: list[Prediction] = []
        while len(predictions) < len(crops):
            batch = crops[len(predictions) : len(predictions) + self.batch_size]
            try:
                predictions += self._swap(batch)
            except torch.OutOfMemoryError:
                if len(batch) == 1:
                    raise UnderstudyError(
                        f"the model does not fit into the memory of '{self._device}': close other programs that use it"
                    ) from None
                self.batch_size = len(batch) // 2
        return predictions

    @torch.inference_mode()
    def _swap(self, crops: Sequence[NDArray[np.float32]]) -> list[Prediction]:
        # (B, 3, S, S), channels last in memory, which convolutions prefer
        images = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).to(self._device)
        output = self._model.swap(images, morph=self._morph)
        faces = _to_numpy(output.face.permute(0, 2, 3, 1))  # (B, S, S, 3)
        masks, dst_masks = _to_numpy(output.mask[:, 0]), _to_numpy(output.dst_mask[:, 0])  # (B, S, S)
        return [Prediction(*parts) for parts in zip(crops, faces, masks, dst_masks, strict=True)]


def _to_numpy(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.float().clamp(0.0, 1.0).contiguous().cpu().numpy()
    return array
