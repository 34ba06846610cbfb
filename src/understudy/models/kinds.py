"""The kinds of swap network: the built-in ones and those that other packages bring."""

import functools
import inspect
from collections.abc import Mapping
from importlib.metadata import entry_points

from understudy.models.swap_network import SwapNetwork
from understudy.project.errors import UnderstudyError

ENTRY_POINT_GROUP = "understudy.models"


@functools.cache
def model_class(kind: str) -> type[SwapNetwork]:
    """The network class of a kind.

    Raises:
        UnderstudyError: no installed package has this kind, or its class cannot be loaded.
    """
    found = entry_points(group=ENTRY_POINT_GROUP)
    if kind not in found.names:
        raise UnderstudyError(f"unknown model kind {kind!r}: choose one of {', '.join(sorted(found.names))}")
    try:
        loaded = found[kind].load()
    except Exception as error:  # whatever a foreign package raises on import
        raise UnderstudyError(f"model kind {kind!r} cannot be loaded: {error}") from error
    if not (isinstance(loaded, type) and issubclass(loaded, SwapNetwork)):
        raise UnderstudyError(f"model kind {kind!r} is not a SwapNetwork: mend the package that registers it")
    return loaded


def create_model(kind: str, config: Mapping[str, object] | None = None) -> SwapNetwork:
    """A freshly initialised network; draws from torch's global random state.

    Args:
        kind: name of the kind, such as `saehd`.
        config: its constructor's arguments; those left out keep their defaults.

    Raises:
        UnderstudyError: unknown kind, unknown argument or a value outside of its bounds.
    """
    made = model_class(kind)
    known = inspect.signature(made).parameters
    takes_any = any(one.kind is one.VAR_KEYWORD for one in known.values())
    if not takes_any and (unknown := sorted((config or {}).keys() - known.keys())):
        raise UnderstudyError(
            f"model kind {kind!r} does not take these options: {', '.join(unknown)}; "
            "leave them out, or choose another --preset"
        )
    try:
        return made(**(config or {}))
    except TypeError as error:
        raise UnderstudyError(f"model kind {kind!r} does not take these options: {error}") from error
