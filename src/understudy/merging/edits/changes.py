"""Changes of an edit list: each takes a list and gives the changed one; the commands and the studio use the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from understudy.merging.edits.edit_list import Choices, EditList, Shot
from understudy.merging.edits.keyframes import Ease, Keyframe
from understudy.project import UnderstudyError
from understudy.project.folder import one_line


def shots_between(cuts: Iterable[int], frame_count: int) -> EditList:
    """A list of shots without settings.

    Args:
        cuts: indices, from 0, of the frames that begin a shot; the first frame begins one in any case.
        frame_count: frames of the footage.
    """
    firsts = sorted({0, *(cut for cut in cuts if 0 < cut < frame_count)})
    stops = [*firsts[1:], frame_count]
    return EditList(shots=tuple(Shot(first=a + 1, last=b) for a, b in zip(firsts, stops, strict=True)))


def found_anew(edits: EditList, cuts: Iterable[int], frame_count: int) -> EditList:
    """Other shots, each with the settings of the one that its first frame was in, and the keyframes that lie in it.

    Args: as `shots_between`.
    """
    shots = []
    for shot in shots_between(cuts, frame_count).shots:
        place = edits.shot_at(shot.first)
        shots.append(shot if place is None else _cut(edits.shots[place], shot.first, shot.last))
    return _checked(edits, shots=shots)


def set_values(
    edits: EditList, shots: Sequence[int], values: Mapping[str, Any], *, person: str | None = None
) -> EditList:
    """Give some shots settings of their own, in all of their frames: keyframes of these settings go.

    Args:
        shots: their numbers, counted from 1.
        values: by name; a value of None takes the shot's own value away.
        person: only for this person's face.

    Raises:
        UnderstudyError: there is no such shot or setting, or a value is not allowed.
    """

    def change(choices: Choices) -> dict[str, Any]:
        settings = {name: value for name, value in {**choices.settings, **values}.items() if value is not None}
        return {"settings": settings, "keyframes": {k: v for k, v in choices.keyframes.items() if k not in values}}

    return _changed(edits, shots, person, change)


def set_preset(edits: EditList, shots: Sequence[int], preset: str | None, *, person: str | None = None) -> EditList:
    """Let some shots start from a preset; None: from the merge's settings.

    Raises:
        UnderstudyError: there is no such shot or preset.
    """
    return _changed(edits, shots, person, lambda _: {"preset": preset})


def define_preset(edits: EditList, name: str, values: Mapping[str, Any] | None) -> EditList:
    """Add a preset, or put new settings in the place of its own; None takes it away.

    Raises:
        UnderstudyError: a setting or a value is not allowed, or a shot still names the preset.
    """
    presets: dict[str, Any] = {key: value for key, value in edits.presets.items() if key != name}
    own = {key: value for key, value in (values or {}).items() if value is not None}
    return _checked(edits, presets=presets if values is None else {**presets, name: own})


def set_key(
    edits: EditList, name: str, frame: int, value: float, *, ease: Ease = "linear", person: str | None = None
) -> EditList:
    """Set a keyframe, or put a new value in the place of the one that the setting has at that frame.

    Raises:
        UnderstudyError: no shot has such a frame, the setting is no number, or the value is not allowed.
    """

    def change(choices: Choices) -> dict[str, Any]:
        others = [key for key in choices.keyframes.get(name, ()) if key.frame != frame]
        key = {"frame": frame, "value": value, "ease": ease}
        return {"keyframes": {**choices.keyframes, name: [*others, key]}}

    return _changed(edits, [_shot_number(edits, frame)], person, change)


def remove_key(edits: EditList, name: str, frame: int, *, person: str | None = None) -> EditList:
    """Take a keyframe away.

    Raises:
        UnderstudyError: the setting has none at that frame.
    """

    def change(choices: Choices) -> dict[str, Any]:
        keys = choices.keyframes.get(name, ())
        left = [key for key in keys if key.frame != frame]
        if len(left) == len(keys):
            raise UnderstudyError(f"{name} has no keyframe at frame {frame}; 'understudy edit show' lists them")
        return {"keyframes": {**choices.keyframes, name: left}}

    return _changed(edits, [_shot_number(edits, frame)], person, change)


def split_shot(edits: EditList, frame: int) -> EditList:
    """Let a new shot begin at a frame, with the settings of the one that it was in.

    Keyframes stay where they are; each part gets one at its inner end, where the value was on its way.

    Raises:
        UnderstudyError: no shot has such a frame, or one begins there already.
    """
    number = _shot_number(edits, frame)
    shot = edits.shots[number - 1]
    if shot.first == frame:
        raise UnderstudyError(f"shot {number} begins at frame {frame} already")
    parts = [_cut(shot, shot.first, frame - 1), _cut(shot, frame, shot.last)]
    return _checked(edits, shots=[*edits.shots[: number - 1], *parts, *edits.shots[number:]])


def join_shots(edits: EditList, number: int) -> EditList:
    """Make one of a shot and the next; it keeps the first one's settings, and the keyframes of both.

    Raises:
        UnderstudyError: there are no two such shots, or they do not meet.
    """
    if not 1 <= number < len(edits.shots):
        raise UnderstudyError(f"there is no shot {number} with one after it; there are {len(edits.shots)}")
    one, other = edits.shots[number - 1 : number + 1]
    if other.first != one.last + 1:
        raise UnderstudyError(f"shot {number} ends at frame {one.last}, and the next begins at {other.first}")
    persons = {
        name: {**_dump(one.persons.get(name, Choices())), "keyframes": _joined_keys(one.persons, other.persons, name)}
        for name in {**one.persons, **other.persons}
    }
    joined = {
        **_dump(one),
        "last": other.last,
        "keyframes": _joined_keys({"": one}, {"": other}, ""),
        "persons": persons,
    }
    return _checked(edits, shots=[*edits.shots[: number - 1], joined, *edits.shots[number + 1 :]])


def parse_value(text: str) -> Any:
    """A setting's value as it is typed: yes and no, numbers, else words."""
    words: dict[str, Any] = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse_numbers(text: str, count: int) -> list[int]:
    """Numbers of shots as they are typed: `3`, `2-5`, `1,4-6`, or `all` of `count`.

    Raises:
        UnderstudyError: it is no such text, or names a shot that there is not.
    """
    numbers: list[int] = []
    for part in ("1-" + str(count) if text == "all" else text).split(","):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not first.strip().isdecimal() or not last.strip().isdecimal():
            raise UnderstudyError(f"'{text}' names no shots: write 3, 2-5, 1,4-6 or all")
        low, high = int(first), int(last)
        if not 1 <= low <= high <= count:
            raise UnderstudyError(f"there is no shot {part}; there are {count}")
        numbers += range(low, high + 1)
    return sorted(set(numbers))


