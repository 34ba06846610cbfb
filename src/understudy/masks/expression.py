"""Masks combined by a formula, such as `min(learned-prd, learned-dst) - 0.5*hull`."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError

MASK_NAMES = ("learned-prd", "learned-dst", "XSeg-prd", "XSeg-dst", "hull", "dst", "full")
"""learned-prd, learned-dst: the network's masks of the swapped face and of the face that was there; XSeg-prd, XSeg-dst:
what the mask network finds in them; hull, or dst: the hull of the landmarks; full: the whole square."""

MASK_MODES = (
    "full",
    "dst",
    "learned-prd",
    "learned-dst",
    "learned-prd*learned-dst",
    "learned-prd+learned-dst",
    "XSeg-prd",
    "XSeg-dst",
    "XSeg-prd*XSeg-dst",
    "learned-prd*learned-dst*XSeg-prd*XSeg-dst",
)
"""The field's mask modes, in its order; each is a formula as well."""

WEIGHTS = ("a", "b")
"""Numbers in a formula whose values are given aside, so that they can change over time."""

_LONGEST = 500  # characters
_DEEPEST = 20  # parentheses
_FUNCTIONS = ("min", "max")
_NAMES = "|".join(map(re.escape, sorted((*MASK_NAMES, *WEIGHTS, *_FUNCTIONS), key=len, reverse=True)))
_TOKEN = re.compile(rf"\s*(?:(?P<number>\d{{1,9}}(?:\.\d{{1,9}})?)|(?P<name>(?:{_NAMES})(?![\w]))|(?P<mark>[-+*(),]))")

Value = NDArray[Any] | float


@dataclass(frozen=True)
class _Node:
    """A number, the name of a mask or weight, or an operation on parts."""

    what: float | str
    parts: tuple["_Node", ...] = ()


@dataclass(frozen=True)
class MaskExpression:
    """A formula that has been understood.

    Attributes:
        names: the masks and weights in it.
    """

    names: frozenset[str]
    _root: _Node

    def evaluate(self, value_of: Callable[[str], Value], size: int) -> NDArray[np.float32]:
        """The mask (size, size) float32, clipped to 0..1 at the end; `value_of` gives what a name stands for."""
        result: NDArray[np.float32] = np.clip(_evaluate(self._root, value_of), 0.0, 1.0).astype(np.float32, copy=False)
        return result if result.shape else np.full((size, size), result, np.float32)


@functools.lru_cache(maxsize=256)
def parse_mask(text: str) -> MaskExpression:
    """Understand a formula of mask names, numbers, `+`, `-`, `*`, `min(...)`, `max(...)` and parentheses.

    Raises:
        UnderstudyError: it is none; the line says what is wrong, and at which character.
    """
    if len(text) > _LONGEST:
        raise UnderstudyError(f"the mask has {len(text)} characters: {_LONGEST} are the most")
    reader = _Reader(text)
    root = reader.sum()
    reader.finish()
    return MaskExpression(frozenset(_names(root)), root)


class _Reader:
    """Recursive descent over a formula."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._kind, self._word = "", ""
        self._start = 0
        self._advance()

    def sum(self) -> _Node:
        node = self._product()
        while self._word in ("+", "-"):
            sign = self._take()
            node = _Node(sign, (node, self._product()))
        return node

    def finish(self) -> None:
        if self._kind != "end":
            raise self._fault(f"'{self._word}' does not belong here")

    def _product(self) -> _Node:
        node = self._factor()
        while self._word == "*":
            self._take()
            node = _Node("*", (node, self._factor()))
        return node

    def _factor(self) -> _Node:
        if self._kind == "number":
            return _Node(float(self._take()))
        if self._kind == "name":
            name = self._take()
            if name not in _FUNCTIONS:
                return _Node("hull" if name == "dst" else name)
            self._expect("(")
            parts = [self._nested()]
            while self._word == ",":
                self._take()
                parts.append(self._nested())
            self._expect(")")
            return _Node(name, tuple(parts))
        if self._word == "(":
            self._take()
            node = self._nested()
            self._expect(")")
            return node
        raise self._fault("a mask's name or a number is missing")

    def _nested(self) -> _Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._fault(f"more than {_DEEPEST} parentheses inside one another")
        node = self.sum()
        self._depth -= 1
        return node

    def _expect(self, mark: str) -> None:
        if self._word != mark:
            raise self._fault(f"'{mark}' is missing")
        self._take()

    def _take(self) -> str:
        token = self._word
        self._advance()
        return token

    def _advance(self) -> None:
        rest = self._text[self._at :]
        self._start = self._at + len(rest) - len(rest.lstrip())
        if not rest.strip():
            self._kind, self._word = "end", ""
            return
        found = _TOKEN.match(rest)
        if found is None or found.lastgroup is None:
            word = re.match(r"[\w-]+|.", rest.lstrip(), re.DOTALL)
            what = f"'{word[0] if word else ''}' is no mask; there are {', '.join(MASK_NAMES)}, min and max"
            raise self._fault(what)
        self._kind, self._word = found.lastgroup, found[found.lastgroup]
        self._at += found.end()

    def _fault(self, what: str) -> UnderstudyError:
        return UnderstudyError(f"mask '{self._text}', character {self._start + 1}: {what}")


def _names(node: _Node) -> set[str]:
    if node.parts:
        return set().union(*map(_names, node.parts))
    return {node.what} if isinstance(node.what, str) else set()


def _evaluate(node: _Node, value_of: Callable[[str], Value]) -> Value:
    if isinstance(node.what, float):
        return node.what
    parts = [_evaluate(part, value_of) for part in node.parts]
    match node.what:
        case "+":
            return parts[0] + parts[1]
        case "-":
            return parts[0] - parts[1]
        case "*":
            return parts[0] * parts[1]
        case "min":
            return functools.reduce(np.minimum, parts)
        case "max":
            return functools.reduce(np.maximum, parts)
        case name:
            return value_of(name)
