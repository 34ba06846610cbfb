"""Memory of a whole merge over 10,000 small frames: parts, records, watermark, label, signatures and the joined file.

    python benchmarks/session_memory.py [--frames 10000]

Prints the memory in use (resident, without what is shared) after every 1,000 frames and after joining. What a merge
holds of the whole film is its plan: a few kilobytes for each face, there before the first frame. The network is small
and has random weights, and every frame has a face.
"""

import argparse
import os
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from numpy.typing import NDArray

from understudy.faces import Face, Pose, align_face
from understudy.faces.template import MEAN_FACE
from understudy.facesets.face_file import write_face
from understudy.facesets.metadata import SourceFrame
from understudy.media import EncodeSettings, Frame
from understudy.merging import MergeSettings, merge
from understudy.models import create_model, save_model
from understudy.project import ConsentRecord, Project, Silent, make_consent

WIDTH, HEIGHT, RATE = 160, 120, 25
_PAGE = os.sysconf("SC_PAGE_SIZE")
_STEP = 1000


def in_use() -> float:
    """MiB."""
    _, resident, shared, *_ = Path("/proc/self/statm").read_text().split()
    return (int(resident) - int(shared)) * _PAGE / 2**20


class Watched(Silent):
    """Prints the memory in use while a merge goes on."""

    def begin(self, label: str, total: float | None) -> None:  # noqa: ARG002
        print(f"{label:<28} {in_use():7.1f} MiB", flush=True)
        self._is_merge, self._done = label == "merge", 0.0
        self._started = time.monotonic()

    def advance(self, units: float = 1.0, note: str = "") -> None:  # noqa: ARG002
        self._done += units
        if self._is_merge and units and self._done % _STEP == 0:
            seconds = time.monotonic() - self._started
            print(f"  {self._done:>8.0f} frames            {in_use():7.1f} MiB  {seconds:6.0f} s", flush=True)


def film(count: int) -> list[NDArray[np.uint8]]:
    """Noise that drifts, over and over."""
    noise = np.random.default_rng(5).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    whole = np.kron(noise, np.ones((8, 8, 1), np.uint8))
    return [np.roll(whole, index, axis=1) for index in range(min(count, WIDTH))]


def make_project(root: Path, count: int) -> Project:
    pictures = film(count)
    clip = root / "dst.mp4"
    root.mkdir(parents=True)
    with av.open(clip, "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(count):
            picture = av.VideoFrame.from_ndarray(pictures[index % len(pictures)], format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    agreed = make_consent("src", basis="synthetic", reference="drawn by the benchmark")
    project = Project.create(root / "film", src=[clip], dst=[clip], consent=ConsentRecord(src=agreed, dst=agreed))
    torch.manual_seed(0)
    sizes = {"resolution": 64, "archi": "df-ud", "ae_dims": 16, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}
    save_model(create_model("saehd", sizes), project.model_folder("m") / "1" / "weights.safetensors")
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    face = 40 * np.concatenate([jaw, MEAN_FACE])
    for index in range(count):
        points = (face + np.array([60 + 20 * np.sin(index / 30), 40])).astype(np.float32)
        frame = Frame(pictures[index % len(pictures)], index, Fraction(index, RATE))
        found = Face(np.zeros(4, np.float32), points, Pose(0, 0, 0), 1.0, "drawn", track=index // 500)
        source = SourceFrame(clip="dst.mp4", frame=index, time=index / RATE, width=WIDTH, height=HEIGHT)
        path = project.aligned("dst") / f"{index:05d}_0.jpg"
        write_face(path, align_face(frame, found, "full", 64), source, quality=80)
    return project


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["UNDERSTUDY_CONFIG"] = str(Path(folder) / "config")
        project = make_project(Path(folder) / "work", options.frames)
        result = merge(project, MergeSettings(), model="m", encode=EncodeSettings(), progress=Watched())
        print(f"{result.frames} frames joined           {in_use():7.1f} MiB")


if __name__ == "__main__":
    main()
