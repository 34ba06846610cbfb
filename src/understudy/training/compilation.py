"""A network whose layers are compiled into fused kernels."""

import sys

import torch
from torch import nn

from understudy.project import UnderstudyError
from understudy.training.choices import CompileName


def compile_network(network: nn.Module, how: CompileName, device: torch.device) -> None:
    """Let the network's parts be compiled when they are first called, or let them be as they were.

    A part is a submodule that is called as a whole: an encoder, an inter, a branch of a decoder.

    Raises:
        UnderstudyError: as `check_compilation`.
    """
    check_compilation(how, device)
    for part in _parts(network):
        part._compiled_call_impl = None  # noqa: SLF001  # what compile() sets
        if how != "off":
            part.compile(dynamic=False, mode="reduce-overhead" if how == "graphs" else None)


def check_compilation(how: CompileName, device: torch.device) -> None:
    """Whether networks can be compiled so.

    Raises:
        UnderstudyError: CUDA graphs are asked for on another device, or there is no compiler.
    """
    if how == "graphs" and device.type != "cuda":
        raise UnderstudyError("--compile graphs replays CUDA graphs, and this is no CUDA device: give on or off")
    if how == "off":
        return
    from torch._inductor.cpp_builder import get_cpp_compiler  # not above: a second that only compiling should cost
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler as error:
        raise UnderstudyError("--compile needs a C++ compiler: install one (g++), or leave it off") from error


def compiling_failed(error: BaseException) -> bool:
    """Whether `error` comes from the compiler, and not from what it has compiled."""
    exceptions = sys.modules.get("torch._dynamo.exc")  # has been imported by whoever raises one
    return exceptions is not None and isinstance(error, exceptions.TorchDynamoException)


def _parts(module: nn.Module) -> list[nn.Module]:
    """The outermost submodules that can be called."""
    found = []
    for child in module.children():
        callable_itself = type(child).forward is not nn.Module.forward
        found += [child] if callable_itself else _parts(child)
    return found