def _changed(
    edits: EditList, numbers: Sequence[int], person: str | None, change: Callable[[Choices], dict[str, Any]]
) -> EditList:
    shots: list[Any] = list(edits.shots)
    for number in numbers:
        if not 1 <= number <= len(shots):
            raise UnderstudyError(f"there is no shot {number}; there are {len(shots)}")
        shot = edits.shots[number - 1]
        if person is None:
            shots[number - 1] = {**_dump(shot), **change(shot)}
        else:
            own = shot.persons.get(person, Choices())
            changed = {**_dump(own), **change(own)}
            shots[number - 1] = {**_dump(shot), "persons": {**shot.persons, person: changed}}
    return _checked(edits, shots=shots)


def _checked(edits: EditList, **changed: Any) -> EditList:
    try:
        return EditList.model_validate({**_dump(edits), **changed})
    except ValidationError as error:
        fault = one_line(error)
        parts = error.errors()[0]["loc"]
        raise UnderstudyError(fault.partition(": ")[2] if len(parts) > 1 else fault) from None


def _dump(model: EditList | Choices) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields}


def _shot_number(edits: EditList, frame: int) -> int:
    place = edits.shot_at(frame)
    if place is None:
        raise UnderstudyError(f"no shot has a frame {frame}; 'understudy edit show' lists the shots")
    return place + 1


def _cut(shot: Shot, first: int, last: int) -> dict[str, Any]:
    persons = {
        name: {**_dump(person), "keyframes": _cut_keys(person, first, last)} for name, person in shot.persons.items()
    }
    return {**_dump(shot), "first": first, "last": last, "keyframes": _cut_keys(shot, first, last), "persons": persons}


def _cut_keys(choices: Choices, first: int, last: int) -> dict[str, Any]:
    """The keyframes within a part, and one at each end beyond which there was another."""
    cut: dict[str, list[Keyframe]] = {}
    for name, keys in choices.keyframes.items():
        inside = [key for key in keys if first <= key.frame <= last]
        for end, has_more in ((first, keys[0].frame < first), (last, keys[-1].frame > last)):
            if has_more and all(key.frame != end for key in inside):
                ease = next((key.ease for key in reversed(keys) if key.frame <= end), "linear")
                value = float(choices.at(end, {choices.preset or "": {}})[name])
                inside.append(Keyframe(frame=end, value=value, ease=ease))
        cut[name] = sorted(inside, key=lambda key: key.frame)
    return cut


def _joined_keys(one: Mapping[str, Choices], other: Mapping[str, Choices], name: str) -> dict[str, Any]:
    mine, others = one.get(name, Choices()).keyframes, other.get(name, Choices()).keyframes
    return {key: [*mine.get(key, ()), *others.get(key, ())] for key in {**mine, **others}}
