"""Which pixels are face: hulls from landmarks, combinations of masks, and their edges."""

from understudy.masks.combine import MaskMode, combine_masks
from understudy.masks.hull import eyes_mouth_mask, hull_mask
from understudy.masks.shape import shape_mask

__all__ = ["MaskMode", "combine_masks", "eyes_mouth_mask", "hull_mask", "shape_mask"]
