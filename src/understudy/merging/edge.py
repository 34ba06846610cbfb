"""The mask of a swapped face: put together, its edge shaped, and what lies before the face taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import invert
from understudy.masks import FaceMasks, Sides, combine_masks, parse_mask, shape_mask
from understudy.masks.dfl_edge import shape_like_dfl
from understudy.masks.edge_move import move_edge
from understudy.masks.feather import feather
from understudy.merging.crops import face_crop
from understudy.merging.placement import after
from understudy.merging.prediction import Prediction
from understudy.merging.resample import resample
from understudy.merging.seam import follow_seam
from understudy.merging.settings import MergeSettings
from understudy.models.xseg import SILENT

_CUT_SHARE = 0.02  # of the border's pixels
_TOWARDS = {"both": 0.0, "inside": 0.5, "outside": -0.5}


@dataclass(frozen=True, eq=False)
class FaceEdge:
    """The masks of one face at hand, with the settings in force for it.

    Attributes:
        masks: of the face, in the pixels of its crop.
        settings: the user's choices.
        percent: crop pixels in a percent of face width.
    """

    masks: FaceMasks
    settings: MergeSettings
    percent: float

    @classmethod
    def of(
        cls, prediction: Prediction, landmarks: NDArray[np.float32], settings: MergeSettings, percent: float = 1.0
    ) -> "FaceEdge":
        """From what the networks say; `landmarks` (68, 2) are in pixels of the crop."""
        xseg = {"xseg_prd": prediction.xseg, "xseg_dst": prediction.xseg_dst}
        if settings.compat == "dfl":
            xseg = {
                name: mask if mask is None else np.where(mask < SILENT, np.float32(0.0), mask)
                for name, mask in xseg.items()
            }
        return cls(FaceMasks(prediction.mask, prediction.dst_mask, landmarks, **xseg), settings, percent)

    def combined(self) -> NDArray[np.float32]:
        """The mask that the settings name, (S, S) 0..1, as the networks drew it.

        Raises:
            UnderstudyError: the mask network was not asked for one of them.
        """
        return combine_masks(self.settings.mask, self.masks, self._weights)

    def is_cut(self, mask: NDArray[np.float32]) -> bool:
        """Whether a mask that is not meant to fill the square reaches its border, where it is faded out."""
        if "full" in parse_mask(self.settings.mask).names:
            return False
        border = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
        return float((border > 0.5).mean()) > _CUT_SHARE

    def shaped(self, mask: NDArray[np.float32]) -> NDArray[np.float32]:
        """Eroded, or grown, and made soft, side by side as the settings say; (S, S), 0 on its border."""
        chosen = self.settings
        if chosen.compat == "dfl":
            return shape_like_dfl(mask, erode=chosen.erode, blur=chosen.blur)
        towards = _TOWARDS[chosen.feather_side]
        erode, blur = self._sides("erode"), self._sides("blur")
        wide = blur.added_to(chosen.blur * self.percent, centre=self._centre, size=len(mask))
        wide = np.maximum(wide, np.float32(0.0)) if isinstance(wide, np.ndarray) else wide
        moved = erode.added_to(chosen.erode * self.percent, centre=self._centre, size=len(mask)) + towards * wide
        return shape_mask(mask, erode=moved, blur=wide, kind=chosen.feather)

    def unoccluded(self, matrix: NDArray[np.float64], paste: NDArray[np.float64]) -> NDArray[np.float32] | None:
        """What the occluder leaves of the face, (S, S) 0..1; None where the settings name no occluder.

        It stays where it is in the frame, however the face is placed.

        Args:
            matrix: (2, 3), from frame pixels to the crop as it was cut out.
            paste: (2, 3), whose inverse lays the crop over the frame.
        """
        chosen = self.settings
        if not chosen.occluder:
            return None
        mask = combine_masks(chosen.occluder, self.masks, self._weights)
        mask = move_edge(mask, chosen.occluder_erode * self.percent)
        mask = feather(mask, chosen.occluder_blur * self.percent)
        if not np.allclose(matrix, paste, rtol=0, atol=1e-9):
            size = len(mask)
            mask = resample(mask, after(paste, invert(matrix)), width=size, height=size, outside="zero")
        left: NDArray[np.float32] = 1 - np.clip(mask, 0.0, 1.0)
        return left

    def on_seam(
        self, mask: NDArray[np.float32], face: NDArray[np.float32], pixels: NDArray[Any], paste: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """A shaped mask whose edge went, as far as the settings ask, to where `face` and the frame `pixels` agree."""
        chosen = self.settings
        if chosen.seam == 0 or chosen.compat == "dfl":
            return mask
        plate = face_crop(pixels, paste, len(mask))
        reach = chosen.blur * self.percent / 2  # half of the soft edge to either side
        return follow_seam(mask, face, plate, centre=self._centre, reach=reach, strength=chosen.seam)

    @property
    def _weights(self) -> Mapping[str, float]:
        return {"a": self.settings.mask_a, "b": self.settings.mask_b}

    @property
    def _centre(self) -> NDArray[np.float64]:
        return np.asarray(self.masks.landmarks.mean(axis=0), np.float64)

    def _sides(self, what: str) -> Sides:
        names = ("forehead", "jaw", "left", "right")
        return Sides(*(getattr(self.settings, f"{what}_{name}") * self.percent for name in names))
