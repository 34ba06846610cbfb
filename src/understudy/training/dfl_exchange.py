"""Models of DeepFaceLab into a project, where merging and training go on from them, and back."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from understudy.models import CodeDiscriminator, DflModel, PatchDiscriminator, SwapNetwork, save_dfl
from understudy.models.dfl_model import GAN, GENERATOR, TRUE_FACE, choose_dfl, read_dfl
from understudy.models.dfl_moments import Moments, Rule
from understudy.models.dfl_options import dfl_kind
from understudy.models.latest import checkpoints
from understudy.models.saved_xseg import xseg_checkpoints
from understudy.project import Project, UnderstudyError
from understudy.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from understudy.training.damage import damage_told
from understudy.training.dfl_settings import settings_from_dfl, settings_to_dfl
from understudy.training.history import LossHistory, read_losses
from understudy.training.imported import Imported
from understudy.training.xseg_exchange import export_xseg, import_xseg

_PREFIXES = {GENERATOR: "", GAN: "gan.", TRUE_FACE: "true_face."}
"""How the training's state calls the network's and the discriminators' tensors."""

_RULES: tuple[Rule, ...] = ("adabelief", "rmsprop")
_CURVE_LINES = 2000
_LARGEST = 1 << 14  # of the numbers that decide a discriminator's shape


def import_dfl(project: Project, folder: Path, *, name: str | None = None, to: str | None = None) -> Imported:
    """Bring a model with its optimizer state, iteration, options and losses into the project, as a checkpoint.

    Args:
        folder: with the model's `.npy` and `.dat` files.
        name: of the model; may be left out where there is only one.
        to: its name in the project; the same when None.

    Raises:
        UnderstudyError: no such model, damaged files, or a name that is taken.
    """
    files = choose_dfl(folder, name)
    if files.kind == "XSeg":
        return import_xseg(project, files, to=to)
    target = project.model_folder(to or files.name)
    if checkpoints(target) or xseg_checkpoints(target):
        raise UnderstudyError(f"the project has a model {target.name} already: give --to NAME, or move {target} away")
    model = read_dfl(files)
    network = cast(SwapNetwork, model.network)
    settings, notes = settings_from_dfl(target.name, network, model.options, files.kind)
    tensors: dict[str, Tensor] = {"random": torch.Generator().manual_seed(settings.seed).get_state()}
    tensors |= {f"order.{side}": torch.empty(0, dtype=torch.int64) for side in ("src", "dst")}
    for part, discriminator in model.discriminators.items():
        weights = {f"{_PREFIXES[part]}weights.{key}": tensor for key, tensor in discriminator.state_dict().items()}
        tensors |= {f"{_PREFIXES[part]}config": torch.tensor(_config(discriminator, model)), **weights}
    for part, moments in model.moments.items():
        prefix = f"{_PREFIXES[part]}{moments.rule}."
        tensors[f"{prefix}updates"] = torch.tensor(moments.updates)
        tensors |= {f"{prefix}{key}": tensor for key, tensor in moments.tensors.items()}
    losses = [(entry[0], entry[1]) for entry in model.losses if len(entry) == 2]
    state = TrainingState(
        iteration=model.iteration,
        seconds=0.0,
        settings=settings.model_dump(mode="json"),
        losses=losses[-1] if losses else (math.nan, math.nan),
        tensors=tensors,
    )
    save_checkpoint(target, network, state)
    _write_curve(target / "loss.csv", losses, model.iteration)
    return Imported(target, network.kind, model.iteration, (*model.notes, *notes))


