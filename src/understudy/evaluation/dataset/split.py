"""Who is who, and who goes where: no performer is in two parts of a data set."""

import hashlib
from collections.abc import Hashable, Sequence
from typing import Literal, get_args

Split = Literal["train", "val", "test"]

SPLITS: tuple[Split, ...] = get_args(Split)


def joined(groups: Sequence[frozenset[Hashable]]) -> list[int]:
    """For each group the number of its family; groups that share a member, directly or through others, are one family.

    Families are numbered from 0 in the order in which they first appear.
    """
    families: list[tuple[set[Hashable], set[int]]] = []  # members, and numbers of their groups
    for number, group in enumerate(groups):
        touched = [family for family in families if not family[0].isdisjoint(group)]
        families = [family for family in families if family not in touched]
        members = set(group).union(*(family[0] for family in touched))
        families.append((members, {number}.union(*(family[1] for family in touched))))
    result = [0] * len(groups)
    for family, (_, numbers) in enumerate(sorted(families, key=lambda family: min(family[1]))):
        for number in numbers:
            result[number] = family
    return result


def divide(sizes: Sequence[int], names: Sequence[str], shares: dict[Split, float], *, seed: int) -> list[Split]:
    """Spread groups over the splits, the largest first, each to the split that lacks most of its share.

    Args:
        sizes: frames of each group.
        names: what each is called; with `seed` they decide the order of groups of one size.
        shares: of all frames that each split is to have.
    """
    total = sum(sizes)
    missing = {split: shares[split] * total for split in SPLITS}
    chosen: list[Split] = ["train"] * len(sizes)

    def order(number: int) -> tuple[int, str]:
        return -sizes[number], hashlib.sha256(f"{seed}:{names[number]}".encode()).hexdigest()

    for number in sorted(range(len(sizes)), key=order):
        chosen[number] = max(SPLITS, key=missing.__getitem__)
        missing[chosen[number]] -= sizes[number]
    return chosen
