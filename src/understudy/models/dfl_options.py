"""The options that DeepFaceLab keeps beside its weights, and the networks that they describe."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from torch import nn

from understudy.faces.face import FaceType
from understudy.models.amp import AMP
from understudy.models.archi import Archi
from understudy.models.quick96 import Quick96
from understudy.models.saehd import SAEHD
from understudy.models.xseg import XSeg
from understudy.project.errors import UnderstudyError
from understudy.project.inert_pickle import InertArray

DflKind = Literal["SAEHD", "AMP", "Quick96", "XSeg"]
Option = bool | int | float | str

FACE_TYPES: Mapping[str, FaceType] = MappingProxyType(
    {"h": "half", "mf": "mid", "f": "full", "wf": "whole_face", "head": "head"}
)

_COMMON: Mapping[str, Option] = MappingProxyType(
    {
        "autobackup_hour": 0,
        "write_preview_history": False,
        "target_iter": 0,
        "random_src_flip": False,
        "random_dst_flip": True,
        "batch_size": 8,
        "models_opt_on_gpu": True,
        "uniform_yaw": False,
        "blur_out_mask": False,
        "lr_dropout": "n",
        "random_warp": True,
        "ct_mode": "none",
        "clipgrad": False,
        "gan_power": 0.0,
        "gan_dims": 16,
    }
)
_SAEHD: Mapping[str, Option] = MappingProxyType(
    {
        **_COMMON,
        "masked_training": True,
        "eyes_mouth_prio": False,
        "adabelief": True,
        "random_hsv_power": 0.0,
        "true_face_power": 0.0,
        "face_style_power": 0.0,
        "bg_style_power": 0.0,
        "pretrain": False,
    }
)
DEFAULTS: Mapping[DflKind, Mapping[str, Option]] = MappingProxyType(
    {
        "SAEHD": _SAEHD,
        "AMP": _COMMON,
        "Quick96": {},
        "XSeg": {"face_type": "wf", "batch_size": 4, "pretrain": False},
    }
)
"""What the old program takes for options that its file lacks, those of the network's form aside."""

_OLD_ARCHIS = {"dfuhd": "df-u", "liaeuhd": "liae-u"}
_SIZES = ("resolution", "ae_dims", "e_dims", "d_dims", "d_mask_dims")


def plain_options(found: Any) -> dict[str, Option]:
    """Numbers, switches and text of an options dict that may hold anything."""
    if not isinstance(found, dict):
        return {}
    options = {}
    for key, value in found.items():
        if isinstance(value, InertArray) and value.value is not None and value.value.ndim == 0:
            value = value.value.item()
        if isinstance(key, str) and isinstance(value, bool | int | float | str):
            options[key] = value
    return options


def described_network(kind: DflKind, options: Mapping[str, Option]) -> SAEHD | AMP | XSeg:
    """The network that options speak of, newly initialised.

    Raises:
        UnderstudyError: an option is missing or outside of its bounds.
    """
    if kind == "Quick96":
        return Quick96()
    if kind == "XSeg":
        return XSeg()
    try:
        face_type = FACE_TYPES[str(options["face_type"])]
        sizes: dict[str, Any] = {name: _whole(options[name]) for name in _SIZES}
        if kind == "AMP":
            morph = float(options["morph_factor"])
            return AMP(**sizes, inter_dims=_whole(options["inter_dims"]), face_type=face_type, morph_factor=morph)
        archi = str(options["archi"])
    except KeyError as error:
        raise UnderstudyError(
            f"the old model's options have no usable {error.args[0]!r}: its data file is damaged"
        ) from None
    except (ValueError, OverflowError) as error:
        raise UnderstudyError(f"the old model's options are damaged ({error})") from None
    return SAEHD(**sizes, archi=_archi(archi), face_type=face_type)


def network_options(network: nn.Module) -> dict[str, Option]:
    """The old program's options that describe a network's form.

    Raises:
        UnderstudyError: the old program has no such network.
    """
    if isinstance(network, Quick96 | XSeg):
        return {}
    if not isinstance(network, SAEHD | AMP):
        raise UnderstudyError(f"DeepFaceLab has no network like {type(network).__name__}: it cannot be exported")
    config = network.config()
    short = {ours: theirs for theirs, ours in FACE_TYPES.items()}
    form = {name: value for name, value in config.items() if name in (*_SIZES, "inter_dims", "archi", "morph_factor")}
    return {**form, "face_type": short[network.face_type]}


def dfl_kind(network: nn.Module) -> DflKind:
    """The old program's class of a network.

    Raises:
        UnderstudyError: it has none.
    """
    kinds: dict[type[nn.Module], DflKind] = {SAEHD: "SAEHD", AMP: "AMP", Quick96: "Quick96", XSeg: "XSeg"}
    try:
        return kinds[type(network)]
    except KeyError:
        raise UnderstudyError(
            f"DeepFaceLab has no network like {type(network).__name__}: it cannot be exported"
        ) from None


def _archi(text: str) -> str:
    archi = _OLD_ARCHIS.get(text, text)
    if archi.partition("-")[0] in ("dfhd", "liaehd"):
        raise UnderstudyError(f"the old model is a {text}, whose weights no version since June 2020 reads")
    Archi.parse(archi)
    return archi


def _whole(value: Option) -> int:
    if isinstance(value, bool | str) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(f"{value!r} is no whole number")
    return int(value)
