"""How weights begin: Glorot's uniform numbers, or convolution-aware kernels."""

import math

import torch
from torch import Tensor, nn

_NOISE = 0.05


def initialize(module: nn.Module, *, convolution_aware: bool = False) -> None:
    """Give every convolution and dense layer new weights, from torch's global random state, and zero biases.

    Normalisations begin with gains of one and no shift.

    Weights are Glorot-uniform (Glorot and Bengio 2010); those of convolutions are convolution-aware instead where that
    is asked for. Weights on the meta device stay as they are.
    """
    for layer in module.modules():
        if isinstance(layer, nn.GroupNorm):
            layer.reset_parameters()
        if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) or layer.weight.is_meta:
            continue
        if convolution_aware and isinstance(layer, nn.Conv2d):
            fill_convolution_aware(layer.weight)
        else:
            # Drawn where and as the default is, so that a device or a memory format makes no other weights.
            layer.weight.data.copy_(nn.init.xavier_uniform_(torch.empty(layer.weight.shape)))
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


@torch.no_grad()
def fill_convolution_aware(weight: Tensor) -> None:
    """Fill a convolution's weight (out, in, h, w) with kernels that are orthogonal as filters (Aghajanyan 2017).

    The kernels of one output are orthonormal in the frequency domain, as many at a time as the domain has dimensions;
    a little noise is added, and all is scaled to a variance of two by the number of inputs (He et al. 2015).
    """
    outputs, inputs, height, width = weight.shape
    half = width // 2 + 1
    spectra = orthonormal_rows(outputs, inputs, height * half).view(outputs, inputs, height, half)
    kernels = torch.fft.irfft2(spectra.to(torch.complex64), s=(height, width))
    kernels += _NOISE * torch.randn_like(kernels)
    fan_in = inputs * height * width
    weight.copy_(kernels * math.sqrt(2 / fan_in / float(kernels.var(correction=0))))


def orthonormal_rows(sets: int, count: int, size: int) -> Tensor:
    """`count` vectors of `size` numbers, `sets` times; each `size` in succession are orthonormal: (sets, count, size).

    Vectors of one number cannot be, and are small normal draws.
    """
    if size == 1:
        return _NOISE * torch.randn(sets, count, 1)
    matrices = torch.randn(sets, count // size + 1, size, size)
    symmetric = matrices + matrices.mT - torch.diag_embed(matrices.diagonal(dim1=-2, dim2=-1))
    vectors: Tensor = torch.linalg.svd(symmetric).U.mT
    return vectors.reshape(sets, -1, size)[:, :count]
