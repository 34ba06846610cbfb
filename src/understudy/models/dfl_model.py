"""A model of DeepFaceLab as it lies in a folder: networks, options, optimizer state and the iteration."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from understudy.models.amp import AMP
from understudy.models.code_discriminator import CodeDiscriminator
from understudy.models.dfl_layout import from_dfl, to_dfl
from understudy.models.dfl_moments import Moments, moments_from_dfl, moments_to_dfl
from understudy.models.dfl_options import (
    DEFAULTS,
    DflKind,
    Option,
    described_network,
    dfl_kind,
    network_options,
    plain_options,
)
from understudy.models.dfl_pickle import MAX_BYTES, load_dfl_arrays
from understudy.models.dfl_places import weight_places
from understudy.models.initialization import initialize
from understudy.models.patch_discriminator import PatchDiscriminator
from understudy.models.saehd import SAEHD
from understudy.models.swap_network import SwapNetwork
from understudy.models.xseg import XSeg
from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError
from understudy.project.inert_pickle import load_inert_file
from understudy.project.plain_pickle import dump_plain

GENERATOR, GAN, TRUE_FACE = "src_dst", "GAN", "D_code"
"""The optimizers, as the files name them: of the swap network, and of the two discriminators."""

_MAX_DATA_BYTES = 1 << 30
_DATA = re.compile(r"(?:(?P<name>.+)_(?P<kind>SAEHD|AMP|Quick96)|XSeg)_data\.dat", re.DOTALL)


@dataclass(frozen=True)
class DflFiles:
    """Where a model's files are.

    Attributes:
        folder: the folder of models.
        name: what its user calls it.
        kind: the old program's class.
    """

    folder: Path
    name: str
    kind: DflKind

    @property
    def stem(self) -> str:
        """What all of its files begin with."""
        return "XSeg" if self.kind == "XSeg" else f"{self.name}_{self.kind}"

    def path(self, part: str) -> Path:
        return self.folder / f"{self.stem}_{part}"


@dataclass(frozen=True, eq=False)
class DflModel:
    """All that the files of one model say.

    Attributes:
        name: what its user calls it.
        network: the network, in evaluation mode; a SAEHD, AMP, Quick96 or XSeg.
        iteration: iterations done.
        options: numbers, switches and text by the old names.
        losses: src and dst loss of the iterations, the oldest first; XSeg has one loss.
        discriminators: those that there are, by `GAN` and `D_code`.
        moments: of the network by `src_dst`, and of the discriminators.
        notes: what was missing and had to be made anew, a line each.
    """

    name: str
    network: SwapNetwork | XSeg
    iteration: int = 0
    options: Mapping[str, Option] = field(default_factory=dict)
    losses: tuple[tuple[float, ...], ...] = ()
    discriminators: Mapping[str, PatchDiscriminator | CodeDiscriminator] = field(default_factory=dict)
    moments: Mapping[str, Moments] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def find_dfl(folder: Path) -> list[DflFiles]:
    """The models in a folder, by name.

    Raises:
        UnderstudyError: the folder cannot be read.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise UnderstudyError(f"cannot read {folder}: {error.strerror or error}") from error
    found = [match for name in names if (match := _DATA.fullmatch(name))]
    return [DflFiles(folder, match["name"] or "XSeg", cast(DflKind, match["kind"] or "XSeg")) for match in found]


def choose_dfl(folder: Path, name: str | None = None) -> DflFiles:
    """The model of that name; with its class added, as in `new_SAEHD`, where two classes have one.

    Raises:
        UnderstudyError: there is none, or more than one.
    """
    found = find_dfl(folder)
    stems = ", ".join(files.stem for files in found)
    if not found:
        raise UnderstudyError(f"{folder} holds no DeepFaceLab model: there is no file whose name ends in _data.dat")
    chosen = [files for files in found if name is None or name in (files.name, files.stem)]
    if len(chosen) != 1:
        which = "several models" if name is None else f"{len(chosen) or 'no'} models of the name '{name}'"
        raise UnderstudyError(f"{folder} holds {which}: give one of {stems}")
    return chosen[0]


def load_dfl(folder: Path | str, *, name: str | None = None) -> SwapNetwork | XSeg:
    """The network of a DeepFaceLab model, in evaluation mode: an `XSeg` or one that has `swap`.

    Args:
        folder: with the model's `.npy` and `.dat` files.
        name: of the model; may be left out where there is only one.

    Raises:
        UnderstudyError: no such model, or files that are damaged or do not belong together.
    """
    return read_dfl(choose_dfl(Path(folder), name)).network


def read_dfl(files: DflFiles) -> DflModel:
    """Read a model. A network whose file is missing starts from new weights, as in the old program, and is noted.

    No file is trusted: pickles are read as data, and what options ask for is compared with what the weight files hold
    before memory of that size is taken.

    Raises:
        UnderstudyError: files that are damaged or do not belong together.
    """
    data = load_inert_file(files.path("data.dat"), most=_MAX_DATA_BYTES, what="a DeepFaceLab data file")
    if not isinstance(data, dict):
        raise UnderstudyError(f"{files.path('data.dat')} is not a DeepFaceLab data file, or is damaged")
    options = plain_options(data.get("options"))
    iteration = plain_options(data).get("iter", 0)
    if isinstance(iteration, bool) or not isinstance(iteration, int) or not 0 <= iteration < 2**53:
        raise UnderstudyError(f"{files.path('data.dat')} has no usable count of iterations")
    with torch.device("meta"):
        network = described_network(files.kind, options)
        discriminators = dict(_discriminators(files, network, options))
    notes = _fill(files, network)
    for made in discriminators.values():
        _fill(files, made)
    moments = {}
    for optimizer, module in {GENERATOR: network, **discriminators}.items():
        part = "256_opt" if files.kind == "XSeg" else f"{optimizer}_opt"
        path = files.path(f"{part}.npy")
        if path.is_file():
            moments[optimizer], missing = moments_from_dfl(module, load_dfl_arrays(path), _scopes(files.kind))
            if missing:
                notes.append(f"{path.name} lacks moments of {missing} weights: they start from zero")
    return DflModel(
        files.name,
        network.eval(),
        iteration,
        options,
        tuple(_losses(data.get("loss_history"))),
        discriminators,
        moments,
        tuple(notes),
    )


