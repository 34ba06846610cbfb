"""The hull agrees with the field's reference figures and moves with its landmarks."""

import numpy as np
import pytest

from understudy.masks.hull import eyes_mouth_mask, hull_mask, raise_brows

# The mean head (x, y), landmarks 0-67, drawn orthographically and aligned as a full face of 256 pixels: the
# reference's landmark set A.
_HEAD = """
-73.393523 -29.801432 -72.775014 -10.949766 -70.533638 7.929818 -66.850058 26.07428 -59.790187 42.56439
-48.368973 56.48108 -34.121101 67.246992 -17.875411 75.056892 0.098749 77.061286 17.477031 74.758448
32.648966 66.929021 46.372358 56.311389 57.34348 42.419126 64.388482 25.45588 68.212038 6.990805
70.486405 -11.666193 71.375822 -30.365191 -61.119406 -49.361602 -51.287588 -58.769795 -37.8048 -61.996155
-24.022754 -61.033399 -11.635713 -56.686759 12.056636 -57.391033 25.106256 -61.902186 38.338588 -62.777713
51.191007 -59.302347 60.053851 -50.190255 0.65394 -42.19379 0.804809 -30.993721 0.992204 -19.944596
1.226783 -8.414541 -14.772472 2.598255 -7.180239 4.751589 0.55592 6.5629 8.272499 4.661005
15.214351 2.643046 -46.04729 -37.471411 -37.674688 -42.73051 -27.883856 -42.711517 -19.648268 -36.754742
-28.272965 -35.134493 -38.082418 -34.919043 19.265868 -37.032306 27.894191 -43.342445 37.437529 -43.110822
45.170805 -38.086515 38.196454 -35.532024 28.764989 -35.484289 -28.916267 28.612716 -17.533194 22.172187
-6.68459 19.029051 0.381001 20.721118 8.375443 19.03546 18.876618 22.394109 28.794412 28.079924
19.057574 36.298248 8.956375 39.634575 0.381549 40.395647 -7.428895 39.836405 -18.160634 36.677899
-24.37749 28.677771 -6.897633 25.475976 0.340663 26.014269 8.444722 25.326198 24.474473 28.323008
8.449166 30.596216 0.205322 31.408738 -7.198266 30.844876
"""
_SET_A = np.array(_HEAD.split(), np.float64).reshape(68, 2) * 2 + [640, 360]
_MATRIX = np.array([[0.6673, -0.0041, -299.6646], [0.0041, 0.6673, -107.4510]])
_LANDMARKS = (_SET_A @ _MATRIX[:, :2].T + _MATRIX[:, 2]).astype(np.float32)


@pytest.mark.parametrize(("expansion", "area"), [(1.0, 32685), (0.5, 31346), (0.0, 29954)])
def test_hull_area_is_the_references(expansion: float, area: int) -> None:
    assert hull_mask(_LANDMARKS, 256, 256, brow_expansion=expansion).sum() == pytest.approx(area, rel=0.005)


def test_raised_brows_are_the_references() -> None:
    expected = [
        (38, 60),
        (53, 41),
        (75, 39),
        (96, 40),
        (115, 45),
        (137, 44),
        (157, 41),
        (177, 37),
        (198, 42),
        (212, 59),
    ]
    assert np.abs(raise_brows(_LANDMARKS)[17:27] - expected).max() < 2.0  # the reference truncates to whole pixels


def test_eyes_and_mouth_have_the_references_area() -> None:
    soft = eyes_mouth_mask(_LANDMARKS, 256, 256)
    assert soft.max() == 1.0
    assert soft.sum() == pytest.approx(1274 + 905, rel=0.06)


def test_a_fraction_of_a_pixel_moves_the_edge_by_that_fraction() -> None:
    columns = np.arange(256)
    centres = []
    for shift in (0.0, 0.25, 0.5, 0.75):
        mask = hull_mask(_LANDMARKS + np.float32([shift, 0]), 256, 256)
        centres.append(float((mask.sum(0) * columns).sum() / mask.sum()))
    assert np.diff(centres) == pytest.approx(0.25, abs=0.03)


def test_landmarks_far_outside_or_not_numbers_do_no_harm() -> None:
    wild = _LANDMARKS.copy()
    wild[0], wild[5], wild[9] = (1e12, -1e12), (np.nan, np.inf), (-5000, 9000)
    mask = hull_mask(wild, 64, 64)
    assert mask.shape == (64, 64)
    assert np.isfinite(mask).all()
    assert eyes_mouth_mask(wild, 16, 16).shape == (16, 16)
