import numpy as np
import pytest

from understudy.evaluation.identity import Likeness, likeness
from understudy.evaluation.reference import Reference


def test_everybody_is_taken_for_who_they_are(reference: Reference) -> None:
    candidates, masks = reference.candidate_views[:, :2], reference.masks[reference.sampled][:2]
    src = likeness(candidates[0], candidates, masks)
    assert src.ranks.tolist() == [1, 1]
    assert src.margins == pytest.approx(1)
    dst = likeness(candidates[1], candidates, masks)
    assert dst.ranks.tolist() == [2, 2]
    assert dst.margins == pytest.approx(-1)


def test_a_mixture_is_between_them(reference: Reference) -> None:
    candidates, masks = reference.candidate_views[:, :2], reference.masks[reference.sampled][:2]
    mixed = np.rint(0.7 * candidates[0] + 0.3 * candidates[1].astype(float)).astype(np.uint8)
    margins = likeness(mixed, candidates, masks).margins
    assert (margins > 0.1).all()
    assert (margins < 0.9).all()


def test_where_no_face_is_seen_nobody_is_named(reference: Reference) -> None:
    candidates, masks = reference.candidate_views[:, :1], np.zeros((1, 256, 256), np.float32)
    nobody = likeness(candidates[0], candidates, masks)
    assert np.isnan(nobody.margins).all()
    assert np.isnan(nobody.ranks).all()


def test_rank_counts_who_is_closer() -> None:
    assert Likeness(np.array([[0.2, 0.2], [0.1, 0.3], [0.3, 0.4], [0.1, 0.2]])).ranks.tolist() == [3, 1]
