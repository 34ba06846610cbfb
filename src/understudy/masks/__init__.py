"""Which pixels are face: hulls from landmarks, combinations of masks, mattes drawn by hand, and their edges."""

from understudy.masks.combine import FaceMasks, combine_masks
from understudy.masks.expression import MASK_MODES, MASK_NAMES, parse_mask
from understudy.masks.feather import Feather
from understudy.masks.hull import eyes_mouth_mask, hull_mask
from understudy.masks.matte import Matte, MatteKey, limit_mask
from understudy.masks.shape import shape_mask
from understudy.masks.sides import Sides

__all__ = [
    "MASK_MODES",
    "MASK_NAMES",
    "FaceMasks",
    "Feather",
    "Matte",
    "MatteKey",
    "Sides",
    "combine_masks",
    "eyes_mouth_mask",
    "hull_mask",
    "limit_mask",
    "parse_mask",
    "shape_mask",
]
