"""The mask network's part in a merge: what it finds in a face before and after the swap."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from understudy.masks import parse_mask
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings
from understudy.models import XSeg
from understudy.models.saved_xseg import XSEG_NAME, latest_xseg, load_xseg
from understudy.project import Project, UnderstudyError

PRD, DST = "XSeg-prd", "XSeg-dst"


class Segmenter:
    """Adds the mask network's masks to predictions.

    Attributes:
        sha256: of the network's file; empty where it has none.

    Args:
        network: on `device`.
        asked: which masks, by their names in formulas.
    """

    def __init__(self, network: XSeg, device: torch.device, asked: frozenset[str], *, sha256: str = "") -> None:
        self.sha256 = sha256
        self._network = network
        self._device = device
        self._asked = asked

    def segment(self, predictions: Sequence[Prediction]) -> list[Prediction]:
        """The same predictions with the masks that were asked for, all found in one batch each.

        Raises:
            UnderstudyError: the network finds values that are not numbers.
        """
        found = list(predictions)
        if PRD in self._asked:
            masks = self._masks([each.face for each in found])
            found = [replace(each, xseg=mask) for each, mask in zip(found, masks, strict=True)]
        if DST in self._asked:
            masks = self._masks([each.crop for each in found])
            found = [replace(each, xseg_dst=mask) for each, mask in zip(found, masks, strict=True)]
        return found

    def _masks(self, faces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """(B, S, S) float32, 0..1."""
        images = torch.from_numpy(np.stack(faces)).permute(0, 3, 1, 2).to(self._device)  # (B, 3, S, S)
        found = self._network.probability(images)[:, 0].float().clamp(0.0, 1.0)
        masks: NDArray[np.float32] = found.contiguous().cpu().numpy()
        if not np.isfinite(masks).all():
            raise UnderstudyError("the mask network finds values that are not numbers: import it again")
        return masks


def segmenter_for(project: Project, settings: Iterable[MergeSettings], device: torch.device) -> Segmenter | None:
    """The project's mask network, if any of the settings ask for its masks.

    Raises:
        UnderstudyError: they do, and the project has none, or its file is damaged.
    """
    asked = frozenset(name for each in settings for name in asked_of_network(each))
    if not asked:
        return None
    folder = latest_xseg(project.models)
    if folder is None:
        raise UnderstudyError(
            f"the mask {' and '.join(sorted(asked))} needs a mask network, and {project.models} has none: bring one in "
            "with 'understudy model import FOLDER', or choose another --mask"
        )
    with (folder / XSEG_NAME).open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Segmenter(load_xseg(folder, device), device, asked, sha256=sha256)


def asked_of_network(settings: MergeSettings) -> frozenset[str]:
    """The mask network's masks that these settings ask for."""
    formulas = [formula for formula in (settings.mask, settings.occluder) if formula]
    return frozenset(name for formula in formulas for name in parse_mask(formula).names) & {PRD, DST}
