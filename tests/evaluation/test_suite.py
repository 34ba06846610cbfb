import math

import pytest

from understudy.evaluation.suite import SUITE, cases
from understudy.project import UnderstudyError


def test_cases_that_share_a_trait_share_it_exactly() -> None:
    src, same = SUITE["same"].src.identity(), SUITE["same"].dst.identity()
    assert same.traits == src.traits
    assert same.measures["tone"] == src.measures["tone"]
    assert same.measures["hair_melanin"] != src.measures["hair_melanin"]
    assert SUITE["shape"].dst.identity().traits != src.traits
    tone = SUITE["tone"].dst.identity()
    assert tone.traits == src.traits
    assert tone.measures["tone"] > src.measures["tone"] + 0.4


def test_light_is_all_that_light_changes() -> None:
    light, shape = SUITE["light"], SUITE["shape"]
    assert (light.src, light.dst, light.src_take) == (shape.src, shape.dst, shape.src_take)
    assert light.dst_take.performance(5).frames == shape.dst_take.performance(5).frames
    assert light.dst_take.scene.lighting != shape.dst_take.scene.lighting


def test_yaw_goes_where_src_does_not() -> None:
    case = SUITE["yaw"]
    filmed = [abs(frame.pose.yaw) for frame in case.src_take.performance(96)]
    wanted = [abs(frame.pose.yaw) for frame in case.dst_take.performance(case.dst_frames)]
    assert math.degrees(max(filmed)) < 50
    assert math.degrees(max(wanted)) > 65


def test_gaze_is_what_src_never_shows() -> None:
    case = SUITE["gaze"]
    assert all(frame.strength("gaze_x") == 0 for frame in case.src_take.performance(96))
    looks = [frame.strength("gaze_x") for frame in case.dst_take.performance(case.dst_frames)]
    assert max(looks) - min(looks) > 0.6


def test_candidates_are_neither_src_nor_dst() -> None:
    for case in SUITE.values():
        assert not {case.src.seed, case.dst.seed} & set(case.others)
        assert len(set(case.others)) == 4


def test_unknown_cases_are_named() -> None:
    with pytest.raises(UnderstudyError, match="no such case: nix; there are same, shape"):
        cases(["nix"])
    assert cases([]) == list(SUITE.values())
