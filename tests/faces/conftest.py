"""Frames of the licensed clips."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from understudy import zoo
from understudy.media.frame import Frame
from understudy.project.errors import UnderstudyError

Clip = Callable[..., list[Frame]]


@pytest.fixture(scope="session")
def clip(footage: Path) -> Clip:
    """clip(name, count) gives the first frames of a clip; skips where the models cannot be fetched."""
    try:
        for name in ("blazeface-full-range", "face-mesh"):
            zoo.fetch(name)
    except UnderstudyError as error:
        pytest.skip(str(error))

    def read(name: str, count: int = 1000) -> list[Frame]:
        frames = []
        with av.open(str(footage / name)) as container:
            for index, picture in enumerate(container.decode(video=0)):
                if index == count:
                    break
                pixels = np.ascontiguousarray(picture.to_ndarray(format="rgb24"))
                frames.append(Frame(pixels, index, Fraction(picture.pts or 0) * picture.time_base))
        return frames

    return read
