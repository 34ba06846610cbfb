"""A compiled network computes what it computed before, and what cannot be compiled is refused in one line."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from understudy.models.layers import Down, Res
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import TrainSettings, train
from understudy.training.auto import attempt
from understudy.training.choices import CompileName
from understudy.training.compilation import compile_network
from understudy.training.hardware import Hardware


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(Down(3, 8, cosine=False), Res(8, cosine=False))

    def encode(self, x: Tensor) -> Tensor:
        found: Tensor = self.encoder(x)
        return found


def result_and_gradients(network: Small, device: torch.device) -> list[Tensor]:
    network.zero_grad()
    x = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)).to(device)
    result = network.encode(x)
    result.square().sum().backward()
    return [result.detach().clone(), *(p.grad.clone() for p in network.parameters())]


def equal_when_compiled(how: CompileName, device: torch.device) -> None:
    torch.manual_seed(0)
    network = Small().to(device)
    before = result_and_gradients(network, device)
    compile_network(network, how, device)
    for _ in range(3):  # a graph is recorded first, then replayed
        torch.compiler.cudagraph_mark_step_begin()
        torch.testing.assert_close(result_and_gradients(network, device), before, rtol=1e-4, atol=1e-4)
    compile_network(network, "off", device)
    assert network.encoder._compiled_call_impl is None
    torch.testing.assert_close(result_and_gradients(network, device), before, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_compiling_changes_no_result() -> None:
    equal_when_compiled("on", torch.device("cpu"))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_graphs_change_no_result() -> None:
    equal_when_compiled("graphs", torch.device("cuda"))


def test_graphs_are_refused_elsewhere() -> None:
    with pytest.raises(UnderstudyError, match="no CUDA device: give on or off"):
        compile_network(Small(), "graphs", torch.device("cpu"))


def test_a_missing_compiler_is_one_line() -> None:
    from torch._inductor import config

    with config.patch({"cpp.cxx": ("no-such-compiler",)}), pytest.raises(UnderstudyError, match="a C\\+\\+ compiler"):
        compile_network(Small(), "on", torch.device("cpu"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the compiler is a shell script")
def test_a_broken_compiler_is_left_alone(
    project: Project, tiny: Callable[..., TrainSettings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from torch._inductor import config

    broken = tmp_path / "g++"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "g++ 13"\n')  # says which it is, and compiles nothing
    broken.chmod(0o755)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))

    class Lines(Silent):
        def say(self, line: str) -> None:
            said.append(line)

    said: list[str] = []
    with config.patch({"cpp.cxx": (str(broken),)}):
        assert train(project, tiny(iterations=2, compile="on"), Lines()).iteration == 2
    assert [line for line in said if "cannot be compiled" in line and line.endswith("going on without")] == said
    assert len(said) == 1


def test_a_trial_is_not_compiled(tiny: Callable[..., TrainSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn.Module, "compile", lambda *_, **__: pytest.fail("compiled"))
    assert attempt(tiny(compile="on"), Hardware.choose("cpu", "fp32")) is not None
