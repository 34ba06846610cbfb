"""A faceset in order: as a list, or by renaming its files as this field's users expect."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from understudy.facesets.faceset import Faceset
from understudy.facesets.sorting.methods import METHODS, Method, Request
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent

Direction = Literal["natural", "ascending", "descending"]


@dataclass(frozen=True)
class Arrangement:
    """An order of a faceset.

    Attributes:
        names: of the files that stay, first to last.
        dropped: why each other one, and each damaged file, goes to the trash, by name.
    """

    names: list[str]
    dropped: dict[str, str]


def arrange(
    faceset: Faceset,
    by: str,
    *,
    direction: Direction = "natural",
    target: int = 2000,
    progress: Progress | None = None,
) -> Arrangement:
    """The order of a faceset by a method of `METHODS`; no file is touched.

    Args:
        direction: natural: the way the method's description says.
        target: how many the best faces are; other methods keep all.

    Raises:
        UnderstudyError: no such method or direction, or a target below 1.
    """
    method = find_method(by)
    if direction not in get_args(Direction):
        raise UnderstudyError(f"no such direction: {direction}; choose {', '.join(get_args(Direction))}")
    if target < 1:
        raise UnderstudyError(f"{target} best faces: choose at least 1")
    faceset.measure()  # what turns out to be damaged must be known before places are counted
    damaged = {name: f"damaged: {fault}" for name, fault in faceset.damaged.items()}
    if len(faceset) == 0:
        return Arrangement([], damaged)
    arranged = method.run(Request(faceset, target, progress or Silent()))
    names = [faceset.names[at] for at in arranged.order]
    if direction not in ("natural", method.natural):
        names.reverse()
    return Arrangement(names, damaged | {faceset.names[at]: reason for at, reason in arranged.dropped.items()})


def sort_faces(
    faceset: Faceset,
    by: str,
    *,
    direction: Direction = "natural",
    target: int = 2000,
    progress: Progress | None = None,
) -> Arrangement:
    """Bring a faceset into order: what the method drops goes to the trash, the rest is renamed 00000, 00001, ...

    Each face keeps its first name in its metadata. Interrupted, it is completed when the set is opened next.

    Returns:
        The order, by the names that the files had.

    Raises:
        UnderstudyError: as `arrange`, or a file cannot be renamed; all have their old names then.
    """
    order = arrange(faceset, by, direction=direction, target=target, progress=progress)
    apply_order(faceset, order)
    return order


def apply_order(faceset: Faceset, order: Arrangement) -> None:
    """Trash what an order drops, and rename the rest to its places in it; as `sort_faces`."""
    faceset.trash_for(order.dropped)
    faceset.rename(number(order.names))


def number(names: list[str]) -> dict[str, str]:
    """The running number of at least five digits that each file is to be called by, old name to new."""
    width = max(5, len(str(len(names) - 1)))
    return {name: f"{at:0{width}d}{Path(name).suffix}" for at, name in enumerate(names)}


def find_method(name: str) -> Method:
    """The method of that name, or of that name in another program.

    Raises:
        UnderstudyError: there is none.
    """
    for known, method in METHODS.items():
        if name == known or name in method.aliases:
            return method
    raise UnderstudyError(f"no such order: {name}; there are {', '.join(METHODS)}")
