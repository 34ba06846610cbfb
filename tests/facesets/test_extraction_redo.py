"""Frames whose face or debug picture was deleted are looked at again, and no others."""

from pathlib import Path

import pytest

from understudy.faces import ExtractSettings
from understudy.facesets import Faceset, extract
from understudy.project import Project, UnderstudyError

_SETTINGS = ExtractSettings(image_size=256, debug=True)


def test_only_what_was_deleted_is_extracted_again(footage: Path, tmp_path: Path) -> None:
    project = Project.create(tmp_path, src=[footage / "headpose_f.mp4"], dst=[footage / "headpose_f.mp4"])
    with pytest.raises(UnderstudyError, match="no finished extraction"):
        extract(project, "src", _SETTINGS, redo="deleted")
    whole = extract(project, "src", _SETTINGS)
    before = {path.name: path.read_bytes() for path in whole.folder.glob("0*.jpg")}
    (whole.folder / "00004_0.jpg").unlink()
    (project.aligned_debug("src") / "00010.jpg").unlink()
    (project.aligned_debug("src") / "00011.jpg").unlink()
    with pytest.raises(UnderstudyError, match="keeps face type"):
        extract(project, "src", _SETTINGS.model_copy(update={"face_type": "head"}), redo="deleted")
    finer = _SETTINGS.model_copy(update={"refine": 4, "debug": False})
    done = extract(project, "src", finer, redo="deleted")
    assert done.redone == ((3, 3), (9, 10))
    after = {path.name: path.read_bytes() for path in whole.folder.glob("0*.jpg")}
    assert after.keys() == before.keys()
    assert {name for name in before if before[name] != after[name]} == {f"{k:05d}_0.jpg" for k in (4, 10, 11)}
    assert (project.aligned_debug("src") / "00010.jpg").exists()
    assert {face.was for face in Faceset(whole.folder).trashed()} == {"00010_0.jpg", "00011_0.jpg"}
    assert extract(project, "src", finer, redo="deleted").redone == ()
    assert extract(project, "src", _SETTINGS).faces == whole.faces
