from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from understudy.actors import (
    Companion,
    Identity,
    Occluder,
    Part,
    Performance,
    PerformanceFrame,
    Pose,
    Rendered,
    Scene,
    render,
)
from understudy.actors.body import body_of
from understudy.actors.landmarks import dense_places, landmark_places, on_net
from understudy.faces import head_pose

SIZE = 160
OTHER = Identity.from_seed(22)


@pytest.fixture(scope="module")
def identity() -> Identity:
    return Identity.from_seed(10)


@pytest.fixture(scope="module")
def frontal(identity: Identity) -> Rendered:
    return render(identity, PerformanceFrame(), Scene(), SIZE)


@pytest.fixture(scope="module")
def turned(identity: Identity) -> Rendered:
    return render(identity, PerformanceFrame({"jaw_open": 0.7}, Pose(0.05, 0.6, 0.1)), Scene(), SIZE)


def test_a_frame_is_drawn_the_same_every_time(identity: Identity, frontal: Rendered) -> None:
    body_of.cache_clear()
    again = render(identity, PerformanceFrame(), Scene(), SIZE)
    assert_array_equal(again.pixels, frontal.pixels)
    assert_array_equal(again.truth.parts, frontal.truth.parts)
    assert_array_equal(again.truth.face.landmarks, frontal.truth.face.landmarks)


def test_landmarks_are_points_of_the_mesh_seen_by_the_camera(identity: Identity) -> None:
    frame, scene = PerformanceFrame({"smile_left": 0.8}, Pose(0.1, -0.4, 0.05)), Scene()
    truth = render(identity, frame, scene, SIZE).truth
    net = body_of(identity).pose(frame, scene.camera.distance).net
    assert_allclose(truth.face.landmarks, scene.camera.project(on_net(net, landmark_places()), SIZE), rtol=0, atol=1e-3)
    assert_allclose(truth.face.dense[:, :2], scene.camera.project(on_net(net, dense_places()), SIZE), rtol=0, atol=1e-3)


@pytest.mark.parametrize("shift", [(30.0, 0.0, 0.0), (0.0, -25.0, 0.0), (12.0, 8.0, 140.0)])
def test_moving_the_head_moves_landmarks_as_a_pinhole_camera_says(
    identity: Identity, shift: tuple[float, float, float]
) -> None:
    scene = Scene()
    still = body_of(identity).pose(PerformanceFrame(), scene.camera.distance).net
    moved = render(identity, PerformanceFrame(shift=shift), scene, SIZE).truth
    x, y, z = (on_net(still, landmark_places()).astype(float) + shift).T
    focal, centre = scene.camera.focal(SIZE), (SIZE - 1) / 2
    expected = np.stack([centre - focal * x / z, centre + focal * y / z], axis=-1)
    assert_allclose(moved.face.landmarks, expected, rtol=0, atol=0.02)


def test_parts_divide_the_picture(frontal: Rendered) -> None:
    truth = frontal.truth
    masks = [truth.mask(part) for part in Part]
    assert_array_equal(sum(mask.astype(int) for mask in masks), 1)
    for part in (Part.BACKGROUND, Part.SKIN, Part.LIPS, Part.EYE, Part.HAIR, Part.EAR, Part.NECK, Part.CLOTHES):
        assert truth.mask(part).any(), part
    assert_array_equal(np.isinf(truth.depth), truth.mask(Part.BACKGROUND))


def test_landmarks_lie_on_what_they_mark(frontal: Rendered) -> None:
    truth = frontal.truth

    def around(index: int) -> set[int]:
        x, y = np.rint(truth.face.landmarks[index]).astype(int)
        return set(truth.parts[y - 2 : y + 3, x - 2 : x + 3].ravel().tolist())

    assert all(Part.EYE in around(i) for i in (37, 38, 40, 41, 43, 44, 46, 47))
    assert all(Part.LIPS in around(i) for i in range(48, 68))
    assert all(around(i) == {Part.SKIN} for i in range(28, 31))
    assert truth.face.visible[4:13].all()  # the chin; the jaw beside the ears turns away
    assert truth.face.visible[17:].all()


def test_the_far_side_of_a_turned_head_is_hidden(turned: Rendered) -> None:
    visible = turned.truth.face.visible
    assert not visible[:3].any()  # the jaw on the side that the nose points to
    assert visible[12:16].all()


