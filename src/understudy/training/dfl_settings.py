"""DeepFaceLab's training options as this program's settings, and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from understudy.models import Quick96, SwapNetwork
from understudy.models.dfl_options import DEFAULTS, DflKind, Option
from understudy.training.settings import TrainSettings

_RENAMED = {"target_iter": "iterations"}
_HERE_OTHERWISE = frozenset({"adabelief", "models_opt_on_gpu"})
_MISSING = {"pretrain": "it was in pretraining: to go on so, give --pretrain and --pretrain-folder"}


def settings_from_dfl(
    name: str, network: SwapNetwork, options: Mapping[str, Option], kind: DflKind
) -> tuple[TrainSettings, list[str]]:
    """The settings that train `network` as the old program would; and what could not be carried over, a line each."""
    values: dict[str, Any] = {"name": name, "model": network.kind, "network": network.config()}
    if isinstance(network, Quick96):
        values |= {"optimizer": "rmsprop", "learning_rate": 2e-4, "random_scale": 0.05, "unwarped_every": 3}
    else:
        values |= {
            "optimizer": "adabelief" if options.get("adabelief", True) else "rmsprop",
            "learning_rate": 5e-5,
            "random_scale": 0.15,
            "unwarped_every": 0,
            "random_dst_flip": True,
            "batch_size": 8,
        }
    if kind == "AMP":
        values["eyes_mouth_prio"] = True
    notes: list[str] = []
    carried: dict[str, Any] = {}
    for key in DEFAULTS[kind].keys() | {"gan_patch_size"}:
        value = options.get(key)
        if value is None or key in _HERE_OTHERWISE:
            continue
        if isinstance(value, bool) and key == "lr_dropout":
            value = "y" if value else "n"
        ours = _RENAMED.get(key, key)
        if key in _MISSING:
            notes += [_MISSING[key]] * bool(value)
        elif ours in TrainSettings.model_fields:
            carried[ours] = value
        elif value != DEFAULTS[kind].get(key) and key != "gan_patch_size":
            notes.append(f"option {key} ({value}) is not known here")
    while True:
        try:
            return TrainSettings.model_validate({**values, **carried}), notes
        except ValidationError as error:
            refused = {str(part["loc"][0]) for part in error.errors() if part["loc"]} & carried.keys()
            for ours in refused or set(carried):
                notes.append(f"option {ours} ({carried.pop(ours)}) is not possible here: its default is used")
            if not carried:
                return TrainSettings.model_validate(values), notes


def settings_to_dfl(settings: Mapping[str, Any], kind: DflKind) -> dict[str, Option]:
    """The old options that saved settings, as JSON values, come to; those of the network's form are not among them."""
    options: dict[str, Option] = {}
    for key in DEFAULTS[kind].keys() | ({"gan_patch_size"} if "gan_power" in DEFAULTS[kind] else set()):
        value = settings.get(_RENAMED.get(key, key))
        if isinstance(value, bool | int | float | str):
            options[key] = value
    if "adabelief" in DEFAULTS[kind] and "optimizer" in settings:
        options["adabelief"] = settings["optimizer"] != "rmsprop"
    return options
