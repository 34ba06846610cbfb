"""What is wrong with a faceset before it is trained on: who is in it, how sharp, how well aligned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.identity import Embedder
from understudy.facesets.faceset import Faceset
from understudy.facesets.identity import Person, find_persons

_EXAMPLES = 6
_POOR_FIT = 0.06  # sides of the mean face; that of a head turned further than so many radians is poor in any case
_TURNED = 0.5
_SOFT = 1 / 8  # of the set's median detail
_CUT = 0.2  # of the picture black
_SAMPLE = 400  # faces that stand for a set when it is asked who is in it
_STRANGERS = 0.03  # of the sample: fewer may be one person behind a hand


@dataclass(frozen=True)
class Caution:
    """One thing that is wrong.

    Attributes:
        side: src or dst.
        text: what, and where it can be said so the condition by which to find it.
        examples: names of faces that show it.
    """

    side: str
    text: str
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.side}: {self.text}"


def look_over(side: str, faceset: Faceset, embedder: Embedder | None = None) -> list[Caution]:
    """What is wrong with a set that has faces.

    Args:
        embedder: tells whether several people are in the set; not asked when None.
    """
    found = faceset.columns("residual", "yaw", "detail", "black", "clip", "frame", "face_type")
    soft = float(f"{_SOFT * np.nanmedian(found['detail']):.3g}")  # as it is shown
    poor = (found["residual"] > _POOR_FIT) & (np.abs(found["yaw"]) < _TURNED)
    frames: dict[tuple[str, float], int] = {}
    shared = np.array([frames.setdefault(frame, at) != at for at, frame in enumerate(_frames(found))])
    checks = {
        "have landmarks unlike a face: bad alignments": (poor, f"residual > {_POOR_FIT} and abs(yaw) < {_TURNED}"),
        "are blurred": (found["detail"] < soft, f"detail < {soft}"),
        "are cut by the edge of the frame": (found["black"] > _CUT, f"black > {_CUT}"),
    }
    cautions = [] if embedder is None else _several_people(side, faceset, embedder)
    for what, (hit, where) in checks.items():
        if hit.any():
            text = f'{hit.sum()} faces {what} (--where "{where}")'
            cautions.append(Caution(side, text, _some(faceset, hit)))
    if shared.any():
        text = f"{shared.sum()} faces share their frame with another: several people? (sort --by oneface)"
        cautions.append(Caution(side, text, _some(faceset, shared)))
    if len(kinds := sorted(set(found["face_type"]))) > 1:
        cautions.append(Caution(side, f"faces of several types: {', '.join(kinds)}"))
    return cautions + [Caution(side, f"{name} is damaged: {fault}") for name, fault in faceset.damaged.items()]


def compare_sizes(src: Faceset, dst: Faceset) -> list[Caution]:
    """Whether src is too small for dst."""
    ours, theirs = (float(np.sqrt(np.median(faceset.columns("rect_size")["rect_size"]))) for faceset in (src, dst))
    if ours >= theirs / 1.5:
        return []
    text = f"its faces measure {ours:.0f} pixels in their frames, those of dst {theirs:.0f}: results will be soft"
    return [Caution("src", text)]


def _several_people(side: str, faceset: Faceset, embedder: Embedder) -> list[Caution]:
    """Who else is in the set, from an even sample of it."""
    names = faceset.names
    steps = np.linspace(0, len(names) - 1, min(_SAMPLE, len(names)))
    sample = [names[round(float(step))] for step in steps]
    people = find_persons(faceset, embedder, among=sample)
    others = [person for person in people[1:] if len(person.names) >= max(2, _STRANGERS * len(sample))]
    if not others:
        return []
    share = sum(len(person.names) for person in others) / len(sample)
    text = f"{len(others) + 1} people, it seems: {share:.0%} are not the most frequent one (faceset persons)"
    return [Caution(side, text, _one_of_each([people[0], *others]))]


def _one_of_each(people: Sequence[Person]) -> tuple[str, ...]:
    return tuple(person.examples(3)[-1 if len(person.names) < 3 else 1] for person in people[:_EXAMPLES])


def _some(faceset: Faceset, hit: NDArray[np.bool_]) -> tuple[str, ...]:
    found = np.flatnonzero(hit)
    return tuple(
        faceset.names[at] for at in found[np.linspace(0, len(found) - 1, min(_EXAMPLES, len(found))).astype(int)]
    )


def _frames(found: dict[str, NDArray[Any]]) -> list[tuple[str, float]]:
    return list(zip(found["clip"], found["frame"], strict=True))
