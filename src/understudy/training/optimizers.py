"""The optimizers that a swap network may be trained with."""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.optim import Optimizer

from understudy.training.flat import pieces_of
from understudy.training.lr_dropout import UpdateDropout
from understudy.training.packed_moments import PackedOptimizer

OptimizerName = Literal["adabelief", "rmsprop", "adam"]

_CHUNK = 1 << 17
_STILL = math.nextafter(1, 0)  # decay of a moment that stays as it is; of 1 itself, the kernel would divide by zero
_LONG_AGO = [torch.tensor(1e30)]  # so many steps have no bias left to correct


class ElementwiseOptimizer(Optimizer):
    """An update rule that treats every weight by itself: step -lr n / (sqrt(s) + eps), n and s from its moments.

    Weights that have no gradient keep their values and moments. On a CPU a step may use up the gradients: what they
    hold afterwards means nothing.

    Attributes:
        kinds: names of its moments.
        dropout: holds some of the weights back in each step; None: all move.
    """

    kinds: ClassVar[tuple[str, ...]]
    dropout: UpdateDropout | None = None

    @abstractmethod
    def _advance(
        self, group: Mapping[str, Any], gradients: list[Tensor], *moments: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Bring the moments up to date in place; numerators and squared denominators of the step."""

    @abstractmethod
    def _advance_on_cpu(self, group: Mapping[str, Any], parameter: Tensor, gradient: Tensor, *moments: Tensor) -> None:
        """The whole update of a chunk, in few passes."""

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        if closure is not None:
            raise NotImplementedError("no closure is taken")
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            for p in parameters:
                if not self.state[p]:
                    self.state[p] = {kind: torch.zeros_like(p) for kind in self.kinds}
            moments = ([self.state[p][kind] for p in parameters] for kind in self.kinds)
            tensors = (parameters, [p.grad for p in parameters], *moments)
            # Autograd gives a gradient its parameter's layout; one that a caller set may differ.
            if all(p.device.type == "cpu" and p.grad.stride() == p.stride() for p in parameters):
                for chunk in _chunks(tensors):
                    if self.dropout is None:
                        self._advance_on_cpu(group, *chunk)
                    else:
                        self._update(group, *([part] for part in chunk))
            else:
                self._update(group, *tensors)

    def _update(
        self, group: Mapping[str, Any], parameters: list[Tensor], gradients: list[Tensor], *moments: list[Tensor]
    ) -> None:
        numerators, squares = self._advance(group, gradients, *moments)
        root = torch._foreach_sqrt(squares)  # noqa: SLF001
        torch._foreach_add_(root, group["eps"])
        if self.dropout is not None:
            numerators = list(torch._foreach_mul(numerators, self.dropout.masks(parameters)))  # noqa: SLF001
        torch._foreach_addcdiv_(parameters, numerators, root, -group["lr"])


class AdaBelief(ElementwiseOptimizer):
    """AdaBelief (Zhuang et al. 2020) as the field runs it: no bias correction, epsilon after the root, no weight decay.

    m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) (g - m)^2 with the new m;  step -lr m / (sqrt(v) + eps).
    The first steps are about 3.5 lr, since nothing is bias-corrected.
    """

    kinds = ("m", "v")

    def __init__(
        self, params: Iterable[Tensor], *, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-6
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def _advance(
        self, group: Mapping[str, Any], gradients: list[Tensor], *moments: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        m, v = moments
        b1, b2 = group["betas"]
        torch._foreach_lerp_(m, gradients, 1 - b1)
        difference = torch._foreach_sub(gradients, m)  # noqa: SLF001
        torch._foreach_mul_(v, b2)
        torch._foreach_addcmul_(v, difference, difference, 1 - b2)
        return m, v

    def _advance_on_cpu(self, group: Mapping[str, Any], parameter: Tensor, gradient: Tensor, *moments: Tensor) -> None:
        m, v = moments
        b1, b2 = group["betas"]
        m.lerp_(gradient, 1 - b1)
        # What is left to do is an Adam step whose gradient is g - m, and whose first moment stands still.
        _adam(parameter, gradient.sub_(m), m, v, betas=(_STILL, b2), lr=group["lr"], eps=group["eps"])


class RMSprop(ElementwiseOptimizer):
    """RMSprop (Hinton 2012) as the field runs it: a <- rho a + (1 - rho) g^2;  step -lr g / (sqrt(a) + eps)."""

    kinds = ("a",)

    def __init__(self, params: Iterable[Tensor], *, lr: float, rho: float = 0.9, eps: float = 1e-6) -> None:
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps})

    def _advance(
        self, group: Mapping[str, Any], gradients: list[Tensor], *moments: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        (a,) = moments
        torch._foreach_mul_(a, group["rho"])
        torch._foreach_addcmul_(a, gradients, gradients, 1 - group["rho"])
        return gradients, a

    def _advance_on_cpu(self, group: Mapping[str, Any], parameter: Tensor, gradient: Tensor, *moments: Tensor) -> None:
        (a,) = moments
        # An Adam step whose first moment is the gradient itself.
        _adam(parameter, gradient, gradient, a, betas=(0.0, group["rho"]), lr=group["lr"], eps=group["eps"])


class Adam(torch.optim.Adam):
    """Adam (Kingma and Ba 2015), the library's fused kernel.

    Attributes:
        dropout: holds some of the weights back in each step, for which it keeps a copy of them; None: all move.
    """

    dropout: UpdateDropout | None = None

    def __init__(self, params: Iterable[Tensor], *, lr: float) -> None:
        super().__init__(params, lr=lr, fused=True)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        if self.dropout is None:
            super().step(closure)
            return
        moved = [p for group in self.param_groups for p in group["params"] if p.grad is not None]
        before = [p.clone() for p in moved]
        super().step(closure)
        masks = self.dropout.masks(moved)
        for parameter, old, mask in zip(moved, before, masks, strict=True):
            parameter.copy_(torch.where(mask > 0, parameter, old))


def _adam(
    parameter: Tensor, gradient: Tensor, m: Tensor, v: Tensor, *, betas: tuple[float, float], lr: float, eps: float
) -> None:
    """Adam without bias correction, by the library's kernel: one pass over memory, where single operations take seven.

    A compiled update is no quicker by more than a hundredth of a training step, and needs a compiler.
    """
    torch._fused_adam_(
        [parameter],
        [gradient],
        [m],
        [v],
        [],
        _LONG_AGO,
        lr=lr,
        beta1=betas[0],
        beta2=betas[1],
        weight_decay=0.0,
        eps=eps,
        amsgrad=False,
        maximize=False,
    )


def _chunks(tensors: Iterable[list[Tensor]]) -> Iterator[tuple[Tensor, ...]]:
    """Pieces of parameters, gradients and moments that fit the cache: the update's passes read memory once."""
    for alike in zip(*tensors, strict=True):
        yield from zip(*(pieces_of(tensor, _CHUNK) for tensor in alike), strict=True)


def clip_gradients(parameters: Iterable[Tensor], norm: float = 1.0) -> None:
    """Scale all gradients so that their common L2 norm is at most `norm`."""
    torch.nn.utils.clip_grad_norm_(parameters, norm, foreach=True)


def make_optimizer(
    name: OptimizerName, parameters: Iterable[Tensor], *, lr: float, dropout: UpdateDropout | None = None
) -> Optimizer:
    """The optimizer of that name, in the fastest form that there is."""
    kinds: dict[OptimizerName, type[AdaBelief | RMSprop | Adam]]
    kinds = {"adabelief": AdaBelief, "rmsprop": RMSprop, "adam": Adam}
    made = kinds[name](parameters, lr=lr)
    made.dropout = dropout
    return made


def moments(optimizer: Optimizer | PackedOptimizer, names: Mapping[Tensor, str]) -> dict[str, Tensor]:
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
