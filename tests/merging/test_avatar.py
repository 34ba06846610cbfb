import numpy as np
import pytest

from small_film import FRAMES, WITHOUT_FACE, make_project, save
from understudy.faces.align import face_matrix
from understudy.media import EncodeSettings, open_source
from understudy.merging.avatar import make_avatar
from understudy.merging.crops import face_crop
from understudy.merging.settings import MergeSettings
from understudy.project import UnderstudyError
from understudy.provenance import LabelSettings, verify

SIZE = 64
NO_LABEL = LabelSettings(enabled=False)
LOSSLESS = EncodeSettings(codec="ffv1")


@pytest.fixture(autouse=True)
def _keys(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def project(tmp_path, textured, place_face):
    return make_project(tmp_path / "film", tmp_path, textured, place_face)


def test_every_face_is_a_picture_with_what_the_network_saw_on_its_left(project, place_face):
    made = make_avatar(
        project,
        MergeSettings(smooth=0.0),
        source_beside=True,
        encode=LOSSLESS,
        label=NO_LABEL,
        output=project.root / "a.mkv",
    )
    assert (made.frames, made.faces) == (FRAMES, FRAMES - len(WITHOUT_FACE))
    pictures = [frame.pixels for frame in open_source([made.path]).frames()]
    footage = [frame.pixels for frame in open_source(project.clips("dst")).frames()]
    assert len(pictures) == FRAMES
    for index, (picture, pixels) in enumerate(zip(pictures, footage, strict=True)):
        assert picture.shape == (SIZE, 2 * SIZE, 3)
        if index in WITHOUT_FACE:
            assert picture.max() <= 3  # the watermark alone
            continue
        seen = face_crop(pixels, face_matrix(place_face(140 + 2 * index, 120, 60), "full", SIZE), SIZE)
        left, right = picture[:, :SIZE] / 255, picture[:, SIZE:] / 255
        assert np.abs(left - seen).mean() < 0.03
        assert np.abs(right - seen).mean() > 0.05  # what random weights make of it


def test_it_is_marked_and_labelled(project):
    made = make_avatar(project)
    assert made.path == project.root / "avatar.mp4"
    mark = verify(made.path).mark
    assert mark is not None
    assert (mark.project, mark.consent_sha256) == (project.id, project.consent().digest())
    info = open_source([made.path]).info
    assert (info.width, info.height) == (SIZE, SIZE)


def test_an_earlier_one_stays_when_nothing_can_be_made(project):
    made = make_avatar(project)
    before = made.path.read_bytes()
    save(project, broken=True)
    with pytest.raises(UnderstudyError, match=r"not one face could be swapped.*not numbers"):
        make_avatar(project)
    assert made.path.read_bytes() == before
