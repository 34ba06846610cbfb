"""A compiled network computes what it computed before, and what cannot be compiled is refused in one line."""

import pytest
import torch
from torch import Tensor, nn

from understudy.models.layers import Down, Res
from understudy.project import UnderstudyError
from understudy.training.choices import CompileName
from understudy.training.compilation import compile_network


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
