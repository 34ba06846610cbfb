"""Extraction finds the faces of a clip, survives being killed, and refuses to mix or overwrite."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from understudy.faces import ExtractSettings
from understudy.facesets import Faceset, extract
from understudy.media import open_source, write_image
from understudy.project import Project, UnderstudyError

_SETTINGS = ExtractSettings(image_size=256)


def _project(root: Path, *src: Path) -> Project:
    return Project.create(root, src=src, dst=src)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_faces_know_their_frame_and_their_time(footage: Path, tmp_path: Path) -> None:
    clips = [footage / "headpose_f.mp4", footage / "headpose_f.mp4"]
    project = _project(tmp_path / "film", *clips)
    found = extract(project, "src", _SETTINGS)
    source = open_source(clips)
    assert found.frames == source.info.frame_count == 46
    assert found.frames_with_face >= 0.99 * found.frames
    times = {frame.index: float(frame.time) for frame in source.frames()}
    for file in Faceset(found.folder):
        assert file.path.name == f"{file.frame + 1:05d}_0.jpg"
        assert file.metadata.source.time == pytest.approx(times[file.frame])
        assert file.aligned().image.shape == (256, 256, 3)


def test_killed_and_resumed_equals_uninterrupted(footage: Path, tmp_path: Path) -> None:
    clip = footage / "headpose_m.mp4"
    whole = extract(_project(tmp_path / "whole", clip), "src", _SETTINGS)
    project = _project(tmp_path / "killed", clip)
    words = ["extract", "src", "--project", str(project.root), "--image-size", "256"]
    run = subprocess.Popen([sys.executable, "-c", f"from understudy.cli import main; main({words!r})"])
    deadline = time.monotonic() + 60
    while len(list(project.aligned("src").glob("0*.jpg"))) < 20 and time.monotonic() < deadline and run.poll() is None:
        time.sleep(0.002)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    before = len(list(project.aligned("src").glob("0*.jpg")))
    assert 0 < before < whole.faces, "the kill came too early or too late to prove anything"
    resumed = extract(project, "src", _SETTINGS)
    assert (resumed.frames, resumed.frames_with_face, resumed.faces) == (
        whole.frames,
        whole.frames_with_face,
        whole.faces,
    )
    assert _contents(resumed.folder) == _contents(whole.folder)


def test_what_was_sorted_out_does_not_come_back(footage: Path, tmp_path: Path) -> None:
    project = _project(tmp_path / "film", footage / "headpose_f.mp4")
    faces = Faceset(extract(project, "src", _SETTINGS).folder)
    faces.trash(faces[3])
    extract(project, "src", _SETTINGS)
    assert len(Faceset(faces.folder)) == len(faces)
    with pytest.raises(UnderstudyError, match="--again"):
        extract(project, "src", ExtractSettings(image_size=512))
    again = extract(project, "src", _SETTINGS, again=True)
    assert len(Faceset(again.folder)) == again.faces == len(faces) + 1
    assert len(list((project.data("src") / "aligned_trash").glob("*.jpg"))) == again.faces


def test_pictures_without_a_face_are_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "пустые кадры"
    for k in range(3):
        write_image(folder / f"{k}.png", np.full((120, 160, 3), 40 * k, np.uint8))
    with pytest.raises(UnderstudyError, match="no face found in 3 frames") as fault:
        extract(_project(tmp_path / "film", folder), "src", _SETTINGS)
    assert "\n" not in str(fault.value)


def test_src_takes_clips_of_any_size_and_dst_of_one(footage: Path, tmp_path: Path) -> None:
    project = _project(tmp_path / "film", footage / "headpose_f.mp4", footage / "signer_b_milk.mkv")
    found = extract(project, "src", _SETTINGS)
    sizes = {(file.metadata.source.width, file.metadata.source.height) for file in Faceset(found.folder)}
    assert sizes == {(480, 270), (640, 480)}
    with pytest.raises(UnderstudyError, match="one size"):
        extract(project, "dst", _SETTINGS)
