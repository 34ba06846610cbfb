"""Faces are found in every frame, with nothing found that is not there, and the same from wherever a run starts."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from understudy.actors import Identity, PerformanceFrame, Scene, render
from understudy.actors import Pose as ActorPose
from understudy.evaluation.suite import SUITE
from understudy.faces import ExtractSettings, Face, find_faces
from understudy.faces.detection import Detection
from understudy.media.frame import Frame
from understudy.project.errors import UnderstudyError

from .conftest import Clip


def _same(one: tuple[Face, ...], other: tuple[Face, ...]) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a.box, b.box)
        and np.array_equal(a.landmarks, b.landmarks)
        and np.array_equal(a.dense, b.dense)
        and (a.pose, a.confidence, a.backend, a.track) == (b.pose, b.confidence, b.backend, b.track)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("name", ["headpose_f.mp4", "signer_b_bird.mkv", "signer_c_walk.mkv"])
def test_one_face_in_every_frame(clip: Clip, name: str) -> None:
    """A near profile; a hand before the mouth; a tilted head under long hair."""
    found = [faces for _, faces in find_faces(clip(name), ExtractSettings())]
    assert [len(faces) for faces in found] == [1] * len(found)
    assert {faces[0].track for faces in found} == {0}
    moves = [np.abs(b[0].landmarks - a[0].landmarks).mean() for a, b in pairwise(found)]
    assert max(moves) < 12  # pixels


def test_a_run_taken_up_at_a_searched_frame_is_the_whole_run(clip: Clip) -> None:
    frames = clip("signer_a_yes.mkv", 40)
    pair = [replace(frame, pixels=np.concatenate([frame.pixels, frame.pixels[:, ::-1]], axis=1)) for frame in frames]
    settings = ExtractSettings(detect_every=8)
    whole = [faces for _, faces in find_faces(pair, settings)]
    assert {len(faces) for faces in whole} == {2}
    for start in (8, 24):
        taken_up = [faces for _, faces in find_faces(pair[start:], settings, whole[start - 1])]
        assert all(_same(a, b) for a, b in zip(whole[start:], taken_up, strict=True))


def test_smoothed_runs_agree_half_a_window_later(clip: Clip) -> None:
    frames = clip("signer_a_yes.mkv", 40)
    settings = ExtractSettings(detect_every=8, smooth=0.3)
    whole = list(find_faces(frames, settings))
    taken_up = list(find_faces(frames[16:], settings, whole[15][1]))
    settled = [frame.time >= frames[16].time + Fraction(3, 20) for frame, _ in taken_up]
    assert sum(settled) > 10
    for (_, one), (_, other), agrees in zip(whole[16:], taken_up, settled, strict=True):
        assert _same(one, other) or not agrees


def test_smoothing_keeps_every_frame_and_steadies_the_landmarks(clip: Clip) -> None:
    frames = clip("headpose_m.mp4")
    rough = list(find_faces(frames, ExtractSettings()))
    steady = list(find_faces(iter(frames), ExtractSettings(smooth=0.4)))
    assert [frame.index for frame, _ in steady] == [frame.index for frame, _ in rough]

    def jitter(found: list[tuple[Frame, tuple[Face, ...]]]) -> float:
        points = np.stack([faces[0].landmarks for _, faces in found])
        return float(np.abs(np.diff(points, 3, axis=0)).mean())

    assert jitter(steady) < 0.5 * jitter(rough)
    offset = np.stack([a[0].landmarks - b[0].landmarks for (_, a), (_, b) in zip(rough, steady, strict=True)])
    assert np.abs(offset.mean(axis=0)).max() < 0.2


def test_a_cut_to_another_place_loses_no_frame(clip: Clip) -> None:
    """The face is lost between two searches; the detector takes over in the same frame, under a new number."""
    before, after = clip("signer_a_yes.mkv", 5), clip("headpose_m.mp4", 5)
    frames = [replace(frame, index=20 + place) for place, frame in enumerate([*before, *after])]
    found = [faces for _, faces in find_faces(frames, ExtractSettings(detect_every=500))]
    assert [len(faces) for faces in found] == [1] * 10
    assert len({faces[0].track for faces in found}) == 2


def test_the_largest_come_first_and_the_rest_is_left_out(clip: Clip) -> None:
    near, far = clip("headpose_m.mp4", 3), clip("signer_c_learn.mkv", 3)
    frames = []
    for one, other in zip(near, far, strict=True):
        pixels = np.zeros((480, 1120, 3), np.uint8)
        pixels[:, 480:] = other.pixels
        pixels[100:370, :480] = one.pixels
        frames.append(replace(one, pixels=pixels))
    for _, faces in find_faces(frames, ExtractSettings()):
        assert len(faces) == 2
        areas = [(face.box[2] - face.box[0]) * (face.box[3] - face.box[1]) for face in faces]
        assert areas[0] > areas[1]
        assert faces[0].box[0] < 480 < faces[1].box[0]
    for _, faces in find_faces(frames, ExtractSettings(max_faces=1)):
        assert len(faces) == 1
        assert faces[0].box[0] < 480
    assert all(not faces for _, faces in find_faces(frames, ExtractSettings(min_face=200)))


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (16, 16), (240, 320)])
def test_frames_without_a_face_pass_through(clip: Clip, shape: tuple[int, int]) -> None:
    clip("headpose_m.mp4", 1)
    noise = np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8)
    frames = [Frame(noise, index, Fraction(index, 25)) for index in range(3)]
    assert [(frame.index, faces) for frame, faces in find_faces(frames, ExtractSettings(min_face=8))] == [
        (0, ()),
        (1, ()),
        (2, ()),
    ]


def test_a_face_cut_by_the_frames_edge_is_found(clip: Clip) -> None:
    frame = clip("headpose_m.mp4", 1)[0]
    ((_, (whole,)),) = find_faces([frame], ExtractSettings())
    cut = int(whole.box[0] + 0.3 * (whole.box[2] - whole.box[0]))
    ((_, faces),) = find_faces([replace(frame, pixels=frame.pixels[:, cut:])], ExtractSettings())
    assert len(faces) == 1
    assert np.abs(faces[0].landmarks[36:] + np.array([cut, 0]) - whole.landmarks[36:]).mean() < 5


@pytest.mark.parametrize("kind", ["grey", "sixteen bit", "float"])
def test_other_kinds_of_pixels_give_the_same_face(clip: Clip, kind: str) -> None:
    frame = clip("headpose_m.mp4", 1)[0]
    ((_, (expected,)),) = find_faces([frame], ExtractSettings())
    pixels = {
        "grey": np.repeat(frame.pixels.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8),
        "sixteen bit": frame.pixels.astype(np.uint16) * 257,
        "float": frame.pixels.astype(np.float32) / 255,
    }[kind]
    ((_, (face,)),) = find_faces([replace(frame, pixels=pixels)], ExtractSettings())
    assert np.abs(face.landmarks - expected.landmarks).mean() < 1


def test_an_unknown_backend_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnderstudyError, match="blazeface"):
        find_faces([], ExtractSettings(detector="no-such"))
    with pytest.raises(UnderstudyError, match="facemesh"):
        find_faces([], ExtractSettings(landmarker="no-such"))


@pytest.mark.parametrize("taken_for", [-1.1, -0.6, 0.6, 1.0])
def test_a_face_that_a_detector_takes_to_lie_on_its_side_comes_upright(
    taken_for: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = PerformanceFrame(pose=ActorPose(-0.26, -0.47, -0.06))
    filmed = render(Identity.from_seed(103), moment, Scene.from_seed(5), 320)
    truth = filmed.truth.face
    detection = Detection(truth.box, 0.8, taken_for)
    monkeypatch.setattr("understudy.faces.find.search", lambda *_, **__: [detection])
    ((_, (face,)),) = find_faces([Frame(filmed.pixels, 0, Fraction(0))], ExtractSettings())
    eyes = np.linalg.norm(truth.landmarks[45] - truth.landmarks[36])
    assert np.linalg.norm(face.landmarks - truth.landmarks, axis=1).mean() < 0.08 * eyes


def test_a_sure_upright_face_wins_over_a_surer_detection_that_lies_on_its_side() -> None:
    case = SUITE["shape"]  # its 31st frame is seen lying by the detector, at more confidence than upright
    moment = case.dst_take.performance(31)[30]
    filmed = render(case.dst.identity(), moment, case.dst_take.scene, case.size)
    truth = filmed.truth.face.landmarks
    ((_, (face,)),) = find_faces([Frame(filmed.pixels, 0, Fraction(0))], ExtractSettings())
    eyes = np.linalg.norm(truth[45] - truth[36])
    assert np.linalg.norm(face.landmarks - truth, axis=1).mean() < 0.15 * eyes
