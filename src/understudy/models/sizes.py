"""What sizes a network may have."""

from collections.abc import Mapping
from typing import get_args

from understudy.faces.face import FaceType
from understudy.project.errors import UnderstudyError

LIMITS: Mapping[str, tuple[int, int]] = {
    "resolution": (32, 1024),
    "ae_dims": (8, 2048),
    "inter_dims": (8, 4096),
    "e_dims": (8, 512),
    "d_dims": (8, 512),
    "d_mask_dims": (4, 512),
}
"""Smallest and largest value of each size; they bound the memory that a foreign file's configuration may ask for."""


def check_sizes(sizes: Mapping[str, int], *, steps: Mapping[str, int], what: str) -> None:
    """Refuse sizes outside of `LIMITS`, and such as are no multiples of the `steps` that the network `what` needs.

    Raises:
        UnderstudyError: such a size.
    """
    for name, value in sizes.items():
        low, high = LIMITS[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise UnderstudyError(f"{name} is {value!r}: give a whole number from {low} to {high}")
    for name, step in steps.items():
        if sizes[name] % step:
            raise UnderstudyError(f"{name} {sizes[name]} does not suit {what}: give a multiple of {step}")


def check_face_type(face_type: object) -> None:
    """Refuse what is no face type.

    Raises:
        UnderstudyError: such a face type.
    """
    if face_type not in get_args(FaceType):
        raise UnderstudyError(f"unknown face type {face_type!r}: choose one of {', '.join(get_args(FaceType))}")


def check_switch(name: str, value: object) -> None:
    """Refuse what is neither true nor false.

    Raises:
        UnderstudyError: such a value.
    """
    if not isinstance(value, bool):
        raise UnderstudyError(f"{name} is {value!r}: give true or false")