def test_depth_is_that_of_the_mesh(frontal: Rendered, identity: Identity) -> None:
    net = body_of(identity).pose(PerformanceFrame(), Scene().camera.distance).net
    nose = on_net(net, landmark_places())[28:31]
    x, y = np.rint(frontal.truth.face.landmarks[28:31]).astype(int).T
    assert_allclose(frontal.truth.depth[y, x], -nose[:, 2], atol=2.0)


def test_another_identity_keeps_pose_light_and_room(identity: Identity, turned: Rendered) -> None:
    frame = PerformanceFrame({"jaw_open": 0.7}, Pose(0.05, 0.6, 0.1))
    other = render(OTHER, frame, Scene(), SIZE)
    assert other.truth.face.pose == turned.truth.face.pose
    assert other.truth.focal == turned.truth.focal
    both = other.truth.mask(Part.BACKGROUND) & turned.truth.mask(Part.BACKGROUND)
    assert both.mean() > 0.2
    inner = np.zeros_like(both)
    inner[:20, :20] = True
    difference = np.abs(other.pixels.astype(int) - turned.pixels.astype(int))
    assert difference[both & inner].max() == 0
    assert np.abs(other.pixels.astype(int) - turned.pixels.astype(int))[~both].mean() > 8


@pytest.mark.parametrize("pose", [Pose(), Pose(0.15, 0.0, 0.0), Pose(0.0, 0.5, 0.0), Pose(-0.1, -0.4, 0.25)])
def test_the_pose_is_the_one_that_landmarks_tell(pose: Pose) -> None:
    body = body_of(OTHER)
    scene = Scene()
    points = scene.camera.project(on_net(body.pose(PerformanceFrame(pose=pose), 1050.0).net, landmark_places()), 512)
    told, true = head_pose(points), pose.against_mean_head()
    assert abs(told.yaw - true.yaw) < 0.12
    assert abs(told.pitch - true.pitch) < 0.12
    assert abs(told.roll - true.roll) < 0.08


def test_an_occluder_hides_what_is_behind_it(identity: Identity, frontal: Rendered) -> None:
    hand = Occluder("hand", at=(0.0, -40.0, 90.0))
    truth = render(identity, PerformanceFrame(), Scene(occluders=(hand,)), SIZE).truth
    covered = truth.mask(Part.OCCLUDER)
    assert covered.mean() > 0.03
    assert (truth.depth[covered] < frontal.truth.depth[covered]).all()
    x, y = np.rint(truth.face.landmarks[62]).astype(int)
    assert covered[y, x]
    assert not truth.face.visible[62]
    assert truth.face.visible[19]
    assert_array_equal(truth.face.landmarks, frontal.truth.face.landmarks)


def test_a_companion_has_its_own_truth_and_leaves_the_performers_alone(identity: Identity, frontal: Rendered) -> None:
    companion = Companion(OTHER, Performance.from_seed(1, 0.2))
    truth = render(identity, PerformanceFrame(), Scene(companion=companion), SIZE).truth
    assert [face.identity for face in truth.faces] == [identity.seed, OTHER.seed]
    assert_array_equal(truth.face.landmarks, frontal.truth.face.landmarks)
    assert set(np.unique(truth.person)) == {0, 1, 2}
    assert truth.mask(Part.SKIN, person=2).any()
    assert not (truth.mask(Part.SKIN) & truth.mask(Part.SKIN, person=2)).any()


def test_a_fast_turn_is_smeared_and_the_room_is_not(identity: Identity) -> None:
    scene = Scene(grain=0)
    still = PerformanceFrame()
    fast = replace(still, before=(Pose(0, 0.12, 0), (0.0, 0.0, 0.0)))
    sharp, smeared = (render(identity, frame, scene, SIZE).pixels.astype(int) for frame in (still, fast))
    x, y = np.rint(render(identity, still, scene, SIZE).truth.face.landmarks[36:48].mean(axis=0)).astype(int)
    eyes = np.s_[y - 10 : y + 10, x - 30 : x + 30]
    assert np.abs(np.diff(smeared[eyes], axis=1)).mean() < 0.8 * np.abs(np.diff(sharp[eyes], axis=1)).mean()
    assert_array_equal(sharp[:10, :10], smeared[:10, :10])
