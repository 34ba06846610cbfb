"""What differs from the merge's settings, shot by shot: the content of `merge.json`."""

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator, model_validator

from understudy.merging.edits.keyframes import Keyframe, value_at
from understudy.merging.edits.setting_fields import checked, checked_key, plain
from understudy.merging.settings.plate import PlateSettings

VERSION: Final = 1


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choices(_Strict):
    """Settings for some frames; the later of these wins: preset, settings, keyframes."""

    preset: str | None = Field(default=None, description="Name of a preset that the settings start from.")
    settings: dict[str, Any] = Field(default={}, description="Settings that differ, by name.")
    keyframes: dict[str, tuple[Keyframe, ...]] = Field(default={}, description="Keyframes, by the setting's name.")

    @field_validator("settings")
    @classmethod
    def _known(cls, settings: dict[str, Any]) -> dict[str, Any]:
        return {name: checked(name, value) for name, value in settings.items()}

    @field_serializer("settings")
    def _as_json(self, settings: dict[str, Any]) -> dict[str, Any]:
        return {name: plain(name, value) for name, value in settings.items()}

    @field_validator("keyframes")
    @classmethod
    def _ordered(cls, keyframes: dict[str, tuple[Keyframe, ...]]) -> dict[str, tuple[Keyframe, ...]]:
        ordered = {}
        for name, keys in keyframes.items():
            ordered[name] = tuple(sorted(keys, key=lambda key: key.frame))
            for key in keys:
                checked_key(name, key.value)
            if twice := [one.frame for one, other in pairwise(ordered[name]) if one.frame == other.frame]:
                raise ValueError(f"{name} has two keyframes at frame {twice[0]}")
        return {name: keys for name, keys in ordered.items() if keys}

    def at(self, frame: int, presets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The settings that these choices make at a frame, counted from 1."""
        values = dict(presets[self.preset]) if self.preset is not None else {}
        values |= self.settings
        return values | {name: checked_key(name, value_at(keys, frame)) for name, keys in self.keyframes.items()}


class Shot(Choices):
    """Frames `first` to `last`, counted from 1, both included, and their settings."""

    first: int = Field(ge=1, description="The shot's first frame, counted from 1.")
    last: int = Field(ge=1, description="The shot's last frame.")
    persons: dict[str, Choices] = Field(default={}, description="What is different for one person's face, by name.")

    @field_validator("persons")
    @classmethod
    def _told_apart(cls, persons: dict[str, Choices]) -> dict[str, Choices]:
        return {name: own for name, own in persons.items() if own != Choices()}

    @model_validator(mode="after")
    def _not_backwards(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the shot ends at frame {self.last}, before its first, {self.first}")
        everybody: list[Choices] = [self, *self.persons.values()]
        for choices in everybody:
            for key in (key for keys in choices.keyframes.values() for key in keys):
                if not self.first <= key.frame <= self.last:
                    raise ValueError(f"a keyframe at frame {key.frame} lies outside the shot, {self.first}-{self.last}")
        return self

    @property
    def still(self) -> bool:
        """Whether its settings are the same in all of its frames."""
        return not self.keyframes and not any(person.keyframes for person in self.persons.values())


class EditList(_Strict):
    """Shots in order, with presets that they share."""

    version: Literal[1] = 1
    presets: dict[str, dict[str, Any]] = Field(default={}, description="Settings under a name, for several shots.")
    shots: tuple[Shot, ...] = Field(
        default=(), description="By rising frame; frames in none have the merge's settings."
    )

    @field_validator("presets")
    @classmethod
    def _known(cls, presets: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            preset: {name: checked(name, value) for name, value in settings.items()}
            for preset, settings in presets.items()
        }

    @field_serializer("presets")
    def _as_json(self, presets: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            preset: {name: plain(name, value) for name, value in settings.items()}
            for preset, settings in presets.items()
        }

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for number, (one, other) in enumerate(pairwise(self.shots), 1):
            if other.first <= one.last:
                raise ValueError(
                    f"shot {number + 1} begins at frame {other.first}, but shot {number} lasts until frame {one.last}"
                )
        for number, shot in enumerate(self.shots, 1):
            for name in (shot.preset, *(person.preset for person in shot.persons.values())):
                if name is not None and name not in self.presets:
                    raise ValueError(f"shot {number} names the preset '{name}', which there is none of")
            for person in shot.persons.values():
                for name in self._of_whole_frames(person):
                    raise ValueError(f"shot {number}: {name} is for whole frames, not for one person's face")
        return self

    def _of_whole_frames(self, person: Choices) -> Iterator[str]:
        """What a person's settings say of the frame around the face, which they have no say in."""
        yield from (name for name in PlateSettings.model_fields if name in {**person.settings, **person.keyframes})
        start = {} if person.preset is None else self.presets[person.preset]
        if {**start, **person.settings}.get("mode") == "raw-predict":
            yield "the mode raw-predict"

    def shot_at(self, frame: int) -> int | None:
        """Place in `shots` of the shot that a frame, counted from 1, belongs to; None where it belongs to none."""
        low, high = 0, len(self.shots)
        while low < high:
            middle = (low + high) // 2
            if self.shots[middle].last < frame:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.shots) and self.shots[low].first <= frame else None

    def at(self, frame: int, person: str | None = None, *, fixed: Collection[str] = ()) -> dict[str, Any]:
        """The settings that differ from the merge's at a frame, counted from 1.

        Args:
            person: whose face it is; None: the frame's own, or nobody's known.
            fixed: names of settings that are not to differ.
        """
        place = self.shot_at(frame)
        if place is None:
            return {}
        shot = self.shots[place]
        values = shot.at(frame, self.presets)
        if person is not None and (own := shot.persons.get(person)) is not None:
            values |= own.at(frame, self.presets)
        return {name: value for name, value in values.items() if name not in fixed}
