"""CenterFace finds the faces that BlazeFace finds, in the same place."""

import numpy as np
import pytest

from understudy import zoo
from understudy.faces.blazeface import BlazeFace
from understudy.faces.centerface import CenterFace
from understudy.faces.detection import overlap
from understudy.project.errors import UnderstudyError

from .conftest import Clip


@pytest.fixture(scope="module")
def detector() -> CenterFace:
    try:
        zoo.fetch("centerface")
    except UnderstudyError as error:
        pytest.skip(str(error))
    return CenterFace(threads=1)


@pytest.mark.parametrize("name", ["headpose_f.mp4", "signer_a_yes.mkv", "signer_c_book.mkv"])
def test_both_detectors_agree(clip: Clip, detector: CenterFace, name: str) -> None:
    other = BlazeFace()
    for frame in clip(name, 20)[::10]:
        best, known = detector.detect(frame.pixels)[0], other.detect(frame.pixels)[0]
        assert best.confidence > 0.6
        assert overlap(best.box, known.box[None])[0] > 0.55
        assert abs(best.roll - known.roll) < 0.5


def test_a_mirrored_image_has_mirrored_faces(clip: Clip, detector: CenterFace) -> None:
    """Which holds only if pixel centres are counted rightly."""
    image = clip("headpose_m.mp4", 1)[0].pixels
    one, other = detector.detect(image)[0], detector.detect(np.ascontiguousarray(image[:, ::-1]))[0]
    mirrored = image.shape[1] - 1 - one.box[[2, 0]]
    np.testing.assert_allclose(other.box[[0, 2]], mirrored, atol=0.06 * (one.box[2] - one.box[0]))
    assert other.roll == pytest.approx(-one.roll, abs=0.15)


def test_nothing_is_found_in_nothing(detector: CenterFace) -> None:
    assert detector.detect(np.full((37, 91, 3), 128, np.uint8)) == []
