import numpy as np
import pytest
from pydantic import ValidationError

from small_film import FRAMES, WITHOUT_FACE, make_project, save
from understudy.faces.align import face_matrix
from understudy.media import EncodeSettings, open_source
from understudy.merging.avatar import make_avatar
from understudy.merging.crops import face_crop
from understudy.merging.settings.avatar import AvatarSettings
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
        AvatarSettings(smooth=0.0),
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


def halves(project, **settings):
    """The pictures with a face: what the network saw, and what is shown of it, each 0..1."""
    made = make_avatar(
        project,
        AvatarSettings(**settings),
        source_beside=True,
        encode=LOSSLESS,
        label=NO_LABEL,
        output=project.root / "a.mkv",
    )
    shown = [frame.pixels / 255 for frame in open_source([made.path]).frames() if frame.index not in WITHOUT_FACE]
    return np.array([each[:, :SIZE] for each in shown]), np.array([each[:, SIZE:] for each in shown])


def test_mask_colours_and_sharpness_are_those_of_a_merge(project):
    seen, bare = halves(project)
    assert np.abs(bare - seen).mean() > 0.05
    _, nothing = halves(project, mask="0")
    assert np.abs(nothing - seen).mean() < 0.01  # the watermark alone
    _, recolored = halves(project, color_transfer="mkl")  # the whole covariance of RGB
    wanted, before, after = (np.cov(each.reshape(-1, 3).T) for each in (seen, bare, recolored))
    assert np.linalg.norm(after - wanted) < 0.8 * np.linalg.norm(before - wanted)
    _, sharp = halves(project, sharpen=100.0)
    rough = [np.abs(np.diff(each[:, 8:-8, 8:-8], axis=1)).mean() for each in (bare, sharp)]
    assert rough[1] > 1.2 * rough[0]


def test_settings_have_the_ranges_of_a_merges():
    with pytest.raises(ValidationError):
        AvatarSettings(sharpen=101)
    with pytest.raises(ValidationError):
        AvatarSettings(mask="nonsense")


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
