"""Times as people write them: 90s, 10m, 1h30m."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field
from tyro.constructors import PrimitiveConstructorSpec

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(value: object) -> object:
    """Seconds from a number or from text such as `90s`, `10m`, `1h30m`, `2d`.

    Raises:
        ValueError: text of another form.
    """
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if not re.fullmatch(r"(\d+(\.\d+)?[smhd])+", text):
        raise ValueError(f"{value!r} is no duration: write 90s, 10m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)([smhd])", text))


def _from_flag(words: list[str]) -> float:
    seconds = parse_duration(words[0])
    if not isinstance(seconds, float):
        raise TypeError(f"{words[0]!r} is no duration")
    return seconds


_FLAG = PrimitiveConstructorSpec(
    nargs=1,
    metavar="TIME",
    instance_from_str=_from_flag,
    is_instance=lambda value: isinstance(value, int | float),
    str_from_instance=lambda seconds: [f"{seconds:g}s"],
)
Seconds = Annotated[float, BeforeValidator(parse_duration), Field(ge=0, allow_inf_nan=False), _FLAG]
