import itertools

import pytest

from understudy.provenance.guard.network import PARTS, Exposure
from understudy.provenance.guard.rules import Level, judge, level_of

_ORDER: tuple[Level, ...] = ("clear", "doubtful", "explicit")


@pytest.mark.parametrize("part", PARTS)
def test_a_higher_score_is_never_less_serious_and_a_sure_one_is_explicit(part: str) -> None:
    levels = [_ORDER.index(level_of(Exposure(part, score / 100, (0, 0, 1, 1)))) for score in range(101)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, 2)


@pytest.mark.parametrize(
    ("levels", "refused", "warned"),
    [
        ([], False, False),
        (["clear"] * 9, False, False),
        (["doubtful"], False, False),
        (["doubtful", "clear", "doubtful"], False, True),
        (["explicit", "clear"], False, True),
        (["explicit", "clear", "explicit"], True, False),
        (["doubtful"] * 9 + ["explicit"] * 2, True, False),
    ],
)
def test_two_explicit_samples_refuse_and_less_warns(levels: list[Level], refused: bool, warned: bool) -> None:
    for order in itertools.islice(itertools.permutations(levels), 20):
        verdict = judge(order)
        assert (verdict.refused, verdict.warned) == (refused, warned)