def export_dfl(project: Project, name: str, folder: Path, *, to: str | None = None) -> tuple[list[Path], list[str]]:
    """Write the newest checkpoint of the project's model `name` as DeepFaceLab's files into `folder`.

    Returns:
        The files, and what could not be carried over, a line each.

    Raises:
        UnderstudyError: no such model, one of a kind that DeepFaceLab does not have, or files in the way.
    """
    notes: list[str] = []
    source = project.model_folder(name)
    if xseg_checkpoints(source):
        if to is not None:
            raise UnderstudyError("DeepFaceLab calls every mask network XSeg: leave out --to")
        return export_xseg(project, name, folder)
    saved = load_checkpoint(source, notes.append) if source.is_dir() else None
    if saved is None:
        raise UnderstudyError(f"{source} holds no trained model: run 'understudy train' first")
    network, state = saved
    kind = dfl_kind(network)
    stem = f"{to or name}_{kind}"
    if (folder / f"{stem}_data.dat").exists():
        raise UnderstudyError(f"{folder} holds a model {stem} already: give another --out or --to")
    with damage_told(f"the saved training state of {name}"):
        discriminators = _discriminators(network, state.tensors)
        moments = {
            part: found
            for part in (GENERATOR, *discriminators)
            if (found := _moments(state.tensors, _PREFIXES[part])) is not None
        }
    if GENERATOR not in moments and state.iteration:
        notes.append("there is no optimizer state that DeepFaceLab knows: it starts from none")
    losses = tuple((src, dst) for _, src, dst, _ in read_losses(source / "loss.csv"))
    model = DflModel(
        name=to or name,
        network=network,
        iteration=state.iteration,
        options=settings_to_dfl(state.settings, kind),
        losses=losses or (state.losses,),
        discriminators=discriminators,
        moments=moments,
    )
    return save_dfl(model, folder), notes


def _config(discriminator: nn.Module, model: DflModel) -> list[int]:
    """The numbers that decide a discriminator's shape, as the training's state keeps them."""
    if isinstance(discriminator, PatchDiscriminator):
        return [discriminator.patch_size, discriminator.in_conv.out_channels]
    shape = cast(SwapNetwork, model.network).true_face_shape
    return list(shape[:2]) if shape is not None else []


def _discriminators(
    network: SwapNetwork, tensors: Mapping[str, Tensor]
) -> dict[str, PatchDiscriminator | CodeDiscriminator]:
    found: dict[str, PatchDiscriminator | CodeDiscriminator] = {}
    for part in (GAN, TRUE_FACE):
        prefix = _PREFIXES[part]
        config = tensors.get(f"{prefix}config")
        if config is None:
            continue
        first, second = config.tolist()
        if not all(isinstance(number, int) and 0 < number <= _LARGEST for number in (first, second)):
            raise ValueError(f"{prefix}config is {first}, {second}")
        with torch.device("meta"):  # until it is known that there are weights of that size
            made: PatchDiscriminator | CodeDiscriminator = (
                PatchDiscriminator(resolution=network.resolution, patch_size=first, dims=second)
                if part == GAN
                else CodeDiscriminator(channels=first, side=second)
            )
        weights = {key: tensors[f"{prefix}weights.{key}"].float() for key in made.state_dict()}
        made.load_state_dict(weights, assign=True)
        found[part] = made
    return found


def _moments(tensors: Mapping[str, Tensor], prefix: str) -> Moments | None:
    """The moments under a prefix, if they are of an optimizer that the old program has."""
    for rule in _RULES:
        start = f"{prefix}{rule}."
        own = {key.removeprefix(start): tensor for key, tensor in tensors.items() if key.startswith(start)}
        if "updates" in own:
            return Moments(rule, int(own.pop("updates")), own)
    return None


def _write_curve(path: Path, losses: list[tuple[float, float]], iteration: int) -> None:
    """The loss curve in blocks of iterations, as a training writes it; the last loss is of the last iteration."""
    history = LossHistory(path, iteration=0)
    block = max(1, math.ceil(len(losses) / _CURVE_LINES))
    first = max(0, iteration - len(losses))
    for start in range(0, len(losses), block):
        part = losses[start : start + block]
        src, dst = (sum(values) / len(part) for values in zip(*part, strict=True))
        history.append(first + start + len(part), src, dst, 0.0)
