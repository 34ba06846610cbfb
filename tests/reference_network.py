"""The reference networks of the interchange specification: weights computed from their names, a sine as input."""

import zlib
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from understudy.models import AMP, SAEHD
from understudy.models.dfl_layout import from_dfl, to_dfl
from understudy.models.dfl_pickle import load_dfl_arrays
from understudy.models.dfl_places import weight_places

Network = TypeVar("Network", bound=nn.Module)


def reference_array(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A weight that depends on nothing but its name and shape, in the old files' axis order."""
    with np.errstate(over="ignore"):
        h = (np.arange(int(np.prod(shape)), dtype=np.uint32) + np.uint32(zlib.crc32(name.encode()))) * np.uint32(
            2654435761
        )
        h ^= h >> np.uint32(16)
        h *= np.uint32(2246822519)
        h ^= h >> np.uint32(13)
    u = 2 * h.astype(np.float64) / 2**32 - 1
    values = 0.1 * u if len(shape) == 1 else u * np.sqrt(3 / np.prod(shape[:-1]))
    return values.reshape(shape).astype(np.float32)


def fill_with_reference(model: nn.Module, scope: str = "") -> None:
    """Give `model` the reference weights; `scope` is the old program's name of a network that is a file of its own."""
    arrays = {
        network: {key: reference_array(f"{scope or network}/{key}", array.shape) for key, array in keys.items()}
        for network, keys in to_dfl(model).items()
    }
    from_dfl(model, arrays)


def reference_model(archi: str, resolution: int = 64) -> SAEHD:
    model = SAEHD(resolution=resolution, archi=archi, ae_dims=16, e_dims=8, d_dims=8, d_mask_dims=4)
    fill_with_reference(model)
    return model


def reference_amp() -> AMP:
    model = AMP(resolution=64, ae_dims=16, inter_dims=32, e_dims=8, d_dims=8, d_mask_dims=4)
    fill_with_reference(model)
    return model


def reference_images(resolution: int = 64, samples: range = range(2), channels: int = 3) -> Tensor:
    """(B, 3, S, S) in the reference's BGR order."""
    n, c, y, x = np.meshgrid(list(samples), range(channels), range(resolution), range(resolution), indexing="ij")
    return torch.from_numpy((0.5 + 0.5 * np.sin(0.1 * x + 0.2 * y + 0.3 * c + 0.5 * n)).astype(np.float32))


def load_old_model(folder: Path, archi: str) -> SAEHD:
    model = SAEHD(resolution=64, archi=archi, ae_dims=32, e_dims=16, d_dims=16, d_mask_dims=16, face_type="whole_face")
    return _filled_from(folder, "SAEHD", model)


def load_old_amp(folder: Path) -> AMP:
    model = AMP(resolution=64, ae_dims=32, inter_dims=64, e_dims=16, d_dims=16, d_mask_dims=16)
    return _filled_from(folder, "AMP", model)


def _filled_from(folder: Path, kind: str, model: Network) -> Network:
    networks = dict.fromkeys(place.network for place in weight_places(model))
    from_dfl(model, {name: load_dfl_arrays(folder / f"{folder.name}_{kind}_{name}.npy") for name in networks})
    return model.eval()


def as_nchw_rgb(array: np.ndarray) -> Tensor:
    channels = array[..., ::-1] if array.shape[-1] == 3 else array
    return torch.from_numpy(channels.transpose(0, 3, 1, 2).copy())


def fingerprint(tensor: Tensor) -> Tensor:
    """Mean, population standard deviation, first four and last three values: what the specification prints."""
    flat = tensor.double().flatten()
    return torch.cat([torch.stack([flat.mean(), flat.std(correction=0)]), flat[:4], flat[-3:]])
