"""What every swap network offers, whatever is inside."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from understudy.faces.face import FaceType

Morph = float | Tensor
"""A share of likeness 0..1 for a whole batch, or (B,) one for each face."""


@dataclass(frozen=True, eq=False)
class SwapOutput:
    """What a swap network predicts from a dst face; every tensor float32 in 0..1.

    Attributes:
        face: (B, 3, S, S) RGB, the src performer in the dst performance.
        mask: (B, 1, S, S) mask of the swapped face ("learned-prd").
        dst_mask: (B, 1, S, S) mask of the dst face in the input ("learned-dst").
    """

    face: Tensor
    mask: Tensor
    dst_mask: Tensor


class SwapModel(Protocol):
    """A network trained on two performers.

    Attributes:
        resolution: side S of its square input and output in pixels.
        face_type: the crop geometry it was trained on.
    """

    resolution: int
    face_type: FaceType

    def swap(self, images: Tensor, *, morph: Morph = 1.0) -> SwapOutput:
        """Swap aligned dst faces: (B, 3, S, S) RGB, 0..1.

        Args:
            morph: share of src's likeness, 0..1, for networks that let it be chosen; others swap all of it.
        """
