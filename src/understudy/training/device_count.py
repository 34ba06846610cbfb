"""On how many devices a network is trained, as people write it: 2, or all."""

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field
from tyro.constructors import PrimitiveConstructorSpec

from understudy.project.errors import UnderstudyError

if TYPE_CHECKING:
    import torch

_MOST = 64
_ALL = ("all", "auto")


def parse_devices(value: object) -> object:
    """0 from `all` or `auto`, a number from text.

    Raises:
        ValueError: other text.
    """
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word not in _ALL and not word.isdecimal():
        raise ValueError(f"{value!r} is no number of devices: give 1, 2, ... or all")
    return 0 if word in _ALL else int(word)


def _from_flag(words: list[str]) -> int:
    return int(parse_devices(words[0]))  # type: ignore[call-overload, no-any-return]


_FLAG = PrimitiveConstructorSpec(
    nargs=1,
    metavar="{1,2,...,all}",
    instance_from_str=_from_flag,
    is_instance=lambda value: isinstance(value, int),
    str_from_instance=lambda count: [str(count or _ALL[0])],
)
Devices = Annotated[int, BeforeValidator(parse_devices), Field(ge=0, le=_MOST), _FLAG]
"""A number of devices; 0: all GPUs of the host."""


def count_devices(wanted: int, device: "torch.device") -> int:
    """How many of the host's devices are to be trained on.

    Args:
        wanted: 0: all GPUs; a CPU counts as one device, but any number of processes may share it.
        device: of the kind that is trained on.

    Raises:
        UnderstudyError: there are not so many GPUs.
    """
    if device.type != "cuda":
        return wanted or 1
    import torch  # not above: settings are read without it

    there = torch.cuda.device_count()
    if wanted > there:
        plural = "GPU" if there == 1 else "GPUs"
        raise UnderstudyError(f"--devices {wanted}: this host has {there} {plural}; give a smaller number, or all")
    return wanted or there
