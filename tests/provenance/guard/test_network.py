"""What the network's output means, and that the real one passes the sample footage."""

import ast
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from understudy import zoo
from understudy.faces.blazeface import BlazeFace
from understudy.faces.detection import overlap
from understudy.media import open_source
from understudy.project import UnderstudyError
from understudy.provenance.guard.network import _ROWS, PARTS, ExposureDetector, _letterbox, read_detections
from understudy.provenance.guard.rules import level_of


@pytest.fixture(scope="module")
def detector() -> ExposureDetector:
    try:
        return ExposureDetector()
    except UnderstudyError as error:
        pytest.skip(str(error))


def _output(*proposals: tuple[int, float, tuple[float, float, float, float]]) -> np.ndarray:
    """A YOLOv8 head of eighteen classes: (class, score, centre and size) each."""
    output = np.zeros((1, 22, len(proposals)), np.float32)
    for column, (number, score, box) in enumerate(proposals):
        output[0, :4, column] = box
        output[0, 4 + number, column] = score
    return output


def test_the_classes_are_those_that_the_file_names(detector: ExposureDetector) -> None:
    path = zoo.path(zoo.GUARD)
    names = ast.literal_eval(onnxruntime.InferenceSession(str(path)).get_modelmeta().custom_metadata_map["names"])
    assert len(names) == 18
    assert {part: names[row] for part, row in _ROWS.items()} == {
        part: f"{part.upper().replace(' ', '_')}_EXPOSED" for part in PARTS
    }


def test_the_surest_proposal_of_a_part_is_read_and_its_box_in_shares_of_the_picture() -> None:
    output = _output((14, 0.3, (10, 10, 4, 4)), (14, 0.9, (160, 90, 32, 18)), (2, 0.6, (320, 0, 64, 36)))
    found = {exposure.part: exposure for exposure in read_detections(output, 320, 180)}
    assert found["male genitalia"].score == pytest.approx(0.9)
    assert found["male genitalia"].box == pytest.approx((0.45, 0.45, 0.55, 0.55))
    assert found["buttocks"].box == pytest.approx((0.9, 0.0, 1.0, 0.1))  # cut at the picture's edges
    assert found["anus"].score == 0


@pytest.mark.parametrize("number", [0, 1, 5, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17])
def test_covered_parts_faces_bellies_feet_armpits_and_male_chests_are_not_read(number: int) -> None:
    found = read_detections(_output((number, 1.0, (10, 10, 4, 4))), 320, 180)
    assert all(exposure.score == 0 for exposure in found)


def test_a_score_that_is_no_number_is_no_all_clear() -> None:
    found = read_detections(_output((3, np.nan, (np.nan, 10, 4, 4))), 320, 180)
    assert "explicit" in {level_of(exposure) for exposure in found}


@pytest.mark.parametrize(("height", "width"), [(720, 1280), (1920, 1080), (320, 320), (48, 64), (1, 5000)])
def test_a_picture_is_fitted_into_whole_strides_and_keeps_its_shape(height: int, width: int) -> None:
    picture, (fitted_width, fitted_height) = _letterbox(np.full((height, width, 3), 255, np.uint8))
    assert picture.shape[2] % 32 == picture.shape[3] % 32 == 0
    assert max(picture.shape[2:]) <= 320
    assert (picture[0, :, :fitted_height, :fitted_width] == 1).all()
    assert abs(fitted_width * height / width - fitted_height) <= 1


def test_the_real_network_sees_nothing_in_a_frame_of_every_clip_of_the_footage(
    detector: ExposureDetector, footage: Path
) -> None:
    for clip in sorted(footage.glob("*.m??")):
        if clip.suffix == ".md":
            continue
        frame = next(open_source([clip]).frames())
        assert {level_of(exposure) for exposure in detector.detect(frame.eight_bit())} == {"clear"}


@pytest.mark.parametrize("clip", ["headpose_f.mp4", "headpose_m.mp4", "signer_a_yes.mkv", "signer_c_walk.mkv"])
@pytest.mark.parametrize("portrait", [False, True])
def test_what_the_real_network_knows_as_a_face_is_where_the_face_is(
    detector: ExposureDetector, footage: Path, clip: str, portrait: bool
) -> None:
    """The file knows faces, too: what it says of them shows that it is fed and read as it was trained to be."""
    image = next(open_source([footage / clip]).frames()).eight_bit()
    if portrait:
        image = np.ascontiguousarray(image[:, image.shape[1] // 4 : -image.shape[1] // 4])
    picture, (width, height) = _letterbox(image)
    output = detector._network(picture)[0].copy()
    output[0, 4 + _ROWS["anus"]] = output[0, [4 + 1, 4 + 12]].max(axis=0)  # faces, female and male
    seen = next(exposure for exposure in read_detections(output, width, height) if exposure.part == "anus")
    assert seen.score > 0.5
    face = max(BlazeFace().detect(image), key=lambda hit: hit.confidence)
    box = np.array(seen.box) * (image.shape[1::-1] * 2)
    assert overlap(face.box, box[None].astype(np.float32)).max() > 0.4
