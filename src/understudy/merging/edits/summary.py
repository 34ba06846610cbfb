"""An edit list in a few lines for people."""

from collections.abc import Iterator

from understudy.merging.edits.edit_list import Choices, EditList


def summary(edits: EditList) -> str:
    """A line for each shot and preset, and one for each keyframed setting."""
    lines = [f"preset {name}: {_values(values)}" for name, values in edits.presets.items()]
    for number, shot in enumerate(edits.shots, 1):
        lines.append(f"{number:>4}  frames {shot.first}-{shot.last}{_choices(shot)}")
        lines += _keys(shot)
        for name, person in shot.persons.items():
            lines.append(f"      {name}{_choices(person)}")
            lines += _keys(person)
    return "\n".join(lines)


def _choices(choices: Choices) -> str:
    preset = "" if choices.preset is None else f"  preset {choices.preset}"
    return preset + (f"  {_values(choices.settings)}" if choices.settings else "")


def _keys(choices: Choices) -> Iterator[str]:
    for name, keys in choices.keyframes.items():
        yield f"      {name}: " + ", ".join(f"{key.value:g} at {key.frame} ({key.ease})" for key in keys)


def _values(values: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
