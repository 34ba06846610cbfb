"""Metadata survives an editor that strips it, resizes the pictures or saves them in another format."""

from pathlib import Path

import pytest
from PIL import Image

from drawn_faces import fill_faceset
from understudy.facesets import FaceFile, Faceset
from understudy.facesets.conversion import convert_faces
from understudy.facesets.face_file import write_picture
from understudy.facesets.mask_picture import encode_mask
from understudy.facesets.saved_metadata import SAVED_NAME, restore_metadata, save_metadata
from understudy.project import UnderstudyError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill_faceset(tmp_path / "aligned", range(5))
    face = Faceset(tmp_path / "aligned")[1]
    mask = encode_mask(face.aligned().image[..., 0] / 255)
    write_picture(face.path, face.picture(), face.metadata, mask)
    return tmp_path / "aligned"


def test_what_an_editor_took_comes_back(folder: Path) -> None:
    before = {face.path.name: (face.metadata, face.mask_picture()) for face in Faceset(folder)}
    save_metadata(list(Faceset(folder)), folder / SAVED_NAME)
    paths = sorted(folder.glob("*.jpg"))
    Image.open(paths[0]).resize((200, 200)).save(paths[0])  # resized
    Image.open(paths[1]).save(paths[1])  # stripped
    Image.open(paths[2]).save(paths[2].with_suffix(".png"))  # in another format
    paths[2].unlink()
    paths[3].unlink()  # culled
    Image.new("RGB", (50, 50)).save(folder / "new.jpg")
    done = restore_metadata(folder, folder / SAVED_NAME)
    assert (done.restored, done.resized, done.kept) == (3, 1, 1)
    assert dict(done.skipped).keys() == {paths[3].name, "new.jpg"}
    for name in (paths[0].name, paths[1].name, paths[2].with_suffix(".png").name, paths[4].name):
        face = FaceFile.read(folder / name)
        assert face is not None
        assert (face.metadata, face.mask_picture()) == before[Path(name).with_suffix(".jpg").name]
        face.aligned()


def test_newer_metadata_is_only_replaced_on_request(folder: Path) -> None:
    save_metadata(list(Faceset(folder)), folder / SAVED_NAME)
    face = Faceset(folder)[0]
    write_picture(face.path, face.picture(), face.metadata.model_copy(update={"track": 9}), None)
    assert restore_metadata(folder, folder / SAVED_NAME).kept == 5
    assert Faceset(folder)[0].metadata.track == 9
    assert restore_metadata(folder, folder / SAVED_NAME, overwrite=True).restored == 5
    assert Faceset(folder)[0].metadata == face.metadata


@pytest.mark.parametrize("content", [b"text\n", b'{"name": 1}\n', b"\xff\xfe", b'{"schema": "understudy/saved-face"}'])
def test_damage_is_one_clear_line(folder: Path, content: bytes) -> None:
    (folder / SAVED_NAME).write_bytes(content)
    with pytest.raises(UnderstudyError, match=r"metadata\.jsonl") as fault:
        restore_metadata(folder, folder / SAVED_NAME)
    assert "\n" not in str(fault.value)


def test_conversion_to_png_and_back_keeps_everything(folder: Path, tmp_path: Path) -> None:
    faces = list(Faceset(folder))
    assert convert_faces(faces, tmp_path / "png", "png") == 5
    for before, after in zip(faces, Faceset(tmp_path / "png"), strict=True):
        assert after.path.suffix == ".png"
        assert (after.metadata, after.mask_picture()) == (before.metadata, before.mask_picture())
        assert (after.aligned().image == before.aligned().image).all()
    assert convert_faces(list(Faceset(tmp_path / "png")), tmp_path / "jpg", "jpg") == 5
    for before, after in zip(faces, Faceset(tmp_path / "jpg"), strict=True):
        assert (after.metadata, after.mask_picture()) == (before.metadata, before.mask_picture())
    assert convert_faces(faces, tmp_path / "copy", "jpg") == 0
    for before, after in zip(faces, Faceset(tmp_path / "copy"), strict=True):
        assert after.picture() == before.picture()
    with pytest.raises(UnderstudyError, match="exists already"):
        convert_faces(faces, tmp_path / "png", "png")