def save_dfl(model: DflModel, folder: Path | str) -> list[Path]:
    """Write a model's files so that DeepFaceLab goes on from it; returns them, the data file last.

    Each file appears whole or not at all; files that are there already are replaced.

    Raises:
        UnderstudyError: the old program has no such network, or a file cannot be written.
    """
    kind = dfl_kind(model.network)
    files = DflFiles(Path(folder), model.name, kind)
    if kind != "XSeg" and (not model.name or any(mark in model.name for mark in "/\\\0:")):
        raise UnderstudyError(f"'{model.name}' cannot name a model: use letters, digits, spaces, '-' and '_'")
    contents: dict[str, dict[str, Any]] = {
        f"{part}.npy": dict(arrays) for part, arrays in to_dfl(model.network).items()
    }
    for made in model.discriminators.values():
        contents |= {f"{part}.npy": dict(arrays) for part, arrays in to_dfl(made).items()}
    modules: dict[str, nn.Module] = {GENERATOR: model.network, **model.discriminators}
    for optimizer, moments in model.moments.items():
        part = "256_opt" if kind == "XSeg" else f"{optimizer}_opt"
        contents[f"{part}.npy"] = moments_to_dfl(modules[optimizer], moments, _scopes(kind))
    form = network_options(model.network)
    defaults: dict[str, Option] = {**DEFAULTS[kind]}
    if "resolution" in form:
        defaults["gan_patch_size"] = int(form["resolution"]) // 8
    data = {
        "iter": model.iteration,
        "options": {**defaults, **model.options, **form},
        "loss_history": [list(losses) for losses in model.losses],
        "sample_for_preview": None,
        "choosed_gpu_indexes": None,
    }
    files.folder.mkdir(parents=True, exist_ok=True)
    for part, content in {**contents, "data.dat": data}.items():
        write_bytes(files.path(part), dump_plain(content, protocol=4))
    return [files.path(part) for part in (*contents, "data.dat")]


def _fill(files: DflFiles, network: nn.Module) -> list[str]:
    """Give the network, which is on the meta device, the weights of the files; a note for each that is missing."""
    places = weight_places(network)
    parts = list(dict.fromkeys(place.network for place in places))
    absent = [part for part in parts if not files.path(f"{part}.npy").is_file()]
    if absent == parts:
        raise UnderstudyError(f"{files.folder} holds no weights of {files.stem}: no {files.stem}_{parts[0]}.npy")
    state = network.state_dict()
    missing = [place.parameter for place in places if place.network in absent]
    if 4 * sum(state[name].numel() for name in missing) > MAX_BYTES:
        raise UnderstudyError(f"{files.stem}_{absent[0]}.npy is missing, and its options ask for over 4 GiB of it")
    for name in dict.fromkeys(name.partition(".")[0] for name in missing):
        module = network.get_submodule(name)
        initialize(module.to_empty(device="cpu"))
    arrays = {part: load_dfl_arrays(files.path(f"{part}.npy")) for part in parts if part not in absent}
    from_dfl(network, arrays, keep=absent)
    return [f"{files.stem}_{part}.npy is missing: this network starts from new weights" for part in absent]


def _discriminators(
    files: DflFiles, network: nn.Module, options: Mapping[str, Option]
) -> Iterator[tuple[str, PatchDiscriminator | CodeDiscriminator]]:
    """The discriminators whose files there are, by their optimizers."""
    if files.path("GAN.npy").is_file() and isinstance(network, SAEHD | AMP):
        default = network.resolution // 8
        patch, dims = options.get("gan_patch_size", default), options.get("gan_dims", 16)
        if not (isinstance(patch, int) and isinstance(dims, int) and 3 <= patch <= 640 and 4 <= dims <= 512):
            raise UnderstudyError(f"{files.path('data.dat')} has no usable gan_patch_size and gan_dims")
        yield GAN, PatchDiscriminator(resolution=network.resolution, patch_size=patch, dims=dims)
    if files.path("code_discriminator.npy").is_file() and isinstance(network, SAEHD) and network.true_face_shape:
        channels, side, _ = network.true_face_shape
        yield TRUE_FACE, CodeDiscriminator(channels=channels, side=side)


def _scopes(kind: DflKind) -> dict[str, str]:
    """How optimizer files call networks that they call otherwise than weight files."""
    return {"code_discriminator": "dis", "GAN": "GAN" if kind == "AMP" else "D_src", "256": "XSeg"}


def _losses(history: Any) -> Iterator[tuple[float, ...]]:
    for entry in history if isinstance(history, list) else ():
        if isinstance(entry, list) and 1 <= len(entry) <= 2 and all(isinstance(loss, float) for loss in entry):
            yield tuple(entry)
