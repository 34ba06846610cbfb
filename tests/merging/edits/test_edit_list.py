import numpy as np
import pytest
from pydantic import ValidationError

from understudy.merging import MergeSettings
from understudy.merging.edits import EditList, Keyframe, Shot
from understudy.merging.edits.edited_settings import EditedSettings
from understudy.merging.edits.setting_fields import keyframe_names, setting_names
from understudy.merging.plan import PlacedFace
from understudy.project import UnderstudyError


def listed(**shot):
    return EditList(
        presets={"close": {"erode": 1, "blur": 1, "face_scale": 1}}, shots=(Shot(first=11, last=20, **shot),)
    )


def test_the_nearer_to_the_frame_wins():
    edits = listed(
        preset="close",
        settings={"blur": 2, "face_scale": 2},
        keyframes={"face_scale": (Keyframe(frame=15, value=3),)},
        persons={"person:1": {"settings": {"face_scale": 4}}},
    )
    assert edits.at(15) == {"erode": 1.0, "blur": 2.0, "face_scale": 3.0}
    assert edits.at(15, "person:1") == {"erode": 1.0, "blur": 2.0, "face_scale": 4.0}
    assert edits.at(15, "person:2") == edits.at(15)
    assert edits.at(10) == edits.at(21) == {}
    assert edits.at(15, fixed={"face_scale", "blur"}) == {"erode": 1.0}


def test_settings_hold_where_the_edit_list_says_nothing():
    base = MergeSettings(erode=7, mode="seamless")
    settings_at = EditedSettings(base, listed(settings={"blur": 3}))
    assert settings_at(9, None) is base
    assert settings_at(10, None) == base.model_copy(update={"blur": 3.0})
    face = PlacedFace("a.jpg", np.zeros((68, 2), np.float32))
    assert settings_at(19, face) == settings_at(10, None)
    assert EditedSettings(base, listed(settings={"blur": 3}), fixed={"blur"})(10, None) == base


def test_a_whole_number_stays_one_between_keyframes():
    keys = (Keyframe(frame=11, value=100), Keyframe(frame=20, value=107))
    edits = listed(keyframes={"hist_match_threshold": keys})
    values = [EditedSettings(MergeSettings(), edits)(index, None).hist_match_threshold for index in range(10, 20)]
    assert (values[0], values[-1]) == (100, 107)
    assert all(isinstance(value, int) for value in values)
    assert values == sorted(values)


def test_what_can_be_keyframed_follows_from_the_settings():
    assert {"erode", "blur", "morph_factor", "hist_match_threshold"} <= set(keyframe_names()) < set(setting_names())
    assert not {"pictures", "batch_size", "smooth"} & set(setting_names())


@pytest.mark.parametrize(
    ("shot", "fault"),
    [
        ({"settings": {"erode": 4000}}, "erode: Input should be less than or equal to 400"),
        ({"settings": {"nose": 1}}, "there is no setting nose"),
        ({"settings": {"masks": True}}, "masks is for the whole merge"),
        ({"settings": {"mode": "paste"}}, "mode"),
        ({"keyframes": {"mode": ({"frame": 12, "value": 1},)}}, "mode is no number"),
        ({"keyframes": {"erode": ({"frame": 12, "value": 999},)}}, "erode"),
        ({"keyframes": {"erode": ({"frame": 9, "value": 1},)}}, "frame 9 lies outside"),
        ({"keyframes": {"erode": ({"frame": 12, "value": float("nan")},)}}, "finite"),
        ({"keyframes": {"erode": ({"frame": 12, "value": 1}, {"frame": 12, "value": 2})}}, "two keyframes at frame 12"),
        ({"preset": "far"}, "preset 'far'"),
        ({"persons": {"person:1": {"settings": {"mode": "raw-predict"}}}}, "raw-predict is for whole frames"),
        ({"persons": {"person:1": {"settings": {"denoise": 50}}}}, "denoise is for whole frames"),
        ({"last": 4}, "ends at frame 4"),
        ({"color": 1}, "Extra inputs"),
    ],
)
def test_what_cannot_be_is_refused(shot, fault):
    with pytest.raises(ValidationError, match=fault):
        EditList(shots=({"first": 11, "last": 20, **shot},))


def test_shots_do_not_overlap():
    with pytest.raises(ValidationError, match="shot 2 begins at frame 20, but shot 1 lasts until frame 20"):
        EditList(shots=(Shot(first=11, last=20), Shot(first=20, last=30)))


def test_the_shot_of_a_frame_is_found():
    shots = [(1, 4), (5, 5), (9, 12)]
    edits = EditList(shots=tuple(Shot(first=first, last=last) for first, last in shots))
    for frame in range(1, 20):
        expected = next((place for place, (first, last) in enumerate(shots) if first <= frame <= last), None)
        assert edits.shot_at(frame) == expected
    assert EditList().shot_at(1) is None


def test_settings_that_do_not_go_together_are_refused_before_a_frame_is_rendered(monkeypatch):
    def refuse(data):
        raise UnderstudyError(f"merge.json, at frame 11: {data['erode']:g} will not do")

    monkeypatch.setattr(MergeSettings, "model_validate", staticmethod(refuse))
    with pytest.raises(UnderstudyError, match="at frame 11"):
        EditedSettings(MergeSettings(), listed(settings={"blur": 3}))
