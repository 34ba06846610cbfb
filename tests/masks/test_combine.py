import numpy as np
import pytest

from understudy.faces.template import MEAN_FACE
from understudy.masks import MASK_MODES, FaceMasks, combine_masks, hull_mask
from understudy.project import UnderstudyError


@pytest.fixture
def masks():
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    landmarks = (np.concatenate([jaw, MEAN_FACE]) * 30 + 15).astype(np.float32)
    prd, dst, xseg_prd, xseg_dst = np.random.default_rng(0).random((4, 64, 64), dtype=np.float32)
    return FaceMasks(prd, dst, landmarks, xseg_prd, xseg_dst)


def test_modes_combine_as_their_names_say(masks):
    prd, dst, xseg_prd, xseg_dst = masks.learned_prd, masks.learned_dst, masks.xseg_prd, masks.xseg_dst
    expected = {
        "full": np.ones((64, 64)),
        "dst": hull_mask(masks.landmarks, 64, 64),
        "learned-prd": prd,
        "learned-dst": dst,
        "learned-prd*learned-dst": prd * dst,
        "learned-prd+learned-dst": np.minimum(prd + dst, 1),
        "XSeg-prd": xseg_prd,
        "XSeg-dst": xseg_dst,
        "XSeg-prd*XSeg-dst": xseg_prd * xseg_dst,
        "learned-prd*learned-dst*XSeg-prd*XSeg-dst": prd * dst * xseg_prd * xseg_dst,
    }
    assert tuple(expected) == MASK_MODES
    for mode, mask in expected.items():
        combined = combine_masks(mode, masks)
        assert combined.dtype == np.float32
        assert np.allclose(combined, mask), mode


def test_formulas_weigh_choose_and_subtract(masks):
    prd, dst = masks.learned_prd, masks.learned_dst
    hull = hull_mask(masks.landmarks, 64, 64)
    expected = {
        "0.25*learned-prd + 0.75*learned-dst": 0.25 * prd + 0.75 * dst,
        "min(learned-prd, learned-dst) - 0.5*hull": np.clip(np.minimum(prd, dst) - 0.5 * hull, 0, 1),
        "max(learned-prd,learned-dst,0.5)": np.maximum(np.maximum(prd, dst), 0.5),
        "learned-prd-learned-dst-hull": np.clip(prd - dst - hull, 0, 1),
        "learned-prd-(learned-dst-hull)": np.clip(prd - (dst - hull), 0, 1),
        "2*(learned-prd - 0.5)*learned-dst": np.clip(2 * (prd - 0.5) * dst, 0, 1),
        "0.5": np.full((64, 64), 0.5),
    }
    for formula, mask in expected.items():
        assert np.allclose(combine_masks(formula, masks), mask, atol=1e-6), formula


def test_weights_by_name_are_given_aside(masks):
    by_name = combine_masks("a*learned-prd + b*learned-dst", masks, {"a": 0.3, "b": 0.6})
    assert np.array_equal(by_name, combine_masks("0.3*learned-prd + 0.6*learned-dst", masks))


def test_a_mask_that_nobody_made_is_named(masks):
    without = FaceMasks(masks.learned_prd, masks.learned_dst, masks.landmarks)
    with pytest.raises(UnderstudyError, match="XSeg-dst"):
        combine_masks("hull - XSeg-dst", without)
