"""The watermark: what it survives, what it costs, what it looks like, and how often it is seen where there is none.

    python benchmarks/watermark.py robustness CLIP... [--work FOLDER]
    python benchmarks/watermark.py unmarked CLIP... [--frames 10000]
    python benchmarks/watermark.py cost
    python benchmarks/watermark.py pictures CLIP... --work FOLDER

Every clip is looped to and fro to five seconds, in its own size and, with `--tall`, scaled to 720 lines. It is marked,
and encoded as the program encodes (H.264, CRF 16); that file is attacked, encoded again, and read. Results are
kept in FOLDER, clip by clip and attack by attack, so that a run can be broken off; `robustness` without clips prints
the table of what is there.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media import open_source
from understudy.media.planes import LumaPlane
from understudy.project.atomic import write_bytes
from understudy.provenance.watermark import Embedder, payload_of, read_file, read_frame

Picture = NDArray[np.uint8]  # (H, W, 3) RGB
Change = Callable[[list[Picture]], list[Picture]]

PAYLOAD = payload_of("0123456789abcdef")
SECONDS = 5


def each(change: Callable[[Picture], Any]) -> Change:
    return lambda frames: [np.ascontiguousarray(np.clip(change(frame), 0, 255).astype(np.uint8)) for frame in frames]


def scaled(picture: Picture, factor: float) -> Picture:
    """Scaled, with even sides."""
    height, width = (2 * round(side * factor / 2) for side in picture.shape[:2])
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=kind), np.uint8)


def cropped(picture: Picture) -> Picture:
    """Without a tenth of its width and height, most of it from the left and the top."""
    height, width = picture.shape[:2]
    top, left = round(height * 0.07), round(width * 0.08)
    return picture[top : top + 2 * round(height * 0.45), left : left + 2 * round(width * 0.45)]


def noisy(frames: list[Picture]) -> list[Picture]:
    random = np.random.default_rng(0)
    return each(lambda p: cv2.GaussianBlur(p, (0, 0), 0.8) + random.normal(0, 3, p.shape))(frames)


def filmed_from_screen(frames: list[Picture]) -> list[Picture]:
    """Played in a window of a desktop, whose picture is taken: an odd scale, a soft resize, another gamma, borders."""

    def film(picture: Picture) -> Any:
        shown = cv2.resize(picture, None, fx=0.87, fy=0.87, interpolation=cv2.INTER_LINEAR)
        desktop = np.full((shown.shape[0] * 5 // 4 // 2 * 2, shown.shape[1] * 5 // 4 // 2 * 2, 3), 45, np.uint8)
        desktop[:28] = 200
        top, left = shown.shape[0] // 7, shown.shape[1] // 6
        desktop[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
        return 255 * (cv2.GaussianBlur(desktop, (0, 0), 0.6) / 255.0) ** 1.1

    return each(film)(frames)


def inset(frames: list[Picture]) -> list[Picture]:
    """At half size over a busy picture that moves."""
    height, width = (2 * (side // 2) for side in frames[0].shape[:2])
    random = np.random.default_rng(3)
    noise = sum(
        cv2.resize(random.normal(0, 20, (height // size + 1, width // size + 1, 3)), (width, height))
        for size in (4, 16, 64)
    )
    back = np.clip(128 + noise, 0, 255).astype(np.uint8)

    def put(index: int, picture: Picture) -> Picture:
        canvas = np.roll(back, 2 * index, axis=1)
        small = scaled(picture, 0.5)
        top, left = round(height * 0.31), round(width * 0.43)
        canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
        return canvas

    return [put(index, picture) for index, picture in enumerate(frames)]


X264 = ("libx264", {"preset": "fast", "crf": "23"})


def x264(crf: int) -> tuple[str, dict[str, str]]:
    return "libx264", {"preset": "fast", "crf": str(crf)}


X265 = ("libx265", {"preset": "fast", "crf": "28", "x265-params": "log-level=error:pools=1:frame-threads=1"})
AV1 = ("libsvtav1", {"preset": "8", "crf": "35", "svtav1-params": "lp=1"})

SAME: Change = lambda frames: frames  # noqa: E731
ATTACKS: dict[str, tuple[Change, Sequence[tuple[str, dict[str, str]]], float]] = {
    "as written": (SAME, (), 1),
    "H.264, CRF 23": (SAME, (x264(23),), 1),
    "H.264, CRF 28": (SAME, (x264(28),), 1),
    "H.264, CRF 32": (SAME, (x264(32),), 1),
    "H.265, CRF 28": (SAME, (X265,), 1),
    "AV1, CRF 35": (SAME, (AV1,), 1),
    "H.264 CRF 28, then H.265 CRF 28": (SAME, (x264(28), X265), 1),
    "scaled to half": (each(lambda p: scaled(p, 0.5)), (X264,), 1),
    "scaled to 720 lines": (each(lambda p: scaled(p, 720 / min(p.shape[:2]))), (X264,), 1),
    "crop of 10%": (each(cropped), (X264,), 1),
    "30 to 25 frames a second": (lambda frames: [f for i, f in enumerate(frames) if i % 6 != 5], (X264,), 25 / 30),
    "brightness +15%": (each(lambda p: p * 1.15), (X264,), 1),
    "brightness -15%": (each(lambda p: p * 0.85), (X264,), 1),
    "contrast +15%": (each(lambda p: (p - 128.0) * 1.15 + 128), (X264,), 1),
    "contrast -15%": (each(lambda p: (p - 128.0) * 0.85 + 128), (X264,), 1),
    "gamma 1.15": (each(lambda p: 255 * (p / 255.0) ** 1.15), (X264,), 1),
    "gamma 0.85": (each(lambda p: 255 * (p / 255.0) ** 0.85), (X264,), 1),
    "blur 0.8 px and noise of 3 levels": (noisy, (X264,), 1),
    "recorded from a screen": (filmed_from_screen, (x264(26),), 1),
    "picture in picture at 50%": (inset, (X264,), 1),
}


def encoded(path: Path, frames: list[Picture], rate: int, codec: tuple[str, dict[str, str]]) -> None:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec[0], rate=rate, options=codec[1])
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.thread_count = "yuv420p", 1
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))


def decoded(path: Path) -> list[Picture]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def looped(path: Path, rate: int, *, tall: bool, seconds: float = SECONDS) -> list[Picture]:
    """A clip to and fro until it is long enough, in even sizes."""
    once = [np.asarray(frame.eight_bit(), np.uint8) for frame in open_source([path]).frames(0, None)]
    once = [scaled(p, 720 / p.shape[0] if tall else 1) for p in once]
    way = once + once[-2:0:-1]
    return [way[i % len(way)] for i in range(round(seconds * rate))]


def psnr(a: Picture, b: Picture) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((a.astype(np.float32) - b) ** 2), 1e-9)))


def attack(clips: list[Path], work: Path, *, tall: bool, region: bool) -> None:
    """Run every attack that has no result yet on every clip."""
    work.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        store = work / f"{clip.stem}{'-720' if tall else ''}{'-region' if region else ''}.json"
        results = json.loads(store.read_text()) if store.exists() else {}
        if set(results) >= {*ATTACKS, "stills"}:
            continue
        rate = max(1, round(open_source([clip]).info.rate))
        frames = looped(clip, rate, tall=tall)
        height, width = frames[0].shape[:2]
        embedder = Embedder(PAYLOAD, height, width)
        inside = None
        if region:  # the middle quarter of the width and half of the height: a face of a close shot
            inside = np.zeros((height, width), np.bool_)
            inside[height // 4 : height * 3 // 4, width * 3 // 8 : width * 5 // 8] = True
        marked = [embedder.mark(frame, inside) for frame in frames]
        loss = float(np.mean([psnr(a, b) for a, b in zip(frames[::10], marked[::10], strict=True)]))
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "written.mp4"
            encoded(written, marked, rate, x264(16))
            published = decoded(written)
            for name, (change, codecs, pace) in ATTACKS.items():
                if name in results:
                    continue
                file, pictures = written, change(published) if codecs else published
                for turn, codec in enumerate(codecs):
                    pictures = decoded(file) if turn else pictures
                    file = Path(folder) / f"attacked{turn}.mkv"
                    encoded(file, pictures, round(rate * pace), codec)
                begun = time.process_time()
                reading = read_file(file)
                results[name] = {
                    "read": reading.payload == PAYLOAD,
                    "bit_error": reading.reading.bit_error if reading.reading else None,
                    "score": reading.reading.score if reading.reading else None,
                    "share": reading.share,
                    "reading_s": round(time.process_time() - begun, 2),
                }
                results["psnr"] = loss
                write_bytes(store, json.dumps(results, indent=1).encode())
        still = []
        for frame in marked[:: len(marked) // 8]:
            _, data = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
            found = read_frame(np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]))
            still.append([found is not None and found.payload == PAYLOAD, found.bit_error if found else None])
        results["stills"] = still
        write_bytes(store, json.dumps(results, indent=1).encode())


def table(work: Path) -> None:
    """Print what is known, attack by attack."""
    stores = {
        path.stem: json.loads(path.read_text()) for path in sorted(work.glob("*.json")) if path.stem != "unmarked"
    }
    print(f"{len(stores)} clips; PSNR {min((s['psnr'] for s in stores.values()), default=0):.1f} dB at least")
    print("| attack | clips | read | bit error before correction: mean, worst |\n| --- | --- | --- | --- |")
    for name in ATTACKS:
        rows = {clip: store[name] for clip, store in stores.items() if name in store}
        errors = [row["bit_error"] for row in rows.values() if row["bit_error"] is not None]
        missed = ", ".join(clip for clip, row in rows.items() if not row["read"])
        read = sum(row["read"] for row in rows.values())
        spread = f"{np.mean(errors):.1%}, {max(errors):.1%}" if errors else ""
        print(f"| {name} | {len(rows)} | {read / max(1, len(rows)):.1%} | {spread} | {missed}")
    stills = [still for store in stores.values() for still in store.get("stills", [])]
    print(f"| single frames, JPEG 70 | {len(stills)} | {np.mean([s[0] for s in stills] or [0]):.1%} |")


def unmarked(clips: list[Path], work: Path, count: int) -> None:
    """Read unmarked frames in many sizes and qualities; each is read alone."""
    work.mkdir(parents=True, exist_ok=True)
    store = work / "unmarked.json"
    state = json.loads(store.read_text()) if store.exists() else {"frames": 0, "readings": 0}
    frames = [frame for clip in clips for frame in looped(clip, 25, tall=False, seconds=2)]
    random = np.random.default_rng(state["frames"])
    while state["frames"] < count:
        for _ in range(50):
            frame = frames[random.integers(len(frames))]
            height, width = frame.shape[:2]
            top, left = random.integers(height // 4), random.integers(width // 4)
            part = scaled(frame[top : top + height * 3 // 4, left : left + width * 3 // 4], random.uniform(0.5, 1.3))
            _, data = cv2.imencode(".jpg", part[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 101))])
            part = np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
            state["readings"] += read_frame(part) is not None
            state["frames"] += 1
        write_bytes(store, json.dumps(state).encode())
    print(f"{state['readings']} readings in {state['frames']} unmarked frames")


def cost() -> None:
    """CPU time of marking a frame, the least of many, and of reading one."""
    random = np.random.default_rng(0)
    for height, width in ((360, 640), (720, 1280), (1080, 1920), (2160, 3840)):
        noise = random.integers(0, 256, (height // 16 + 1, width // 16 + 1, 3), dtype=np.uint8)
        frame = np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        embedder = Embedder(PAYLOAD, height, width)
        line = [f"{width}x{height}"]
        for pixels in (frame, frame.astype(np.uint16) * np.uint16(257)):
            times = []
            for _ in range(20):
                begun = time.process_time()
                embedder.mark(pixels)
                times.append(time.process_time() - begun)
            line.append(f"{8 * pixels.itemsize} bit {min(times) * 1e3:.2f} ms")
        luma = LumaPlane(frame[..., 1].copy(), 16, 235, 255)
        times = []
        for _ in range(20):
            begun = time.process_time()
            embedder.mark_luma(luma)
            times.append(time.process_time() - begun)
        line.append(f"luma of 8 bit {min(times) * 1e3:.2f} ms")
        for name, pixels in (("marked", embedder.mark(frame)), ("unmarked", frame)):
            begun = time.process_time()
            read_frame(pixels)
            line.append(f"{name} read in {time.process_time() - begun:.2f} s")
        print(", ".join(line))


def pictures(clips: list[Path], work: Path) -> None:
    """Plain areas and clips, each marked, beside its difference times 20."""
    work.mkdir(parents=True, exist_ok=True)
    height, width = 720, 1280
    sky = np.linspace((90, 140, 205), (200, 215, 235), height)[:, None] * np.ones((1, width, 1))
    random = np.random.default_rng(0)
    shown = {
        "grey": np.full((height, width, 3), 128, np.uint8),
        "sky": (sky + random.random(sky.shape)).astype(np.uint8),
    }
    for clip in clips:
        shown[clip.stem] = looped(clip, 25, tall=True, seconds=1)[0]
        shown[f"{clip.stem}-dark"] = (shown[clip.stem] * 0.15).astype(np.uint8)
    for name, picture in shown.items():
        marked = Embedder(PAYLOAD, *picture.shape[:2]).mark(picture)
        difference = np.clip(128 + 20 * (marked.astype(int) - picture), 0, 255).astype(np.uint8)
        for suffix, image in (("unmarked", picture), ("marked", marked), ("difference-x20", difference)):
            cv2.imwrite(str(work / f"{name}-{suffix}.png"), image[..., ::-1])
        print(f"{name}: {psnr(picture, marked):.1f} dB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("robustness", "unmarked", "cost", "pictures"))
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--work", type=Path, default=Path("watermark-benchmark"))
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--tall", action="store_true", help="scale the clips to 720 lines")
    parser.add_argument("--region", action="store_true", help="mark a part only, as in lossless outputs")
    args = parser.parse_args()
    cv2.setNumThreads(int(os.environ.get("OMP_NUM_THREADS", "0")) or -1)
    if args.what == "robustness":
        attack(args.clips, args.work, tall=args.tall, region=args.region)
        table(args.work)
    elif args.what == "unmarked":
        unmarked(args.clips, args.work, args.frames)
    elif args.what == "cost":
        cost()
    else:
        pictures(args.clips, args.work)


if __name__ == "__main__":
    main()
