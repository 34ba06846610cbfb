"""Frames a second of extraction, from video files to aligned faces on disk.

    python benchmarks/extraction.py CLIP [CLIP ...]

Baseline, in the same run: the same parts one after another on one thread, the detector on every frame, as the field's
programs work: decode, detect, place landmarks, align, write.
"""

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

from understudy.faces import ExtractSettings, align_face, find_faces
from understudy.facesets import SourceFrame, extract, write_face
from understudy.media import open_source
from understudy.project import Project

ROUNDS = 3


def overlapped(clips: list[Path], settings: ExtractSettings, folder: Path) -> int:
    return extract(Project.create(folder, src=clips, dst=clips), "src", settings).frames


def serial(clips: list[Path], settings: ExtractSettings, folder: Path) -> int:
    frames = 0
    every_frame = settings.model_copy(update={"detect_every": 1})
    for frame, faces in find_faces(open_source(clips).frames(), every_frame):
        where = SourceFrame(clip="clip", frame=frame.index, time=0, width=frame.width, height=frame.height)
        for k, face in enumerate(faces):
            aligned = align_face(frame, face, settings.face_type, settings.image_size)
            write_face(folder / f"{frame.index}_{k}.jpg", aligned, where, quality=settings.jpeg_quality)
        frames += 1
    return frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+", type=Path)
    clips = parser.parse_args().clips
    settings = ExtractSettings()
    with tempfile.TemporaryDirectory() as scratch:
        overlapped(clips[:1], settings, Path(scratch) / "warm-up")
        rates: dict[str, list[float]] = {"serial": [], "understudy": []}
        for number in range(ROUNDS):
            for name, run in (("serial", serial), ("understudy", overlapped)):
                start = time.perf_counter()
                frames = run(clips, settings, Path(scratch) / f"{name}-{number}")
                rates[name].append(frames / (time.perf_counter() - start))
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; {frames} frames, {settings.image_size} px"
    )
    median = {name: sorted(found)[ROUNDS // 2] for name, found in rates.items()}
    for name, found in rates.items():
        print(f"{name:<12} {median[name]:6.1f} frames/s   ({min(found):.1f} to {max(found):.1f})")
    print(f"ratio        {median['understudy'] / median['serial']:6.2f}")


if __name__ == "__main__":
    main()
