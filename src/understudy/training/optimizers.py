"""The optimizers that a swap network may be trained with."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

import torch
from torch import Tensor
from torch.optim import Optimizer

_CHUNK = 1 << 17


class AdaBelief(Optimizer):
    """AdaBelief (Zhuang et al. 2020) as the field runs it: no bias correction, epsilon after the root, no weight decay.

    m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) (g - m)^2 with the new m;  step -lr m / (sqrt(v) + eps).
    The first steps are about 3.5 lr, since nothing is bias-corrected.
    """

    def __init__(
        self, params: Iterable[Tensor], *, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-6
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        if closure is not None:
            raise NotImplementedError("AdaBelief takes no closure")
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            for p in parameters:
                if not self.state[p]:
                    self.state[p] = {"m": torch.zeros_like(p), "v": torch.zeros_like(p)}
            m, v = ([self.state[p][kind] for p in parameters] for kind in ("m", "v"))
            tensors = (parameters, [p.grad for p in parameters], m, v)
            options = {"lr": group["lr"], "betas": group["betas"], "eps": group["eps"]}
            # Autograd gives a gradient its parameter's layout; one that a caller set may differ.
            if all(p.device.type == "cpu" and p.grad.stride() == p.stride() for p in parameters):
                for chunk in zip(*map(_chunks, tensors), strict=True):
                    _update(*([part] for part in chunk), **options)
            else:
                _update(*tensors, **options)


def _update(
    parameters: list[Tensor],
    gradients: list[Tensor],
    m: list[Tensor],
    v: list[Tensor],
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
) -> None:
    b1, b2 = betas
    torch._foreach_lerp_(m, gradients, 1 - b1)
    difference = torch._foreach_sub(gradients, m)  # noqa: SLF001
    torch._foreach_mul_(v, b2)
    torch._foreach_addcmul_(v, difference, difference, 1 - b2)
    root = torch._foreach_sqrt(v)  # noqa: SLF001
    torch._foreach_add_(root, eps)
    torch._foreach_addcdiv_(parameters, m, root, -lr)


def _chunks(tensors: list[Tensor]) -> Iterator[Tensor]:
    """Flat views that fit the processor's cache, so that the update's seven passes read memory once."""
    for tensor in tensors:
        # In the order of memory, whatever the layout; all four tensors of a parameter have the same one.
        yield from torch.split(tensor.as_strided((tensor.numel(),), (1,)), _CHUNK)


def clip_gradients(parameters: Iterable[Tensor], norm: float = 1.0) -> None:
    """Scale all gradients so that their common L2 norm is at most `norm`."""
    torch.nn.utils.clip_grad_norm_(parameters, norm, foreach=True)


def make_optimizer(name: Literal["adabelief", "adam"], parameters: Iterable[Tensor], *, lr: float) -> Optimizer:
    """The optimizer of that name, in the fastest form that there is."""
    if name == "adam":
        return torch.optim.Adam(parameters, lr=lr, fused=True)
    return AdaBelief(parameters, lr=lr)


def moments(optimizer: Optimizer, names: Mapping[Tensor, str]) -> dict[str, Tensor]:
    """The optimizer's state as `<kind>.<parameter>` to tensor, such as `m.encoder.layers.0.conv.weight`."""
    return {
        f"{kind}.{names[parameter]}": tensor
        for parameter, state in optimizer.state.items()
        for kind, tensor in state.items()
    }


def restore_moments(optimizer: Optimizer, names: Mapping[Tensor, str], tensors: Mapping[str, Tensor]) -> None:
    """Take up the state that `moments` of an equal optimizer gave; other parameters' are passed over.

    Raises:
        RuntimeError: a moment has another shape than its parameter.
    """
    optimizer.state.clear()
    own = {names[parameter]: parameter for group in optimizer.param_groups for parameter in group["params"]}
    for key, tensor in tensors.items():
        kind, _, name = key.partition(".")
        if name in own:
            if tensor.ndim and tensor.shape != own[name].shape:
                raise RuntimeError(f"{key} has shape {tuple(tensor.shape)}")
            # A moment gets the memory format of its parameter: fused loops walk both alike. Counters have no shape.
            moment = torch.empty_like(own[name] if tensor.ndim else tensor, requires_grad=False)
            optimizer.state[own[name]][kind] = moment.copy_(tensor)
