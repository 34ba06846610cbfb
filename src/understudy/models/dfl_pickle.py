"""The weight files of DeepFaceLab 2, which are pickles of a dict of arrays, read without unpickling."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError
from understudy.project.inert_pickle import InertArray, load_inert_file

MAX_BYTES = 4 << 30
_KIND = "a DeepFaceLab weight file"


def load_dfl_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of one weight or optimizer file, by key, such as `down1/downs_0/conv1/weight:0`.

    Raises:
        UnderstudyError: the file is absent, over 4 GiB, damaged, or asks for anything but arrays of numbers.
    """
    weights = load_inert_file(path, most=MAX_BYTES, what=_KIND)
    if not isinstance(weights, dict):
        raise UnderstudyError(f"{path} is not {_KIND}, or is damaged (no dict)")
    arrays = {}
    for key, value in weights.items():
        if not isinstance(key, str) or not isinstance(value, InertArray) or value.value is None:
            raise UnderstudyError(f"{path} is not {_KIND}, or is damaged (a value is no array)")
        arrays[key] = np.asarray(value.value, value.value.dtype.newbyteorder("="))
    return arrays
