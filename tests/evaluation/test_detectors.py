"""The detector report measures what it says, on faces whose place is known."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from understudy.actors import FaceTruth, Identity, Pose, render
from understudy.evaluation import detectors
from understudy.evaluation.detectors import Backend, Outcome, examine, installed_backends
from understudy.evaluation.detectors_report import as_document, as_page, as_text, reports
from understudy.evaluation.detectors_suite import SIDE, SIZES, performers, trials
from understudy.faces import Face
from understudy.faces import Pose as FoundPose
from understudy.faces.template import MEAN_FACE
from understudy.project.errors import UnderstudyError

BACKEND = Backend("detector", "landmarker")


def _truth(yaw: float = 0.0, roll: float = 0.0) -> FaceTruth:
    """A drawn face, turned in the picture by `roll`."""
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    upright = 100 * (np.concatenate([jaw, MEAN_FACE]) - 0.5) * [math.cos(yaw), 1]
    rotation = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    points = (upright @ rotation.T + 200).astype(np.float32)
    nothing = np.zeros((0, 3), np.float32)
    box = np.array([*points.min(0), *points.max(0)], np.float32)
    return FaceTruth(0, points, np.ones(68, bool), nothing, np.zeros(0, bool), Pose(0.1, yaw, roll), box)


def _found(truth: FaceTruth, shift: Sequence[float]) -> Face:
    pose = FoundPose(truth.pose.pitch + math.radians(2), truth.pose.yaw, truth.pose.roll + math.tau)
    return Face(truth.box, (truth.landmarks + shift).astype(np.float32), pose, 1.0, "test")


@pytest.mark.parametrize(("yaw", "roll"), [(0.0, 0.0), (0.9, 0.0), (0.0, 1.2), (0.6, -2.0)])
def test_offsets_are_upright_and_in_eye_distances_of_the_head(yaw: float, roll: float) -> None:
    eyes = 100 * float(np.linalg.norm(MEAN_FACE[45 - 17] - MEAN_FACE[36 - 17]))
    down = 0.1 * eyes * np.array([-math.sin(roll), math.cos(roll)])  # a tenth, towards the chin
    offsets, pose = detectors._errors(_found(_truth(yaw, roll), down), _truth(yaw, roll))
    # The mean face's eyes are not quite level, so that its width shrinks a little less than the cosine says.
    assert offsets == pytest.approx(np.tile([0, 0.1], (68, 1)), abs=2e-3)
    assert pose == pytest.approx([2, 0, 0], abs=1e-9)


def test_the_face_that_lies_on_the_true_one_counts() -> None:
    truth = _truth()
    near, far = _found(truth, (8, 0)), _found(truth, (150, 0))
    assert detectors._match([far, near], truth) is near
    assert detectors._match([far], truth) is None
    assert detectors._match([], truth) is None


def _outcome(offset: Sequence[float] | None, *, yaw: float = 0.0, covered: float = 0.0) -> Outcome:
    missed = offset is None
    offsets: NDArray[np.float64] = np.tile([np.nan, np.nan] if offset is None else list(offset), (68, 1))
    pose = np.full(3, np.nan) if missed else np.array([1.0, -2.0, 3.0])
    turned = Pose(0.0, math.radians(yaw), 0.0)
    return Outcome(BACKEND, "yaw", yaw, 1, turned, covered, not missed, int(missed), offsets, pose)


def test_figures_are_medians_of_what_was_found_and_nothing_is_hidden() -> None:
    shown = [_outcome((0.03, 0)), _outcome((0.05, 0)), _outcome((0.10, 0), yaw=60), _outcome(None, covered=1.0)]
    (report,) = reports([*shown, _outcome((1, 0), yaw=75)])
    everything, in_sight = (report.within[f"even spread of yaw, {name}"] for name in ("all", "nearer eye uncovered"))
    assert (everything.pictures, everything.found, everything.others) == (4, 0.75, 1)
    assert (in_sight.pictures, in_sight.found) == (3, 1.0)
    assert everything.error == pytest.approx(0.05)
    assert (everything.pitch, everything.yaw, everything.roll) == (1, 2, 3)
    assert report.rows["yaw"][60].error_as_seen == pytest.approx(0.2)
    assert not everything.meets_goal
    assert replace(in_sight, error=0.039).meets_goal


def test_a_landmarker_with_its_own_convention_errs_by_nothing_but_that() -> None:
    move = np.array([0.02, -0.01, 0.05])  # right, down and out of the face
    turned = [_outcome((0, 0), yaw=yaw) for yaw in (-60, -20, 0, 45)]
    moved = [replace(o, offsets=np.tile(o.axes @ move, (68, 1))) for o in turned]
    assert moved[2].offsets[0] == pytest.approx([0.02, 0.01])
    (report,) = reports(moved)
    assert report.offsets == pytest.approx(np.tile(move, (68, 1)))
    everything = report.within["even spread of yaw, all"]
    assert everything.error > 0.02
    assert everything.error_less_offset == pytest.approx(0, abs=1e-9)


def test_text_page_and_document_tell_the_same() -> None:
    made = reports([_outcome((0.03, 0.04)), _outcome(None)])
    document = as_document(made, performers=1)
    (row,) = document["backends"][0]["conditions"]["yaw"]
    assert row["found"] == 0.5
    assert row["error"] == pytest.approx(0.05)
    assert document["backends"][0]["within"]["performances, all"]["error"] is None
    for shown in (as_text(made), as_page(made, performers=1)):
        assert "detector+landmarker" in shown
        assert "50.0 %" in shown
        assert "5.0 %" in shown
        assert "NOT met" in shown


def test_the_suite_is_the_same_every_time_and_faces_have_the_size_asked_for() -> None:
    (seed,) = performers(1)
    first, again = list(trials(seed)), list(trials(seed))
    assert [(t.condition, t.value, t.frame, t.scene) for t in first] == [
        (t.condition, t.value, t.frame, t.scene) for t in again
    ]
    wide = next(t for t in first if (t.condition, t.value) == ("size", SIZES[-2]))
    box = render(Identity.from_seed(seed), wide.frame, wide.scene, SIDE).truth.face.box
    assert float((box[2:] - box[:2]).max()) == pytest.approx(SIZES[-2], rel=0.2)


def test_the_default_backend_finds_a_facing_performer(monkeypatch: pytest.MonkeyPatch) -> None:
    near = [t for t in trials(performers(1)[0]) if t.condition == "yaw" and abs(float(t.value)) <= 15]
    monkeypatch.setattr(detectors, "trials", lambda _: iter(near))
    try:
        outcomes = examine(installed_backends()[:1], count=1)
    except UnderstudyError as error:
        pytest.skip(str(error))
    assert [outcome.value for outcome in outcomes] == [-15, 0, 15]
    assert all(outcome.found and outcome.others == 0 for outcome in outcomes)
    assert all(np.linalg.norm(outcome.offsets, axis=1).mean() < 0.06 for outcome in outcomes)
    assert all(np.abs(outcome.pose).max() < 10 for outcome in outcomes)
