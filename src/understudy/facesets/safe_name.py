"""Names out of foreign files that must not lead anywhere."""

import re
from typing import Any

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


def safe_name(name: Any) -> str:
    """`name`, if it names a file or folder right here on every system.

    Raises:
        ValueError: it does not.
    """
    if (
        not isinstance(name, str)
        or not 1 <= len(name) <= 200
        or _UNSAFE.search(name)
        or name[0] == "."
        or name[-1] in ". "
    ):
        raise ValueError(f"{ascii(name[:60]) if isinstance(name, str) else 'something'} is no plain file name")
    return name
