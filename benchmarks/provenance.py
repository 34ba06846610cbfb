"""What marking costs as a share of a merge, and how surely a change is found.

    python benchmarks/provenance.py [--frames 96] [--tamper 200]

A merge is rendering (1280x720, one face, as in `merging.py`) and encoding as H.264; marking is the watermark, the label
and the signature, each timed on the same frames. Then one bit is flipped in each of so many places, drawn at random
over the whole file, of signed videos, a picture and a sidecar, and `verify` is asked.
"""

import argparse
import datetime
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from merging import Oval, make_frames, understudy
from understudy.media import EncodeSettings, Frame, FrameSource, open_sink, open_source, write_image
from understudy.media.planes import LumaPlane
from understudy.merging.predictor import best_device
from understudy.models import create_model
from understudy.project import Consent, ConsentRecord, UnderstudyError
from understudy.provenance import (
    LabelSettings,
    Origin,
    SigningSettings,
    draw_label,
    open_marked,
    verify,
    write_marked_image,
)
from understudy.provenance.credentials import Credentials, embeds
from understudy.provenance.sidecar import sidecar_path
from understudy.provenance.watermark import embedder, payload_of

_RESOLUTION = 128


def footage(folder: Path, frames: list[Frame]) -> FrameSource:
    """The frames as a clip."""
    path = folder / "dst.mkv"
    pattern = open_source([_pictures(folder, frames[0])])
    pattern.info = replace(pattern.info, frame_count=len(frames), duration=Fraction(len(frames), 25))
    with open_sink(path, like=pattern, settings=EncodeSettings(speed="ultrafast")) as sink:
        for frame in frames:
            sink.write(frame, frame.pixels, None)
    return open_source([path])


def _pictures(folder: Path, frame: Frame) -> Path:
    (folder / "pictures").mkdir()
    write_image(folder / "pictures" / "1.png", frame.pixels)
    return folder / "pictures"


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def tampering(path: Path, places: int) -> str:
    """How many flipped bits `verify` finds."""
    stored = [path] if embeds(path) else [path, sidecar_path(path)]
    found = told = 0
    for file in stored:
        data = file.read_bytes()
        for offset in np.random.default_rng(0).integers(0, len(data), places):
            changed = bytearray(data)
            changed[offset] ^= 1
            file.write_bytes(changed)
            try:
                found += verify(path, watermark=False).exit_code == 3
            except UnderstudyError:
                told += 1
        file.write_bytes(data)
    total = places * len(stored)
    return f"{found + told} of {total} found ({found} as changed, {told} as damaged)"


def main() -> None:
    parser = argparse.ArgumentParser(description="What marking costs, and how surely a change is found.")
    parser.add_argument("--frames", type=int, default=96)
    parser.add_argument("--tamper", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["UNDERSTUDY_CONFIG"] = str(folder / "config")
        frames, plan = make_frames(options.frames)
        source = footage(folder, frames)
        device = best_device()
        network = create_model("saehd", {"resolution": _RESOLUTION, "archi": "df-ud"}).to(device).eval()
        rendering = seconds(lambda: list(understudy(Oval(_RESOLUTION, network), frames, plan, device)))
        agreed = Consent(name="performer", basis="synthetic", reference="noise", date=datetime.date.today())
        clip = source.info.paths[0]
        consent = ConsentRecord(src=agreed, dst=agreed)
        origin = Origin("0" * 16, consent, (clip,), (clip,), "none", "ab" * 32, "cd" * 32)
        label, signing = LabelSettings(), SigningSettings()
        settings = EncodeSettings()

        def plainly() -> None:
            with open_sink(folder / "plain.mp4", like=source, settings=settings) as sink:
                for frame in frames:
                    sink.write(frame, frame.pixels, None)

        def marked(path: Path) -> None:
            with open_marked(path, like=source, encode=settings, label=label, signing=signing, origin=origin) as writer:
                for frame in frames:
                    writer.write(frame, frame.pixels)

        plainly()
        encoding = seconds(plainly)
        count = len(frames)
        pattern = embedder(payload_of(origin.project_id), *frames[0].pixels.shape[:2])
        # As a video is marked: in the luma that goes to the encoder anyhow; green stands for it here.
        planes = [LumaPlane(np.ascontiguousarray(frame.pixels[..., 1]), 16, 235, 255) for frame in frames]
        pattern.mark_luma(planes[0])
        watermarking = seconds(lambda: [pattern.mark_luma(plane) for plane in planes])
        draw_label(frames[0].pixels, label)
        labelling = seconds(lambda: deque((draw_label(frame.pixels, label) for frame in frames), maxlen=0))
        signature = seconds(
            lambda: Credentials(origin, signing, label=None).embed(folder / "plain.mp4", folder / "signed.mp4")
        )
        marked(folder / "marked.mp4")
        marking = watermarking + labelling + signature
        print(f"rendering          {rendering / count * 1e3:7.2f} ms a frame")
        print(f"encoding           {encoding / count * 1e3:7.2f} ms a frame")
        print(f"watermark          {watermarking / count * 1e3:7.2f} ms a frame")
        print(f"label              {labelling / count * 1e3:7.2f} ms a frame")
        print(f"signature          {signature * 1e3:7.2f} ms a file")
        print(f"marking in all     {marking / (rendering + encoding + marking):7.2%} of the merge")
        size = (folder / "marked.mp4").stat().st_size
        for what, watermark in (("credentials", False), ("all", True)):
            spent = seconds(lambda watermark=watermark: verify(folder / "marked.mp4", watermark=watermark))
            print(f"verify, {what:<11} {spent * 1e3:7.1f} ms for {size / 1e6:.1f} MB and {count} frames")
        write_marked_image(
            folder / "still.png", frames[0].pixels[:240, :320], label=label, signing=signing, origin=origin
        )
        frames = frames[:8]
        for suffix in (".mp4", ".mov", ".mkv"):
            marked(folder / f"short{suffix}")
            print(f"one bit flipped, {suffix:<4}  {tampering(folder / f'short{suffix}', options.tamper)}")
        print(f"one bit flipped, .png  {tampering(folder / 'still.png', options.tamper)}")


if __name__ == "__main__":
    main()
