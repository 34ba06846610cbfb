import json
from fractions import Fraction

import cv2
import numpy as np
import pytest

from understudy.faces.align import face_matrix
from understudy.masks import Matte
from understudy.media import Frame
from understudy.merging.composite import composite
from understudy.merging.levels import from_display
from understudy.merging.limits import UNLIMITED, Limits
from understudy.merging.mattes import Mattes
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings
from understudy.project import Project, UnderstudyError

SIZE = 128
PLAIN = {"color_transfer": "none", "mask": "full", "erode": 0.0, "blur": 2.0}


def merged(frame, landmarks, limits, **settings):
    white = np.ones((SIZE, SIZE, 3), np.float32)
    prediction = Prediction(white, white, white[..., 0], white[..., 0])
    chosen = MergeSettings(**PLAIN, **settings)
    return composite(frame, landmarks, prediction, chosen, face_type="whole_face", limits=limits)


def polygon(points, **options):
    return Matte.model_validate({"keys": [{"frame": 1, "points": points}], "feather": 0.0, **options})


@pytest.fixture
def frame(textured):
    return from_display(textured, np.uint8)


@pytest.mark.parametrize("placement", [{}, {"offset_x": 20.0, "rotation": 15.0}, {"face_scale": -20.0}])
def test_a_polygon_in_the_frame_stays_there_however_the_face_is_placed(frame, place_face, placement):
    left_half = polygon([[0, 0], [0.5, 0], [0.5, 1], [0, 1]])
    result = merged(frame, place_face(160, 120, 60, 0.2), Limits(0, [left_half]), **placement)
    assert not result.changed[:, :158].any()
    assert result.alpha[110:130, 162:175].min() > 0.95
    assert np.array_equal(result.pixels[:, :158], frame[:, :158])


def test_a_polygon_on_the_face_follows_it(frame, place_face):
    """The left brow's outer end to the middle: x from 0 to a half of the face's width."""
    left_half = polygon([[-1, -1], [0.5, -1], [0.5, 2], [-1, 2]], space="face", effect="include")
    for x, placement in ((160, {}), (120, {}), (120, {"offset_x": 50.0})):
        result = merged(frame, place_face(x, 120, 60), Limits(0, [left_half]), **placement)
        border = np.flatnonzero(result.alpha[115] > 0.5)[-1]
        assert border == pytest.approx(x + placement.get("offset_x", 0) * 0.6, abs=2.0)


def test_a_painted_picture_lets_through_what_is_white(frame, place_face):
    painted = np.ones((240, 320), np.float32)
    painted[100:140, 150:170] = 0.0
    result = merged(frame, place_face(160, 120, 60), Limits(0, (), painted))
    assert result.alpha[104:136, 154:166].max() < 0.01
    assert result.alpha[104:136, 176:186].min() > 0.99
    edge = merged(frame, place_face(4, 120, 60), Limits(0, (), np.ones((240, 320), np.float32)))
    assert np.array_equal(edge.alpha, merged(frame, place_face(4, 120, 60), UNLIMITED).alpha)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "film" / "data_dst" / "mattes").mkdir(parents=True)
    return tmp_path / "film"


def mattes_of(root, *more):
    class Film(Project):
        def __init__(self):
            self.root = root

    return Mattes.of(Film(), more)


def test_a_project_gives_each_frame_its_mattes(project, frame):
    document = [{"name": "lamp", "keys": [{"frame": 1, "points": [[0, 0], [1, 0], [1, 1]]}]}]
    folder = project / "data_dst" / "mattes"
    (folder / "mattes.json").write_text(json.dumps(document))
    grey = np.full((240, 320), 51, np.uint8)
    cv2.imwrite(str(folder / "00002.png"), grey)
    cv2.imwrite(str(folder / "shot_007.png"), grey)
    own = polygon([[0, 0], [1, 0], [1, 1]], name="own")
    mattes = mattes_of(project, own)
    limits = [mattes.at(Frame(frame, index, Fraction(index))) for index in range(3)]
    assert [matte.name for matte in limits[0].mattes] == ["own", "lamp"]
    assert [each.painted is not None for each in limits] == [False, True, False]
    assert np.allclose(limits[1].painted, 0.2)
    assert mattes.at(Frame(frame, 5, Fraction(5), name="shot_007")).painted is not None


def test_a_project_without_mattes_limits_nothing(project, frame):
    assert mattes_of(project).at(Frame(frame, 0, Fraction(0))) is UNLIMITED


def test_the_identity_of_a_part_changes_with_its_own_mattes_alone(project, frame):
    path = project / "data_dst" / "mattes" / "00015.png"
    cv2.imwrite(str(path), np.zeros((240, 320), np.uint8))
    late = polygon([[0, 0], [1, 0], [1, 1]], first=11)
    parts = [range(10), range(10, 20)]
    plain, with_late = (
        [mattes_of(project, *more).identity(part, numbered=True) for part in parts] for more in ((), (late,))
    )
    cv2.imwrite(str(path), np.ones((240, 320), np.uint8))
    painted = [mattes_of(project).identity(part, numbered=True) for part in parts]
    assert plain[0] == with_late[0] == painted[0]
    assert len({plain[1], with_late[1], painted[1]}) == 3


def test_a_picture_may_be_of_any_frame_where_frames_have_names(project):
    path, part = project / "data_dst" / "mattes" / "01015.png", range(10)  # of a folder that begins with 01001.png
    cv2.imwrite(str(path), np.zeros((240, 320), np.uint8))
    before = mattes_of(project).identity(part, numbered=False)
    cv2.imwrite(str(path), np.ones((240, 320), np.uint8))
    assert mattes_of(project).identity(part, numbered=False) != before


@pytest.mark.parametrize("text", ["{", '{"keys": []}', '[{"keys": []}]', "[" * 100_000, '[{"frame": 1}]', "\xff"])
def test_damaged_files_are_one_line(project, text):
    (project / "data_dst" / "mattes" / "mattes.json").write_text(text, encoding="latin-1")
    with pytest.raises(UnderstudyError, match=r"mattes\.json") as fault:
        mattes_of(project)
    assert "\n" not in str(fault.value)


def test_a_picture_of_another_size_is_refused(project, frame):
    cv2.imwrite(str(project / "data_dst" / "mattes" / "00001.png"), np.zeros((10, 20), np.uint8))
    with pytest.raises(UnderstudyError, match="20x10"):
        mattes_of(project).at(Frame(frame, 0, Fraction(0)))


def test_face_space_is_the_square_of_the_mean_face(place_face):
    landmarks = place_face(160, 120, 60, 0.3)
    matrix = face_matrix(landmarks, "half", 1)
    brow = landmarks[17] @ matrix[:, :2].T + matrix[:, 2]
    assert np.allclose(brow, (0.0, 0.1), atol=0.02)
