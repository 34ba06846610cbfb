"""Which settings can differ from shot to shot, which can be keyframed, and what values they take."""

from functools import lru_cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from understudy.merging.settings import MergeSettings
from understudy.merging.settings.output import OutputSettings
from understudy.merging.settings.steadying import SteadyingSettings

WHOLE_MERGE = frozenset({*OutputSettings.model_fields, *SteadyingSettings.model_fields, "batch_size", "precision"})
"""Settings that one merge has one of: what is written, over how much time it is steadied, and how it is computed."""


def setting_names() -> tuple[str, ...]:
    """The settings that a shot can have its own of."""
    return tuple(name for name in MergeSettings.model_fields if name not in WHOLE_MERGE)


def keyframe_names() -> tuple[str, ...]:
    """Those of them that are numbers, and can be keyframed."""
    return tuple(name for name in setting_names() if MergeSettings.model_fields[name].annotation in (int, float))


def checked(name: str, value: Any) -> Any:
    """The value as the settings hold it.

    Raises:
        ValueError: there is no such setting, it is one of the whole merge, or the value is not allowed.
    """
    if name in WHOLE_MERGE:
        raise ValueError(f"{name} is for the whole merge: set it in understudy.toml, or as a flag of 'merge'")
    if name not in MergeSettings.model_fields:
        raise ValueError(f"there is no setting {name}; there are {', '.join(setting_names())}")
    try:
        return _adapter(name).validate_python(value)
    except ValidationError as error:
        raise ValueError(f"{name}: {error.errors()[0]['msg']}") from None


def checked_key(name: str, value: float) -> float | int:
    """A keyframe's value as the setting takes it, whole where the setting is a whole number.

    Raises:
        ValueError: the setting is no number, or as `checked`.
    """
    if name in MergeSettings.model_fields and name not in WHOLE_MERGE and name not in keyframe_names():
        raise ValueError(f"{name} is no number, and cannot be keyframed; give it to a shot instead")
    is_whole = name in MergeSettings.model_fields and MergeSettings.model_fields[name].annotation is int
    found: float | int = checked(name, round(value) if is_whole else value)
    return found


def plain(name: str, value: Any) -> Any:
    """A setting's value as JSON has it."""
    return _adapter(name).dump_python(value, mode="json")


@lru_cache(maxsize=256)
def _adapter(name: str) -> TypeAdapter[Any]:
    field = MergeSettings.model_fields[name]
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(kind)
