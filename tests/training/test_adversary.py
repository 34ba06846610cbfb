"""Discriminators learn to tell, by the losses that the field uses."""

import numpy as np
import torch
from torch import nn

from understudy.models.patch_discriminator import PatchDiscriminator
from understudy.training import TrainSettings
from understudy.training.adversary import Adversary, cross_entropy
from understudy.training.hardware import Hardware
from understudy.training.lanes import Lanes

CPU = torch.device("cpu")


def adversary(module: nn.Module, config: tuple[int, ...] = (0,)) -> Adversary:
    settings = TrainSettings(learning_rate=1e-3)
    return Adversary(module, config, settings=settings, hardware=Hardware(CPU, half=False), lanes=Lanes(CPU))


def test_cross_entropy_is_that_of_the_sigmoid() -> None:
    generator = torch.Generator().manual_seed(0)
    maps = (torch.randn(2, 1, 3, 3, generator=generator), 9 * torch.randn(2, 1, 8, 8, generator=generator))
    for real in (True, False):
        expected = np.zeros(2)
        for logits in maps:
            chance = 1 / (1 + np.exp(-logits.double().numpy()))
            expected -= np.log(chance if real else 1 - chance).mean((1, 2, 3))
        torch.testing.assert_close(
            cross_entropy(maps, real=real).double(), torch.from_numpy(expected), rtol=1e-5, atol=0
        )
    # Still a number with a slope where the sigmoid is 0 in float32.
    lost = torch.full((1, 1, 1, 1), -200.0, requires_grad=True)
    loss = cross_entropy((lost,), real=True)
    loss.sum().backward()
    assert loss.item() == 200
    assert lost.grad is not None
    assert lost.grad.item() == -1


class Scale(nn.Module):
    """The simplest discriminator: a line."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.5))
        self.bias = nn.Parameter(torch.tensor(0.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.weight * x + self.bias


def test_its_gradient_is_the_weighted_sum_over_samples_and_reaches_the_network_alone_through_the_fake() -> None:
    module = Scale()
    judge = adversary(module)
    real, fake = torch.tensor([1.0, 2.0]).view(2, 1, 1, 1), torch.tensor([-1.0, 3.0]).view(2, 1, 1, 1).requires_grad_()
    judge.fooled(fake).sum().backward()
    assert module.weight.grad is None
    torch.testing.assert_close(fake.grad, -0.5 * torch.sigmoid(-0.5 * fake.detach()))

    seen: list[torch.Tensor] = []
    module.weight.requires_grad_(True).register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.clone()))
    judge.learn(real, fake.detach(), torch.Generator())
    expected = 0.5 * ((-real * torch.sigmoid(-0.5 * real)).sum() + (fake * torch.sigmoid(0.5 * fake)).sum())
    torch.testing.assert_close(seen[-1], expected.detach())


def test_it_learns_to_tell() -> None:
    torch.manual_seed(0)
    judge = adversary(PatchDiscriminator(resolution=32, patch_size=7, dims=8))
    generator = torch.Generator().manual_seed(0)
    real, fake = torch.rand(4, 3, 32, 32, generator=generator), torch.full((4, 3, 32, 32), 0.5)
    before = judge.fooled(fake).mean() - judge.fooled(real).mean()
    for _ in range(40):
        judge.learn(real, fake, generator)
    assert judge.fooled(fake).mean() - judge.fooled(real).mean() > before + 0.5


def test_another_shape_is_not_taken_up() -> None:
    one = adversary(PatchDiscriminator(resolution=32, patch_size=7, dims=4), (7, 4))
    pictures = torch.rand(2, 3, 32, 32)
    one.learn(pictures, 1 - pictures, torch.Generator())
    same = adversary(PatchDiscriminator(resolution=32, patch_size=7, dims=4), (7, 4))
    assert same.restore(one.tensors())
    assert torch.equal(same.fooled(pictures), one.fooled(pictures))
    other = adversary(PatchDiscriminator(resolution=32, patch_size=9, dims=4), (9, 4))
    assert not other.restore(one.tensors())
    assert not other.restore({})
