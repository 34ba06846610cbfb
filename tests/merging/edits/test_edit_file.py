import json

import pytest

from understudy.merging.edits import EditFile, EditList, Keyframe, Shot, edit_history
from understudy.merging.edits.changes import set_key, set_values, shots_between
from understudy.merging.edits.edit_file import edit_text
from understudy.project import Project, UnderstudyError


@pytest.fixture
def file(tmp_path):
    (tmp_path / "clip").mkdir()
    return EditFile(Project.create(tmp_path / "film", src=[tmp_path / "clip"], dst=[tmp_path / "clip"]))


def full_list():
    return EditList(
        presets={"close": {"mode": "seamless", "erode": 2}},
        shots=(
            Shot(first=1, last=30, preset="close", settings={"blur": 20}),
            Shot(
                first=31,
                last=90,
                keyframes={"erode": (Keyframe(frame=40, value=0, ease="smooth"), Keyframe(frame=60, value=10))},
                persons={"person:1": {"settings": {"face_scale": -3}}},
            ),
        ),
    )


def test_what_was_written_is_read(file):
    assert file.read() is None
    file.begin(full_list())
    assert file.read() == full_list()
    assert edit_text(file.read()) == file.path.read_text()


def test_one_keyframe_is_one_line(file):
    before = edit_text(full_list()).splitlines()
    after = edit_text(set_key(full_list(), "erode", 50, 4.5, ease="hold")).splitlines()
    added = [line for line in after if line not in before]
    assert [line.strip() for line in added] == ['{"frame": 50, "value": 4.5, "ease": "hold"},']
    assert len(after) == len(before) + 1


def test_changes_are_taken_back_and_made_again_across_restarts(file, tmp_path):
    states = [shots_between([10], 30)]
    file.begin(states[0])
    for erode in (1, 2, 3):
        states.append(set_values(states[-1], [2], {"erode": erode}))
        file.change(states[-1], f"erode {erode}")

    def again():
        return EditFile(Project(tmp_path / "film"))

    for place in (2, 1, 0):
        assert again().undo() == f"erode {place + 1}"
        assert again().read() == states[place]
    with pytest.raises(UnderstudyError, match="nothing to undo"):
        again().undo()
    for place in (1, 2, 3):
        assert again().redo() == f"erode {place}"
        assert again().read() == states[place]
    with pytest.raises(UnderstudyError, match="nothing to redo"):
        again().redo()


def test_what_was_edited_by_hand_comes_back_too(file):
    file.begin(shots_between([], 30))
    by_hand = set_values(shots_between([], 30), [1], {"erode": 9})
    file.path.write_text(json.dumps(by_hand.model_dump(mode="json")))
    file.change(set_values(by_hand, [1], {"erode": 10}), "erode 10")
    file.undo()
    assert file.read() == by_hand


def test_a_new_change_ends_what_could_be_made_again_and_the_history_is_bounded(file, monkeypatch):
    monkeypatch.setattr(edit_history, "STEPS", 10)
    file.begin(shots_between([], 30))
    for blur in range(15):
        file.change(set_values(file.read(), [1], {"blur": blur % 90 + 1}), f"blur {blur}")
    file.undo()
    file.change(set_values(file.read(), [1], {"blur": 95}), "blur 95")
    with pytest.raises(UnderstudyError, match="nothing to redo"):
        file.redo()
    for _ in range(10):
        file.undo()
    with pytest.raises(UnderstudyError, match="nothing to undo"):
        file.undo()


def test_a_change_that_changes_nothing_is_no_step(file):
    file.begin(full_list())
    file.change(full_list(), "nothing")
    with pytest.raises(UnderstudyError, match="nothing to undo"):
        file.undo()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"version": 1,\n "shots": [}', r"merge\.json, line 2, column \d+: not valid JSON"),
        ('{"version": 7, "shots": []}', "newer Understudy"),
        ("[" * 100_000, "merge.json"),
        ('{"version": 1, "shots": [{"first": 1, "last": 9}, {"first": 10, "last": 20, "settings": {"erode": 777}}]}',
         r"merge\.json: shot 2, settings: erode"),
        ('{"version": 1, "shots": [{"first": 1, "last": 9, "keyframes": {"erode": [{"frame": 2}]}}]}',
         r"merge\.json: shot 1, keyframes, erode, number 1, value: Field required"),
        ('{"version": 1, "shots": [{"first": 1}]}', r"merge\.json: shot 1, last: Field required"),
        ('{"version": 1, "shot": []}', "shot: Extra inputs"),
        ("7", "merge.json"),
        ('{"version": 1, "shots": [{"first": 1, "last": ' + 5000 * "1" + "}]}", "cannot read .*merge.json"),
    ],
)  # fmt: skip
def test_a_fault_made_by_hand_is_one_line_with_its_place(file, text, fault):
    file.path.write_text(text)
    with pytest.raises(UnderstudyError, match=fault) as raised:
        file.read()
    assert "\n" not in str(raised.value)


def test_a_damaged_history_is_one_line_too(file, tmp_path):
    file.begin(full_list())
    file.change(shots_between([], 30), "start over")
    with (tmp_path / "film" / "merge.history.jsonl").open("a") as history:
        history.write("{}\n")
    with pytest.raises(UnderstudyError, match=r"merge\.history\.jsonl, line 2"):
        file.undo()
    assert file.read() == shots_between([], 30)
