"""What the files say is drawn where it lies, and counted as it is."""

from pathlib import Path

import numpy as np
import pytest

from drawn_faces import fill_faceset
from understudy.facesets import Faceset
from understudy.facesets.debug_pictures import draw_face_file, write_debug_pictures
from understudy.facesets.face_file import write_picture
from understudy.facesets.faceset_statistics import describe_faceset
from understudy.facesets.mask_picture import encode_mask
from understudy.facesets.metadata import Polygon
from understudy.project import UnderstudyError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill_faceset(tmp_path / "aligned", range(4), size=96)
    face = Faceset(tmp_path / "aligned")[1]
    mask = np.zeros((96, 96))
    mask[20:76, 20:76] = 1
    square = Polygon(kind="include", points=[(10, 10), (86, 10), (86, 86), (10, 86)])
    write_picture(face.path, face.picture(), face.metadata.model_copy(update={"polygons": [square]}), encode_mask(mask))
    return tmp_path / "aligned"


def test_landmarks_masks_and_polygons_are_drawn_where_they_lie(folder: Path) -> None:
    plain, labelled = Faceset(folder)[0], Faceset(folder)[1]
    for face in (plain, labelled):
        picture = draw_face_file(face)
        assert picture.shape == (384, 384, 3)
        for x, y in np.asarray(face.metadata.landmarks[17:]) * 4:
            near = picture[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].astype(int)
            assert (near[..., 1] - near[..., [0, 2]].max(-1)).max() > 100
    labelled_picture = draw_face_file(labelled).astype(int)
    assert (labelled_picture[40, 100:300] - (255, 220, 0)).__abs__().max() < 90
    outside, inside = labelled_picture[60:70, 20:30], labelled.aligned().image[15:17, 5:7]
    assert outside.mean() == pytest.approx(0.4 * inside.mean(), rel=0.25)


def test_pictures_lie_beside_the_faceset(folder: Path) -> None:
    out = folder.with_name("aligned_debug")
    assert write_debug_pictures(list(Faceset(folder)), out) == 4
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in folder.glob("*.jpg"))
    with pytest.raises(UnderstudyError, match="no faces"):
        write_debug_pictures([], out)
    with pytest.raises(UnderstudyError, match="faceset itself"):
        write_debug_pictures(list(Faceset(folder)), folder)


def test_statistics_count_what_is_there(folder: Path) -> None:
    faces = list(Faceset(folder))
    found = describe_faceset(faces)
    assert (found.faces, found.frames, found.frames_with_several) == (4, 4, 0)
    assert (found.with_polygons, found.with_mask, found.with_mesh, found.tracks) == (1, 1, 0, 0)
    assert found.face_types == {"full": 4}
    assert found.sizes == {96: 4}
    assert found.bytes == sum(path.stat().st_size for path in folder.glob("*.jpg"))
    yaw = np.degrees([face.metadata.pose.yaw for face in faces])
    assert found.yaw.least == pytest.approx(yaw.min(), abs=1e-3)
    assert found.yaw.middle == pytest.approx(np.median(yaw), abs=1e-3)
    assert found.source_side.middle == pytest.approx(159.66, abs=0.5)  # 1.5966 of the drawn face's 100 pixels
    assert found.enlarged == 0
    with pytest.raises(UnderstudyError, match="no faces"):
        describe_faceset([])
