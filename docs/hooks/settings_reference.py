"""Fills `<!-- settings: module:Class prefix -->` in a page with a table of that settings group's own flags.

Those that it inherits have tables of their own, by the group that they come from.
"""

import importlib
import re
from typing import Any, get_args

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

_PLACE = re.compile(r"<!-- settings: (?P<module>[\w.]+):(?P<group>\w+)(?: (?P<prefix>\w+))? -->")


def on_page_markdown(markdown: str, **_: Any) -> str:
    return _PLACE.sub(_fill, markdown)


def _fill(place: re.Match[str]) -> str:
    prefix = f"{place['prefix']}." if place["prefix"] else ""
    return table(getattr(importlib.import_module(place["module"]), place["group"]), prefix)


def table(group: type[BaseModel], prefix: str = "") -> str:
    rows = ["| flag | values | default | what it does |", "| --- | --- | --- | --- |"]
    inherited = {name for base in group.__bases__ for name in getattr(base, "model_fields", {})}
    own = {name: field for name, field in group.model_fields.items() if name not in inherited}
    rows += [row for name, field in own.items() for row in _rows(prefix + name, field)]
    return "\n".join(rows)


def _rows(name: str, field: FieldInfo) -> list[str]:
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
        return [row for inner in field.annotation.model_fields.items() for row in _rows(*inner)]
    default = field.get_default(call_default_factory=True)  # type: ignore[call-arg]
    place, _, last = name.replace("_", "-").rpartition(".")
    flag = f"--{place}{'.' if place else ''}{'no-' if default is True else ''}{last}"
    shown = {None: "none", True: "on", False: "off"}.get(default, default) if _plain(default) else default
    return [f"| `{flag}` | {_values(field)} | `{shown}` | {field.description or ''} |"]


def _plain(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _leaves(annotation: Any) -> list[Any]:
    inner = get_args(annotation)
    return [leaf for part in inner for leaf in _leaves(part)] if inner else [annotation]


def _values(field: FieldInfo) -> str:
    leaves = _leaves(field.annotation)
    choices = [choice for choice in leaves if isinstance(choice, str | int)]
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    if bool in leaves:
        return "on, off"
    low = next((m.ge for m in field.metadata if isinstance(m, annotated_types.Ge)), None)
    low = low if low is not None else next((m.gt for m in field.metadata if isinstance(m, annotated_types.Gt)), None)
    high = next((m.le for m in field.metadata if isinstance(m, annotated_types.Le)), None)
    if low is None and high is None:
        return "text"
    return f"{'' if low is None else low} … {'' if high is None else high}".strip()
