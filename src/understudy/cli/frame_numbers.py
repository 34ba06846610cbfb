"""Frames as they are named on the command line: counted from 1, the last one included."""

import re

from understudy.project import UnderstudyError

_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def frame_range(text: str) -> range:
    """The indices of `100-250`, or of `100` alone.

    Raises:
        UnderstudyError: it is no such text.
    """
    found = _RANGE.fullmatch(text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last:
        raise UnderstudyError(f"--frames {text}: write the first and the last frame, counted from 1, as in 100-250")
    return range(first - 1, last)
