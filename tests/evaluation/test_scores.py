"""The truth scores perfectly, everything else less, and each metric sees the fault that it is there for."""

import cv2
import numpy as np
import pytest

from understudy.evaluation.floors import floors
from understudy.evaluation.moments import moment_picture, moments
from understudy.evaluation.reference import VIEW, Reference
from understudy.evaluation.scores import METRICS, Scores, angles, score
from understudy.project import UnderstudyError

_PERFECT = {"psnr": 100.0, "ssim": 1.0, "identity": 1.0, "identity_rank": 1.0}


@pytest.fixture(scope="module")
def of_truth(reference: Reference) -> Scores:
    return score(reference.true.frames, reference)


@pytest.fixture(scope="module")
def of_dst(reference: Reference) -> Scores:
    return score(reference.dst.frames, reference)


def test_the_truth_scores_perfectly(of_truth: Scores) -> None:
    for metric in METRICS:
        if metric.name != "landmarks_exact":
            assert of_truth.value(metric.name) == pytest.approx(_PERFECT.get(metric.name, 0.0), abs=1e-6), metric.name


def test_the_landmarker_is_off_by_little(of_truth: Scores) -> None:
    error = of_truth.value("landmarks_exact")
    assert error is not None
    assert 0 < error < 0.1


def test_the_footage_is_worse_and_somebody_else(of_truth: Scores, of_dst: Scores) -> None:
    for name in ("psnr", "ssim", "identity"):
        assert _value(of_dst, name) < _value(of_truth, name) - 0.05
    for name in ("perceptual", "landmarks", "expression", "temporal", "identity_rank"):
        assert _value(of_dst, name) > _value(of_truth, name)
    assert of_dst.value("identity") == pytest.approx(-1)
    assert of_dst.value("seam") == 0
    assert of_dst.value("background") == 0


def test_one_changed_pixel_of_the_background_is_counted(reference: Reference) -> None:
    frames = reference.dst.frames.copy()
    far, near = np.argwhere(reference.outside[2])[0], np.argwhere(~reference.outside[2]).mean(axis=0).astype(int)
    for y, x in (far, near):
        frames[2, y, x] ^= 129
    assert score(frames, reference).frames["background"].tolist() == [0, 0, 1, 0, 0, 0]


def test_a_frame_of_another_moment_is_seen_in_time_and_expression(reference: Reference) -> None:
    frames = reference.true.frames.copy()
    frames[3] = frames[0]
    scores = score(frames, reference)
    assert scores.order()[-1] == 3
    assert (scores.frames["temporal"][3:5] > 1e-3).all()
    assert scores.frames["temporal"][1] == 0
    assert scores.frames["landmarks"][3] > 0
    assert scores.frames["landmarks"][2] == 0


def test_a_frame_without_a_face_is_missed(reference: Reference) -> None:
    frames = reference.true.frames.copy()
    frames[1] = 127
    scores = score(frames, reference)
    assert scores.frames["missed"].tolist() == [0, 1, 0, 0, 0, 0]
    assert np.isnan(scores.frames["landmarks"][1])


def test_a_wrong_face_over_the_border_leaves_a_seam(reference: Reference) -> None:
    frames = reference.dst.frames.copy()
    for picture, points in zip(frames, reference.true.landmarks, strict=True):
        hull = cv2.convexHull(np.rint(points).astype(np.int32))
        cv2.fillConvexPoly(picture, hull, (200, 40, 40))
    assert _value(score(frames, reference), "seam") > 1


def test_another_count_or_size_is_one_line(reference: Reference) -> None:
    for frames in (reference.dst.frames[:-1], np.zeros((6, 32, 32, 3), np.uint8)):
        with pytest.raises(UnderstudyError, match="but dst has 6 frames of 144x144"):
            score(frames, reference)


def test_angles_of_poses_are_turns() -> None:
    a = np.array([[0.0, 0.0, 0.0], [0.0, 1.2, 0.0], [0.3, 0.2, np.nan]])
    b = np.array([[0.0, 0.7, 0.0], [0.4, 1.2, 0.0], [0.3, 0.2, 0.1]])
    assert angles(a, b)[:2] == pytest.approx([0.7, 0.4])
    assert np.isnan(angles(a, b)[2])


def test_scores_come_back_from_their_document(of_dst: Scores) -> None:
    document = of_dst.document()
    assert Scores.of(document["frames"]).document() == document


def test_masks_hold_face_and_nothing_else(reference: Reference) -> None:
    for index, mask in enumerate(reference.masks):
        assert mask.min() >= 0
        assert mask.max() <= 1
        assert 0.03 < mask.mean() < 0.5
        nose = reference.true.landmarks[index, 30]
        x, y = reference.matrices[index] @ (*nose, 1)
        assert mask[round(y), round(x)] > 0.9


def test_measuring_follows_what_is_performed(reference: Reference) -> None:
    known = floors(reference)
    assert (known["jaw"]["correlation"] or 0) > 0.6
    assert (known["pose"]["error"] or 1) < 0.2


def test_the_moments_are_best_median_and_worst(reference: Reference, of_dst: Scores) -> None:
    shown = moments(of_dst)
    distance = of_dst.frames["perceptual"]
    assert distance[shown["best"]] <= distance[shown["median"]] <= distance[shown["worst"]]
    picture = moment_picture(reference.dst.frames, reference, shown["worst"])
    assert np.array_equal(picture[:, :VIEW], reference.true_views[shown["worst"]])
    assert not np.array_equal(picture[:, VIEW + 4 : 2 * VIEW + 4], reference.dst_views[shown["worst"]])  # labelled
    assert np.array_equal(picture[:, -VIEW:], reference.dst_views[shown["worst"]])


def _value(scores: Scores, name: str) -> float:
    value = scores.value(name)
    assert value is not None
    return value
