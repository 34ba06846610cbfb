"""Names that a room exports without loading what they need until they are asked for (PEP 562).

The networks' library takes longer to load than most commands take, and help needs none of it.
"""

import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any


def late(room: str, homes: Mapping[str, Collection[str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a room.

    Args:
        room: its `__name__`.
        homes: files of the room, and the names that each defines. No name is a file's, which would hide it.
    """
    files = {name: file for file, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name not in files:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        found = getattr(import_module(f"{room}.{files[name]}"), name)
        setattr(sys.modules[room], name, found)
        return found

    return load
