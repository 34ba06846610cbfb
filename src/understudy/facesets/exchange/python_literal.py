"""Reads a Python literal, as `str()` writes dicts of plain values, without compiling it."""

import ast
import re
from typing import Any

MAX_CHARACTERS = 8 << 20
_MAX_DEPTH = 32
_BYTE = r"""[^\\\n\x80-\U0010ffff{quote}]|\\[\\'"nrt]|\\x[0-9a-f]{{2}}"""
_CHARACTER = r"""[^\\\n{quote}]|\\[\\'"nrt]|\\x[0-9a-f]{{2}}|\\u[0-9a-f]{{4}}|\\U[0-9a-f]{{8}}"""
_STRINGS = "|".join(
    f"{prefix}{quote}(?:{character.format(quote=quote)})*+{quote}"
    for prefix, character in (("b", _BYTE), ("", _CHARACTER))
    for quote in "'\""
)
_TOKEN = re.compile(
    rf"\s*(?:(?P<open>[\[({{])|(?P<close>[\])}}])|(?P<comma>,)|(?P<colon>:)|(?P<word>True|False|None)|(?P<text>{_STRINGS})"
    r"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:inf|nan)))"
)
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_WORDS = {"True": True, "False": False, "None": None}


def read_literal(text: str) -> Any:
    """None, booleans, numbers, text, bytes, and lists, tuples and dicts of them.

    Raises:
        ValueError: anything else, or nesting deeper than 32.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError("the literal is too long")
    value, end = _value(text, *_next(text, 0), depth=0)
    if text[end:].strip():
        raise ValueError("more than one literal")
    return value


def _next(text: str, at: int) -> tuple[str, str, int]:
    """Kind and text of the token at `at`, and where it ends."""
    found = _TOKEN.match(text, at)
    if found is None or found.lastgroup is None:
        raise ValueError(f"no literal at character {at}")
    return found.lastgroup, found[found.lastgroup], found.end()


def _value(text: str, kind: str, token: str, at: int, *, depth: int) -> tuple[Any, int]:
    match kind:
        case "word":
            return _WORDS[token], at
        case "number":
            if re.fullmatch(r"[-+]?\d{1,300}", token):
                return int(token), at
            return float(token), at
        case "text":
            try:
                return ast.literal_eval(token), at  # one flat string
            except SyntaxError as error:
                raise ValueError(f"no string before character {at}") from error
        case "open" if depth < _MAX_DEPTH:
            return _container(text, token, at, depth=depth + 1)
    raise ValueError(f"no literal before character {at}")


def _container(text: str, opening: str, at: int, *, depth: int) -> tuple[Any, int]:
    items: list[Any] = []
    keys: list[Any] = []
    trailing = False
    while True:
        kind, token, at = _next(text, at)
        if kind == "close":
            break
        if items and not trailing:
            raise ValueError(f"a comma is missing before character {at}")
        item, at = _value(text, kind, token, at, depth=depth)
        if opening == "{":
            kind, _, at = _next(text, at)
            if kind != "colon" or not isinstance(item, str | int | float | bytes):
                raise ValueError(f"no entry of a dict before character {at}")
            keys.append(item)
            item, at = _value(text, *_next(text, at), depth=depth)
        items.append(item)
        after, _, end = _next(text, at)
        trailing = after == "comma"
        at = end if trailing else at
    if token != _CLOSING[opening]:
        raise ValueError(f"brackets do not match before character {at}")
    if opening == "{":
        return dict(zip(keys, items, strict=True)), at
    if opening == "[":
        return items, at
    return (items[0] if len(items) == 1 and not trailing else tuple(items)), at
