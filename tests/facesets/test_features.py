"""What is measured of a face follows what was changed in it, and nothing else."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drawn_faces import draw_face
from understudy.faces import align_face
from understudy.facesets import FaceMetadata, SourceFrame
from understudy.facesets.expression import eye_open, gaze, mouth_open
from understudy.facesets.features import Traits, measure_pixels

_SOURCE = SourceFrame(clip="drawn", frame=3, time=0.12, width=300, height=300)


def _face(seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    frame, face = draw_face(seed)
    aligned = align_face(frame, face, "full", 256)
    return aligned.image, aligned.landmarks.astype(np.float64)


def test_brightness_and_hue_are_those_of_the_face() -> None:
    image, landmarks = _face()
    plain = np.zeros_like(image)
    plain[:] = (200, 100, 50)  # hue 20 degrees, value 200
    found = measure_pixels(plain, landmarks)
    assert found.brightness == pytest.approx(200, abs=0.5)
    assert found.hue == pytest.approx(20, abs=1.5)
    other = plain.copy()
    other[:40] = (0, 0, 255)  # far above the brows
    assert measure_pixels(other, landmarks).brightness == found.brightness
    assert measure_pixels(other, landmarks).hue == found.hue


def test_hue_is_a_circle() -> None:
    image, landmarks = _face()
    reds = np.zeros_like(image)
    reds[:, ::2], reds[:, 1::2] = (200, 20, 0), (200, 0, 20)  # 6 and 354 degrees
    assert min(abs(measure_pixels(reds, landmarks).hue - at) for at in (0, 360)) < 2


def test_colors_are_distributions() -> None:
    found = measure_pixels(*_face()).colors.astype(np.float64)
    assert found.shape == (3, 256)
    assert np.square(found).sum(axis=1) == pytest.approx(1, abs=2e-3)


def test_what_the_frame_does_not_reach_is_black_and_is_not_the_face() -> None:
    image, landmarks = _face()
    whole = measure_pixels(image, landmarks)
    cut = image.copy()
    cut[:, 160:] = 0
    found = measure_pixels(cut, landmarks)
    assert found.black == pytest.approx(96 / 256, abs=0.01)
    assert whole.black < 0.01
    assert found.brightness == pytest.approx(whole.brightness, abs=15)
    assert found.sharpness <= whole.sharpness + 0.05  # the cut is no edge of the face


def test_blur_lowers_sharpness_and_detail() -> None:
    image, landmarks = _face()
    skin = np.clip(image + np.random.default_rng(0).normal(0, 40, image.shape), 0, 255).astype(np.uint8)
    found = [measure_pixels(cv2.GaussianBlur(skin, (0, 0), sigma), landmarks) for sigma in (0.8, 1.5, 4.0)]
    assert found[0].sharpness > found[1].sharpness > found[2].sharpness
    assert found[0].detail > found[1].detail > found[2].detail


@pytest.mark.parametrize("landmarks", [np.full((68, 2), np.nan), np.full((68, 2), 1e9), np.zeros((68, 2))])
def test_hostile_landmarks_are_measured_all_the_same(landmarks: NDArray[np.float64]) -> None:
    assert np.isfinite(measure_pixels(_face()[0], landmarks).brightness)


def test_mouth_and_lids_do_not_depend_on_place_scale_and_roll() -> None:
    points = _face()[1]
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    moved = 3 * points @ turn.T + (50, -20)
    assert mouth_open(moved) == pytest.approx(mouth_open(points))
    assert eye_open(moved) == pytest.approx(eye_open(points))
    open_wide, shut = points.copy(), points.copy()
    open_wide[[65, 66, 67], 1] += 30
    for lower, upper in ((41, 37), (40, 38), (47, 43), (46, 44)):
        shut[lower] = shut[upper]
    assert mouth_open(open_wide) > mouth_open(points) + 0.2
    assert eye_open(shut) == 0


@pytest.mark.parametrize("roll", [0.0, 0.5])
def test_gaze_follows_the_iris(roll: float) -> None:
    places = [_gaze(x, y, roll) for x, y in ((-0.3, 0.0), (0.0, 0.0), (0.3, 0.0))]
    assert [round(x, 1) for x, _ in places] == [-0.3, 0.0, 0.3]
    assert _gaze(0, 0.1, roll)[1] > places[1][1] + 0.05 > _gaze(0, -0.1, roll)[1] + 0.1
    _, landmarks = _face()
    landmarks[36:48, 1] = 80.0
    assert np.isnan(gaze(np.full((256, 256), 200, np.uint8), landmarks)).all()


def _gaze(x: float, y: float, roll: float) -> tuple[float, float]:
    """Of two white eyes 40 pixels wide and 24 high with a dark iris, turned by `roll`."""
    points = np.zeros((68, 2))
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    picture = np.full((256, 256), 235, np.uint8)
    outline = np.array([(-20, 0), (-10, -12), (10, -12), (20, 0), (10, 12), (-10, 12)])
    for first, middle in ((36, (80, 120)), (42, (170, 120))):
        points[first : first + 6] = outline @ turn.T + middle
        at = turn @ (20 * x, -20 * y) + middle
        cv2.circle(picture, np.rint(at).astype(int).tolist(), 7, 20, -1)
    return gaze(picture, points)


def test_traits_are_those_of_the_metadata() -> None:
    frame, face = draw_face(4)
    metadata = FaceMetadata.describe(align_face(frame, face, "full", 128), _SOURCE)
    traits = Traits.of(metadata)
    assert (traits.clip, traits.frame, traits.size, traits.original_name) == ("drawn", 3, 128, None)
    assert traits.yaw == face.pose.yaw
    width, height = face.box[2] - face.box[0], face.box[3] - face.box[1]
    assert traits.rect_size == pytest.approx(width * height, rel=1e-4)
    assert traits.residual < 0.01  # the drawn landmarks are the mean face
    bent = metadata.model_copy(
        update={"source_landmarks": [(x + (k % 3) * 8, y) for k, (x, y) in enumerate(face.landmarks)]}
    )
    assert Traits.of(bent).residual > 0.03
