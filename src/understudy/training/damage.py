"""Saved tensors that are not what they should be, however that came about."""

from collections.abc import Iterator
from contextlib import contextmanager

from understudy.project.errors import UnderstudyError


@contextmanager
def damage_told(what: str) -> Iterator[None]:
    """Within, whatever tensors of a file lead to is told as damage of `what`, in one line.

    Names, shapes and numbers in such a file can be anything; what is built from them says best what it cannot take.

    Raises:
        UnderstudyError: the tensors lead to an error.
    """
    try:
        yield
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        line = next(iter(str(error).splitlines()), type(error).__name__)
        raise UnderstudyError(
            f"{what} does not fit its weights ({line}): go back a checkpoint, or restore it from a backup"
        ) from error
