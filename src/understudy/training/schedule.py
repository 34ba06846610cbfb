"""A training as phases: which options each one has, and what ends it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter
from tyro.constructors import PrimitiveConstructorSpec

from understudy.training.duration import Seconds


class Phase(BaseModel):
    """One stretch of a training. It ends with the first of its ends that comes; without any it goes on for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60, description="What the progress line calls it.")
    options: dict[str, JsonValue] = Field(default={}, description="The settings that are different in this phase.")
    iterations: int = Field(default=0, ge=0, description="End after so many iterations of this phase; 0: no such end.")
    time: Seconds = Field(default=0.0, description="End after so much time in this phase; 0: no such end.")
    plateau: int = Field(
        default=0,
        ge=0,
        description="End when so many iterations on average are not 1% better than as many before; 0: no such end.",
    )

    @property
    def ends(self) -> bool:
        """Whether anything ends it."""
        return bool(self.iterations or self.time or self.plateau)


_PLATEAU = 5000


def _by_hand(*, pretrain: bool) -> tuple[Phase, ...]:
    """The steps that the field's guides have people take by hand, each until it no longer pays."""
    warped: list[tuple[str, dict[str, JsonValue]]] = [
        ("warp", {}),
        ("warp, eyes and mouth", {"eyes_mouth_prio": True}),
        ("warp, uniform yaw", {"uniform_yaw": True}),
        ("warp, learning rate dropout", {"lr_dropout": "y"}),
    ]
    still: list[tuple[str, dict[str, JsonValue]]] = [
        ("still", {}),
        ("still, style", {"face_style_power": 0.01}),
        ("still, eyes and mouth", {"eyes_mouth_prio": True}),
        ("still, uniform yaw", {"uniform_yaw": True}),
        ("still, learning rate dropout", {"lr_dropout": "y"}),
    ]
    first = [Phase(name="pretraining", options={"pretrain": True}, plateau=4 * _PLATEAU)] if pretrain else []
    return (
        *first,
        *(Phase(name=name, options={"random_warp": True, **options}, plateau=_PLATEAU) for name, options in warped),
        *(Phase(name=name, options={"random_warp": False, **options}, plateau=_PLATEAU) for name, options in still),
        Phase(name="sharpening", options={"random_warp": False, "gan_power": 0.1}),
    )


SCHEDULES: Mapping[str, tuple[Phase, ...]] = MappingProxyType(
    {
        "none": (),
        "pretrained": _by_hand(pretrain=True),
        "guided": _by_hand(pretrain=False),
        "short": (
            Phase(name="warp", options={"random_warp": True}, plateau=2000),
            Phase(name="still", options={"random_warp": False}),
        ),
    }
)
"""Schedules by name. `pretrained`: the eleven steps of the field's guides; `guided`: the ten without pretraining;
`short`: with the warp until it no longer pays, then without."""


def _named(value: object) -> object:
    """The schedule of that name."""
    if not isinstance(value, str):
        return value
    if value not in SCHEDULES:
        raise ValueError(f"no schedule is called {value!r}: choose one of {', '.join(SCHEDULES)}")
    return SCHEDULES[value]


_PHASES: TypeAdapter[tuple[Phase, ...]] = TypeAdapter(tuple[Phase, ...])


def _from_flag(words: list[str]) -> tuple[Phase, ...]:
    if words[0].startswith("["):
        return _PHASES.validate_python(json.loads(words[0]))
    return _PHASES.validate_python(_named(words[0]))


def _to_flag(phases: tuple[Phase, ...]) -> list[str]:
    names = [name for name, named in SCHEDULES.items() if named == phases]
    return names[:1] or [json.dumps(_PHASES.dump_python(phases, mode="json"))]


def _is_schedule(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(phase, Phase) for phase in value)


_FLAG = PrimitiveConstructorSpec(
    nargs=1, metavar="NAME", instance_from_str=_from_flag, is_instance=_is_schedule, str_from_instance=_to_flag
)
Schedule = Annotated[tuple[Phase, ...], BeforeValidator(_named), Field(max_length=1000), _FLAG]
