"""Mask networks of DeepFaceLab into a project, where merging asks them, and back."""

from pathlib import Path

import torch
from torch import Tensor

from understudy.models import DflModel, XSeg, save_dfl
from understudy.models.dfl_model import GENERATOR, DflFiles, read_dfl
from understudy.models.dfl_moments import Moments, Rule
from understudy.models.dfl_options import plain_options
from understudy.models.latest import checkpoints
from understudy.models.saved_xseg import (
    STATE_NAME,
    load_xseg,
    save_xseg,
    xseg_checkpoints,
    xseg_options,
    xseg_state,
)
from understudy.project import Project, UnderstudyError
from understudy.training.damage import damage_told
from understudy.training.imported import Imported

_RULES: tuple[Rule, ...] = ("rmsprop", "adabelief")


def import_xseg(project: Project, files: DflFiles, *, to: str | None = None) -> Imported:
    """Bring a mask network with its optimizer state, iteration, options and losses into the project.

    Args:
        files: the old model's.
        to: its name in the project; XSeg when None.

    Raises:
        UnderstudyError: damaged files, or a name that is taken.
    """
    target = project.model_folder(to or files.name)
    if checkpoints(target) or xseg_checkpoints(target):
        raise UnderstudyError(f"the project has a model {target.name} already: give --to NAME, or move {target} away")
    model = read_dfl(files)
    if not isinstance(model.network, XSeg):
        raise UnderstudyError(f"{files.stem} is no mask network: import it as a swap model")
    state: dict[str, Tensor] = {}
    if model.losses:
        state["losses"] = torch.tensor([losses[0] for losses in model.losses], dtype=torch.float64)
    if (moments := model.moments.get(GENERATOR)) is not None:
        state[f"{moments.rule}.updates"] = torch.tensor(moments.updates)
        state |= {f"{moments.rule}.{key}": tensor for key, tensor in moments.tensors.items()}
    save_xseg(model.network, target / f"{model.iteration:07d}", options=model.options, state=state)
    return Imported(target, "xseg", model.iteration, model.notes)


def export_xseg(project: Project, name: str, folder: Path) -> tuple[list[Path], list[str]]:
    """Write the newest checkpoint of a mask network as DeepFaceLab's files, which it always calls XSeg.

    Returns:
        The files, and what could not be carried over, a line each.

    Raises:
        UnderstudyError: a damaged checkpoint, or files in the way.
    """
    if (folder / "XSeg_data.dat").exists():
        raise UnderstudyError(f"{folder} holds a mask network already: give another --out")
    newest = xseg_checkpoints(project.model_folder(name))[-1]
    state = xseg_state(newest)
    moments = {}
    with damage_told(f"{newest / STATE_NAME}"):
        losses = [float(loss) for loss in state.pop("losses", torch.empty(0)).flatten().tolist()]
        for rule in _RULES:
            own = {key.removeprefix(f"{rule}."): tensor for key, tensor in state.items() if key.startswith(f"{rule}.")}
            if "updates" in own:
                moments[GENERATOR] = Moments(rule, int(own.pop("updates")), own)
    iteration = int(newest.name)
    notes = [] if moments or not iteration else ["there is no optimizer state: DeepFaceLab starts from none"]
    model = DflModel(
        name="XSeg",
        network=load_xseg(newest),
        iteration=iteration,
        options=plain_options(xseg_options(newest)),
        losses=tuple((loss,) for loss in losses),
        moments=moments,
    )
    return save_dfl(model, folder), notes
