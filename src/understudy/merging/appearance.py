"""The colours of a face before and after the swap, in few numbers: what the report's plots are drawn from."""

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from understudy.faces.align import face_matrix
from understudy.merging.crops import face_crop
from understudy.merging.render import RenderedFrame

_SIDE = 48  # pixels; means and deviations need no more

Lab = tuple[float, float, float]


class Appearance(BaseModel):
    """Mean and standard deviation of CIE L*, a*, b* within the inner face, in the footage and in the result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frame: int
    track: int
    before: Lab
    before_spread: Lab
    after: Lab
    after_spread: Lab


def appearances(rendered: RenderedFrame) -> list[Appearance]:
    """The appearance of every face that was swapped in a frame."""
    found = []
    for face, _ in rendered.swapped:
        matrix = face_matrix(face.landmarks, "half", _SIDE)
        sides = []
        for pixels in (rendered.frame.pixels, rendered.composite.pixels):
            lab = cv2.cvtColor(face_crop(pixels, matrix, _SIDE), cv2.COLOR_RGB2LAB).reshape(-1, 3)
            sides += [_rounded(lab.mean(axis=0)), _rounded(lab.std(axis=0))]
        before, before_spread, after, after_spread = sides
        found.append(
            Appearance(
                frame=rendered.frame.index,
                track=face.track,
                before=before,
                before_spread=before_spread,
                after=after,
                after_spread=after_spread,
            )
        )
    return found


def _rounded(values: NDArray[np.floating]) -> Lab:
    lightness, green_red, blue_yellow = (round(float(value), 2) for value in values)
    return lightness, green_red, blue_yellow
