"""Times as people write them."""

import re
from fractions import Fraction

from understudy.project.errors import UnderstudyError

_TIMECODE = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,4}):)?([0-9]{1,9}(?:\.[0-9]{1,9})?)")


def parse_time(text: str) -> Fraction:
    """Seconds of `83.5`, `1:23.5` or `00:01:23.500`.

    Raises:
        UnderstudyError: it is no time.
    """
    found = _TIMECODE.fullmatch(text.strip())
    if found is None:
        raise UnderstudyError(f"'{text}' is no time: write seconds (83.5) or hours, minutes and seconds (00:01:23.500)")
    hours, minutes, seconds = found.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def show_time(seconds: Fraction) -> str:
    """`00:01:23.500`."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
