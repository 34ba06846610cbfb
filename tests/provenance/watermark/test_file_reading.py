"""The watermark is read from files, and told second by second."""

import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from understudy.media import write_image
from understudy.project.errors import UnderstudyError
from understudy.provenance.watermark import Embedder, payload_of, read_file

PAYLOAD = payload_of("0123456789abcdef")
RATE = 8


def write_video(path: Path, frames: list[NDArray[np.uint8]], crf: int = 26) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": str(crf), "preset": "veryfast"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def moving(picture: NDArray[np.uint8], seconds: int) -> list[NDArray[np.uint8]]:
    return [np.roll(picture, 3 * index, axis=1) for index in range(RATE * seconds)]


def test_a_video_says_what_and_where(picture: NDArray[np.uint8], tmp_path: Path) -> None:
    embedder = Embedder(PAYLOAD, 360, 640)
    frames = moving(picture, 6)
    marked = [embedder.mark(f) if RATE <= i < 4 * RATE else f for i, f in enumerate(frames)]
    reading = read_file(write_video(tmp_path / "a.mp4", marked))
    assert reading.payload == PAYLOAD
    assert [second.payload == PAYLOAD for second in reading.seconds] == [False, True, True, True, False, False]
    assert [second.start for second in reading.seconds] == [0, 1, 2, 3, 4, 5]
    assert reading.share == 0.5
    assert reading.frames == 36
    assert reading.chance < 1e-6


def test_two_projects_in_one_film_are_both_told(picture: NDArray[np.uint8], tmp_path: Path) -> None:
    other = payload_of("fedcba9876543210")
    first, second = Embedder(PAYLOAD, 360, 640), Embedder(other, 360, 640)
    frames = [(first if i < 10 * RATE else second).mark(f) for i, f in enumerate(moving(picture, 12))]
    reading = read_file(write_video(tmp_path / "a.mp4", frames))
    assert {part.payload for part in reading.seconds[:10]} == {PAYLOAD}
    assert {part.payload for part in reading.seconds[10:]} == {other}
    assert reading.share == {PAYLOAD: 10 / 12, other: 2 / 12}[reading.payload]


def test_an_unmarked_video_says_nothing(picture: NDArray[np.uint8], tmp_path: Path) -> None:
    reading = read_file(write_video(tmp_path / "a.mp4", moving(picture, 2)))
    assert (reading.reading, reading.payload, reading.share) == (None, None, 0)
    assert [second.payload for second in reading.seconds] == [None, None]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".exr"])
def test_pictures_and_folders_are_read(picture: NDArray[np.uint8], tmp_path: Path, suffix: str) -> None:
    for index in range(5):
        write_image(tmp_path / f"{index}{suffix}", Embedder(PAYLOAD, 360, 640).mark(np.roll(picture, index, axis=1)))
    assert read_file(tmp_path / f"0{suffix}").payload == PAYLOAD
    assert read_file(tmp_path).payload == PAYLOAD


def test_what_is_marked_inside_a_face_alone_is_read(picture: NDArray[np.uint8], tmp_path: Path) -> None:
    """As in lossless outputs, where the rest stays bit-identical."""
    region = np.zeros((360, 640), np.uint8)
    cv2.ellipse(region, (330, 180), (100, 130), 0, 0, 360, 1, -1)
    embedder = Embedder(PAYLOAD, 360, 640)
    frames = [embedder.mark(f, region.astype(np.bool_)) for f in moving(picture, 2)]
    assert read_file(write_video(tmp_path / "a.mp4", frames, crf=20)).payload == PAYLOAD


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film")
    with pytest.raises(UnderstudyError, match=r"a\.mp4"):
        read_file(tmp_path / "a.mp4")
    with pytest.raises(UnderstudyError, match="does not exist"):
        read_file(tmp_path / "b.mp4")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnderstudyError, match="holds no pictures"):
        read_file(tmp_path / "empty")


def test_the_reader_needs_no_torch() -> None:
    code = "import sys, understudy.provenance.watermark; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
