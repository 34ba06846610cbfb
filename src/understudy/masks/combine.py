"""Everything that limits a swapped face, by name, and put together by a formula."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.masks.expression import parse_mask
from understudy.masks.hull import hull_mask
from understudy.project.errors import UnderstudyError


@dataclass(frozen=True, eq=False)
class FaceMasks:
    """The masks of one face, each (S, S) float32, 0..1.

    Attributes:
        learned_prd: the network's mask of the swapped face.
        learned_dst: the network's mask of the dst face.
        landmarks: (68, 2) in pixels of the masks.
        xseg_prd: the mask network's of the swapped face; None where it was not asked.
        xseg_dst: the mask network's of the dst face.
    """

    learned_prd: NDArray[np.float32]
    learned_dst: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    xseg_prd: NDArray[np.float32] | None = None
    xseg_dst: NDArray[np.float32] | None = None

    def named(self, name: str) -> NDArray[np.float32]:
        """The mask that a formula calls `name`.

        Raises:
            UnderstudyError: it is one of the mask network, which was not asked.
        """
        match name:
            case "learned-prd":
                return self.learned_prd
            case "learned-dst":
                return self.learned_dst
            case "hull":
                return hull_mask(self.landmarks, *self.learned_prd.shape)
            case "full":
                return np.ones_like(self.learned_prd)
        mask = {"XSeg-prd": self.xseg_prd, "XSeg-dst": self.xseg_dst}[name]
        if mask is None:
            raise UnderstudyError(f"no mask network has given the mask {name}")
        return mask


def combine_masks(formula: str, masks: FaceMasks, weights: Mapping[str, float] | None = None) -> NDArray[np.float32]:
    """The mask that a formula, such as one of `MASK_MODES`, makes of the masks of a face.

    Args:
        weights: the numbers that the formula calls `a` and `b`; 1 when not given.

    Returns:
        (S, S) float32, 0..1.

    Raises:
        UnderstudyError: the formula cannot be understood, or asks for a mask that there is not.
    """
    numbers = {"a": 1.0, "b": 1.0, **(weights or {})}
    expression = parse_mask(formula)
    return expression.evaluate(
        lambda name: numbers[name] if name in numbers else masks.named(name), len(masks.learned_prd)
    )
