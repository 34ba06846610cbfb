import pytest

from understudy.merging.partition import LONGEST, divide, runs


@pytest.mark.parametrize(("count", "cuts"), [(1, []), (LONGEST, []), (LONGEST + 1, []), (1000, [7, 300, 301, 999])])
def test_parts_cover_the_footage_and_cross_no_cut(count, cuts):
    parts = divide(count, cuts)
    assert [index for part in parts for index in part] == list(range(count))
    assert max(map(len, parts)) <= LONGEST
    assert {0, *cuts} <= {part.start for part in parts}


def test_a_range_shares_its_inner_parts_with_the_whole():
    whole, some = divide(1000, [300]), divide(1000, [300], within=range(100, 710))
    assert [index for part in some for index in part] == list(range(100, 710))
    assert set(some[1:-1]) <= set(whole)


def test_a_moved_cut_leaves_the_parts_of_other_shots():
    before, after = divide(1000, [300, 600]), divide(1000, [300, 610])
    assert [part for part in before if part.stop <= 300] == [part for part in after if part.stop <= 300]


def test_missing_parts_that_touch_are_one_run():
    parts = [range(n, n + 1) for n in range(6)]
    assert list(runs(parts, {parts[n] for n in (0, 1, 4)})) == [parts[0:2], [parts[4]]]
    assert list(runs(parts, parts)) == [parts]
    assert list(runs(parts, ())) == []
