import pytest

from understudy.merging.edits import EditList, Keyframe, Shot
from understudy.merging.edits.changes import (
    define_preset,
    found_anew,
    join_shots,
    parse_numbers,
    parse_value,
    remove_key,
    set_key,
    set_preset,
    set_values,
    shots_between,
    split_shot,
)
from understudy.project import UnderstudyError

EDITS = shots_between([30, 90], 200)


def test_shots_cover_the_footage():
    assert [(shot.first, shot.last) for shot in EDITS.shots] == [(1, 30), (31, 90), (91, 200)]
    assert [(shot.first, shot.last) for shot in shots_between([], 7).shots] == [(1, 7)]


def test_a_setting_is_given_and_taken_away():
    edits = set_values(EDITS, [1, 3], {"erode": 5, "mode": "seamless"})
    own = {"erode": 5.0, "mode": "seamless"}
    assert [shot.settings for shot in edits.shots] == [own, {}, own]
    assert set_values(edits, [1, 3], {"erode": None, "mode": None}) == EDITS


def test_a_setting_takes_the_place_of_its_keyframes():
    edits = set_values(set_key(EDITS, "erode", 40, 3), [2], {"erode": 5})
    assert edits.at(40) == {"erode": 5.0}


def test_a_keyframe_is_set_moved_and_taken_away():
    edits = set_key(set_key(EDITS, "erode", 60, 10), "erode", 40, 2)
    assert [edits.at(frame)["erode"] for frame in (31, 50, 90)] == [2.0, 6.0, 10.0]
    assert set_key(edits, "erode", 60, 4).at(50)["erode"] == 3.0
    assert remove_key(remove_key(edits, "erode", 40), "erode", 60) == EDITS


def test_a_person_has_settings_of_their_own_until_they_are_taken_away():
    edits = set_key(EDITS, "erode", 40, 2, person="person:1")
    assert (edits.at(40), edits.at(40, "person:1")) == ({}, {"erode": 2.0})
    assert remove_key(edits, "erode", 40, person="person:1") == EDITS


def test_a_preset_serves_several_shots():
    edits = set_preset(define_preset(EDITS, "close", {"erode": 3}), [1, 2], "close")
    assert [edits.at(frame) for frame in (1, 31, 91)] == [{"erode": 3.0}, {"erode": 3.0}, {}]
    assert define_preset(edits, "close", {"erode": 4}).at(31) == {"erode": 4.0}
    with pytest.raises(UnderstudyError, match="preset 'close'"):
        define_preset(edits, "close", None)
    assert define_preset(set_preset(edits, [1, 2], None), "close", None) == EDITS


@pytest.mark.parametrize("ease", ["hold", "linear"])
def test_splitting_and_joining_change_no_frame(ease):
    edits = set_values(EDITS, [2], {"blur": 20})
    for frame, value in ((40, 0), (60, 10), (80, 4)):
        edits = set_key(edits, "erode", frame, value, ease=ease)
    before = [edits.at(frame) for frame in range(1, 201)]
    for frame in (35, 40, 50, 60, 75, 85):
        parts = split_shot(edits, frame)
        assert [part.first for part in parts.shots] == [1, 31, frame, 91]
        for others in (parts, join_shots(parts, 2)):
            assert all(others.at(n + 1) == pytest.approx(values) for n, values in enumerate(before))


def test_shots_found_anew_keep_what_was_set():
    edits = set_key(set_values(EDITS, [2], {"blur": 20}), "erode", 50, 3)
    anew = found_anew(edits, [30, 60, 90, 150], 200)
    assert [(shot.first, shot.last) for shot in anew.shots] == [(1, 30), (31, 60), (61, 90), (91, 150), (151, 200)]
    assert all(anew.at(frame) == edits.at(frame) for frame in range(1, 201))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda: set_values(EDITS, [4], {"erode": 1}), "no shot 4; there are 3"),
        (lambda: set_values(EDITS, [1], {"erode": 401}), "^erode: "),
        (lambda: set_key(EDITS, "erode", 201, 1), "no shot has a frame 201"),
        (lambda: set_key(EDITS, "mask", 20, 1), "mask is no number"),
        (lambda: remove_key(EDITS, "erode", 20), "no keyframe at frame 20"),
        (lambda: split_shot(EDITS, 31), "begins at frame 31 already"),
        (lambda: join_shots(EDITS, 3), "no shot 3 with one after it"),
        (lambda: join_shots(EditList(shots=(Shot(first=1, last=2), Shot(first=5, last=6))), 1), "begins at 5"),
        (lambda: set_preset(EDITS, [1], "far"), "preset 'far'"),
        (lambda: define_preset(EDITS, "far", {"nose": 1}), "no setting nose"),
    ],
)
def test_what_cannot_be_is_one_line(change, fault):
    with pytest.raises(UnderstudyError, match=fault):
        change()


def test_numbers_and_values_as_they_are_typed():
    assert parse_numbers("1,4-6, 5", 9) == [1, 4, 5, 6]
    assert parse_numbers("all", 3) == [1, 2, 3]
    for text in ("0", "3-2", "10", "x", "1-", ""):
        with pytest.raises(UnderstudyError):
            parse_numbers(text, 9)
    assert [parse_value(text) for text in ("3", "-2.5", "yes", "False", "seamless")] == [
        3,
        -2.5,
        True,
        False,
        "seamless",
    ]


def test_keyframes_stay_in_order():
    keys = {"erode": (Keyframe(frame=20, value=2), Keyframe(frame=10, value=1))}
    assert [key.frame for key in Shot(first=1, last=30, keyframes=keys).keyframes["erode"]] == [10, 20]
