"""A faceset in another size or geometry: everything that lies on the face stays where it is on the face."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from drawn_faces import draw_face
from understudy.faces import FaceType, align_face, transform, warp
from understudy.facesets import FaceFile, Faceset, SourceFrame, write_face
from understudy.facesets.face_file import write_picture
from understudy.facesets.metadata import Polygon
from understudy.facesets.reproject import reproject_faces
from understudy.project import UnderstudyError

_COUNT = 5


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`frames`, and `aligned` with 128-pixel full faces, each with a mask and a polygon drawn in the frame."""
    root = tmp_path_factory.mktemp("room")
    (root / "frames").mkdir()
    for seed in range(_COUNT):
        frame, face = draw_face(seed)
        Image.fromarray(frame.pixels).save(root / "frames" / f"{seed + 1:05d}.png")
        aligned = align_face(frame, face, "full", 128)
        mask = warp(_disc(face.landmarks[30]), aligned.matrix, 128).reshape(128, 128) / 65535
        name = f"{seed + 1:05d}.png"
        source = SourceFrame(clip="frames", frame=seed, time=seed / 25, width=300, height=300, name=name)
        file = write_face(root / "aligned" / f"{seed:05d}_0.jpg", replace(aligned, mask=mask), source, quality=100)
        triangle = face.landmarks[[36, 45, 57]]
        drawn = [Polygon(kind="include", points=transform(triangle, aligned.matrix).tolist())]
        metadata = file.metadata.model_copy(update={"polygons": drawn})
        write_picture(file.path, file.picture(), metadata, file.mask_picture())
    return root


def _disc(centre: np.ndarray) -> np.ndarray:
    disc = np.zeros((300, 300, 1), np.uint16)
    cv2.circle(disc, np.rint(centre).astype(int).tolist(), 14, 65535, -1)
    return disc


@pytest.mark.parametrize("face_type", [None, "half", "mid", "full", "whole_face", "head"])
@pytest.mark.parametrize("size", [None, 64, 200])
@pytest.mark.parametrize("with_frames", [True, False])
def test_what_lies_on_the_face_stays_on_the_face(
    room: Path, tmp_path: Path, face_type: FaceType | None, size: int | None, with_frames: bool
) -> None:
    faces = list(Faceset(room / "aligned"))
    frames = room / "frames" if with_frames else None
    done = reproject_faces(faces, tmp_path / "out", size=size, face_type=face_type, frames=frames, quality=100)
    assert (done.faces, done.from_frames) == (_COUNT, _COUNT if with_frames else 0)
    for seed, (before, after) in enumerate(zip(faces, Faceset(tmp_path / "out"), strict=True)):
        frame, face = draw_face(seed)
        meta = after.metadata
        side = size or 128
        assert (meta.size, meta.face_type) == (side, face_type or "full")
        direct = align_face(frame, face, meta.face_type, side)
        np.testing.assert_allclose(meta.matrix, direct.matrix, atol=2e-3)
        np.testing.assert_allclose(meta.landmarks, direct.landmarks, atol=3e-3)
        assert meta.source_landmarks == before.metadata.source_landmarks
        aligned = after.aligned()
        assert aligned.mask is not None
        in_mask = warp(_disc(face.landmarks[30]), direct.matrix, side).reshape(side, side) / 65535
        if meta.face_type in ("full", "whole_face", "head"):
            assert np.abs(aligned.mask - in_mask).mean() < 0.02
        np.testing.assert_allclose(
            (meta.polygons or [])[0].points, transform(face.landmarks[[36, 45, 57]], direct.matrix), atol=5e-3
        )
        x, y = direct.landmarks[30].astype(int)
        nose = (slice(y - side // 8, y + side // 8), slice(x - side // 8, x + side // 8))
        difference = np.abs(aligned.image[nose].astype(int) - direct.image[nose]).mean()
        assert difference < (1.5 if with_frames else 5)


def test_what_was_lost_is_told(room: Path, tmp_path: Path) -> None:
    faces = list(Faceset(room / "aligned"))
    shrunk = reproject_faces(faces, tmp_path / "a", size=96)
    assert (shrunk.enlarged, shrunk.bordered) == ((), ())
    grown = reproject_faces(faces, tmp_path / "b", size=256)
    assert len(grown.enlarged) == _COUNT
    widened = reproject_faces(faces, tmp_path / "c", face_type="head")
    assert (len(widened.enlarged), len(widened.bordered)) == (0, _COUNT)
    cut_anew = reproject_faces(faces, tmp_path / "d", size=256, face_type="head", frames=room / "frames")
    assert (cut_anew.from_frames, cut_anew.enlarged, cut_anew.bordered) == (_COUNT, (), ())


def test_a_frame_that_shows_something_else_is_not_used(room: Path, tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    for seed in range(_COUNT):
        pixels = draw_face(seed)[0].pixels
        Image.fromarray(255 - pixels if seed == 2 else pixels).save(frames / f"{seed + 1:05d}.png")
    (frames / "00005.png").unlink()
    done = reproject_faces(list(Faceset(room / "aligned")), tmp_path / "out", size=64, frames=frames)
    assert (done.faces, done.from_frames) == (_COUNT, _COUNT - 2)


def test_png_faces_stay_png_and_nothing_is_overwritten(room: Path, tmp_path: Path) -> None:
    face = Faceset(room / "aligned")[0]
    path = tmp_path / "in" / "a.png"
    path.parent.mkdir()
    Image.fromarray(face.aligned().image).save(path)
    write_picture(path, path.read_bytes(), face.metadata, None)
    reproject_faces(list(Faceset(tmp_path / "in")), tmp_path / "out", size=64)
    found = FaceFile.read(tmp_path / "out" / "a.png")
    assert found is not None
    assert found.picture().startswith(b"\x89PNG")
    with pytest.raises(UnderstudyError, match="exists already"):
        reproject_faces(list(Faceset(tmp_path / "in")), tmp_path / "out", size=64)
