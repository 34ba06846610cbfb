import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.evaluation.dataset.split import SPLITS, divide, joined

SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}
groups_of_members = st.lists(st.frozensets(st.integers(0, 12), min_size=1, max_size=3), max_size=20)


@given(groups_of_members)
def test_two_groups_are_one_family_if_and_only_if_members_lead_from_one_to_the_other(groups):
    families = joined(groups)
    for one, family in zip(groups, families, strict=True):
        reached, grown = set(), set(one)
        while reached != grown:
            reached = set(grown)
            grown = reached.union(*(group for group in groups if group & reached))
        assert [other == family for other in families] == [bool(group & reached) for group in groups]
    assert list(dict.fromkeys(families)) == list(range(len(set(families))))


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40), st.integers(0, 9))
def test_every_split_comes_within_one_group_of_its_share(sizes, seed):
    chosen = divide(sizes, [str(n) for n in range(len(sizes))], SHARES, seed=seed)
    for split in SPLITS:
        got = sum(size for size, where in zip(sizes, chosen, strict=True) if where == split)
        assert abs(got - SHARES[split] * sum(sizes)) <= max(sizes)


@pytest.mark.parametrize("seed", range(5))
def test_the_division_does_not_depend_on_the_order_of_the_groups(seed):
    names = [f"project {n}" for n in range(9)]
    there = divide([100] * 9, names, SHARES, seed=seed)
    back = divide([100] * 9, names[::-1], SHARES, seed=seed)
    assert there == back[::-1]
    assert set(there) == set(SPLITS)
