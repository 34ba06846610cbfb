"""Merging speed: 1280x720, one face, overlay, learned masks, rct.

    python benchmarks/merging.py [--frames 96] [--networks quick96 liae-ud]
    python benchmarks/merging.py --memory

For each network:

- prediction: milliseconds a face. Baseline: float32, a face at a time.
- cropping and compositing on one core: milliseconds a frame. Baseline: the face and its mask warped into, and blended
  over, whole frames in float, as offline mergers of this field do.
- whole program: frames a second from an H.264 file to a labelled, watermarked and signed one. Baseline: the same
  reader and writer, and the two baselines above, one frame after another. Then what reading and writing add to a frame
  whose pixels are in memory already.

Both ways see the same frames and the same network, in turns. Networks have random weights, which cost what trained ones
cost; their masks are replaced by an oval, since random ones would cover the whole square.

`--memory` renders 10,000 small frames and prints the memory in use at 1,000 and at the end.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.faces import face_matrix
from understudy.faces.face import FaceType
from understudy.faces.template import MEAN_FACE
from understudy.media import EncodeSettings, Frame, FrameSource, open_sink, open_source
from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.merging.composite import composite
from understudy.merging.crops import face_crop
from understudy.merging.neighbours import Reach
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.predictor import Predictor, best_device, ready_to_swap
from understudy.merging.render import Failure, Renderer
from understudy.merging.settings import MergeSettings
from understudy.models import SwapNetwork, SwapOutput, create_model
from understudy.project import ConsentRecord, Project, make_consent
from understudy.provenance import LabelSettings, MarkedWriter, Origin, SigningSettings, open_marked
from understudy.training.hardware import is_fast_in_bf16

WIDTH, HEIGHT = 1280, 720
FACE_WIDTH = 150  # pixels between the outer ends of the brows; a whole_face crop square is 320 pixels wide
BATCH = MergeSettings().batch_size
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "quick96": ("quick96", {}),
    "liae-ud": ("saehd", {"resolution": 128, "archi": "liae-ud", "face_type": "whole_face"}),
}
SETTINGS = MergeSettings()
WAITING = 4  # finished frames that wait for the encoder, as in a merge


class Oval:
    """A swap model whose masks are an oval; without a network, the face stays as it is."""

    def __init__(self, resolution: int, face_type: FaceType, network: SwapNetwork | None) -> None:
        self.resolution = resolution
        self.face_type: FaceType = face_type
        self._network = network
        place = torch.linspace(-1, 1, resolution, device=best_device())
        self.mask = ((0.65 - torch.hypot(place[None, :], 0.85 * place[:, None])) * 30).clamp(0, 1)

    def swap(self, images: Tensor, *, morph: float | Tensor = 1.0) -> SwapOutput:
        masks = self.mask.expand(len(images), 1, -1, -1)
        if self._network is None:
            return SwapOutput(images, masks, masks)
        return SwapOutput(self._network.swap(images, morph=morph).face, masks, masks)


def network_called(name: str, *, half: bool) -> SwapNetwork:
    torch.manual_seed(0)
    kind, config = NETWORKS[name]
    network = create_model(kind, config).eval().to(best_device())
    return ready_to_swap(network, half=True) if half else network


def picture() -> NDArray[np.uint8]:
    """Smooth noise."""
    coarse = np.random.default_rng(0).integers(0, 256, (45, 80, 3), dtype=np.uint8)
    return cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def film(count: int, shape: tuple[int, int] = (HEIGHT, WIDTH)) -> Iterator[Frame]:
    """A camera that pans over smooth noise, with a little grain."""
    whole, random = picture(), np.random.default_rng(1)
    height, width = shape
    for index in range(count):
        panned = np.roll(whole, 2 * index, axis=1)[:height, :width]
        grain = random.integers(-2, 3, (height, width, 1), dtype=np.int16)
        pixels = np.clip(panned + grain, 0, 255).astype(np.uint8)
        yield Frame(pixels, index, Fraction(index, 25), duration=Fraction(1, 25))


def record(path: Path, count: int) -> None:
    """The film as an H.264 file."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "16", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in film(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.pixels, "rgb24")))
        container.mux(stream.encode())


def plan_for(count: int, size: float = FACE_WIDTH, at: tuple[int, int] = (500, 250)) -> dict[int, list[PlacedFace]]:
    """A face that wanders."""
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    face = np.concatenate([jaw, MEAN_FACE]) * size
    way = np.array([2.3, 0.7])  # pixels per frame
    return {
        index: [PlacedFace(str(index), (face + at + (index % 96) * way).astype(np.float32), track=0)]
        for index in range(count)
    }


def plain(model: Oval, frames: Iterable[Frame], plan: dict[int, list[PlacedFace]]) -> Iterator[NDArray[np.uint8]]:
    """Whole frames, one at a time, in float32."""
    size = model.resolution
    for frame in frames:
        matrix = face_matrix(plan[frame.index][0].landmarks, model.face_type, size)
        unit = frame.pixels.astype(np.float32) / 255
        crop: NDArray[Any] = np.clip(cv2.warpAffine(unit, matrix, (size, size), flags=cv2.INTER_CUBIC), 0, 1)
        with torch.inference_mode():
            output = model.swap(torch.from_numpy(crop.transpose(2, 0, 1)[None].copy()).to(best_device()))
        face = np.ascontiguousarray(output.face[0].permute(1, 2, 0).cpu().numpy())
        mask: NDArray[Any] = cv2.GaussianBlur((output.mask * output.dst_mask)[0, 0].cpu().numpy(), (0, 0), size / 64)
        face = transfer_color("rct", face, ColorSamples.of(face, crop, mask))
        inverse = cv2.invertAffineTransform(matrix)
        over = np.clip(cv2.warpAffine(face, inverse, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), 0, 1)
        alpha = np.clip(cv2.warpAffine(mask, inverse, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), 0, 1)[..., None]
        yield (np.clip(unit * (1 - alpha) + over * alpha, 0, 1) * 255).astype(np.uint8)


def renderer(model: Oval, plan: dict[int, list[PlacedFace]], source: FrameSource | None, *, half: bool) -> Renderer:
    def report(failure: Failure) -> None:
        raise failure.error

    return Renderer(
        Predictor(model, best_device(), batch_size=BATCH, half=half),
        plan,
        lambda _index, _face: SETTINGS,
        reach=Reach(mask=2, color=6, least=1) if source is None else Reach.of(SETTINGS, source.info),
        report=report,
    )


def milliseconds(work: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000 / count


def in_turns(works: Sequence[Callable[[], object]], count: int, rounds: int) -> list[float]:
    """Median milliseconds of each, for one of `count` pieces; the first round warms up."""
    found: list[list[float]] = [[] for _ in works]
    for turn in range(rounds + 1):
        for work, times in zip(works, found, strict=True):
            taken = milliseconds(work, count)
            if turn:
                times.append(taken)
    return [statistics.median(times) for times in found]


def tell(what: str, before: float, after: float, unit: str) -> None:
    ratio = before / after if unit.startswith("ms") else after / before
    print(f"  {what:<32} baseline {before:7.1f}   understudy {after:7.1f} {unit:<9} {ratio:.1f}x", flush=True)


def predicting(name: str, *, half: bool) -> None:
    exact, quick = network_called(name, half=False), network_called(name, half=half)
    size = exact.resolution
    crops = list(np.random.default_rng(0).random((BATCH, size, size, 3), dtype=np.float32))
    one = Predictor(exact, best_device(), batch_size=1)
    many = Predictor(quick, best_device(), batch_size=BATCH, half=half)
    before, after = in_turns([lambda: one.predict(crops), lambda: many.predict(crops)], BATCH, 3)
    tell("prediction", before, after, "ms/face")


def compositing(resolution: int, face_type: FaceType) -> None:
    """On one core: what a painter and the reader do for a frame."""
    count = 24
    frames, plan = list(film(count)), plan_for(count)
    model = Oval(resolution, face_type, None)
    mask = model.mask.cpu().numpy()

    def own() -> None:
        for frame in frames:
            landmarks = plan[frame.index][0].landmarks
            crop = face_crop(frame.pixels, face_matrix(landmarks, face_type, resolution), resolution)
            composite(frame.pixels, landmarks, Prediction(crop, crop, mask, mask), SETTINGS, face_type=face_type)

    threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    before, after = in_turns([lambda: deque(plain(model, frames, plan), 0), own], count, 3)
    torch.set_num_threads(threads[0])
    cv2.setNumThreads(threads[1])
    tell("compositing, one core", before, after, "ms/frame")


def writer(path: Path, source: FrameSource, project: Project) -> MarkedWriter:
    origin = Origin(
        project_id=project.id,
        consent=project.consent(),
        src_clips=project.clips("src"),
        dst_clips=project.clips("dst"),
        model="random",
        model_sha256="0" * 64,
        settings_sha256="0" * 64,
    )
    return open_marked(
        path, like=source, encode=EncodeSettings(), label=LabelSettings(), signing=SigningSettings(), origin=origin
    )


def whole_program(name: str, project: Project, *, half: bool) -> None:
    source = open_source(project.clips("dst"))
    count = source.info.frame_count
    plan = plan_for(count)
    exact, quick = network_called(name, half=False), network_called(name, half=half)
    slow, fast = (Oval(network.resolution, network.face_type, network) for network in (exact, quick))
    few = max(8, count // 4)  # frames that the baseline is measured on

    def one_after_another() -> None:
        with writer(project.root / "plain.mp4", source, project) as out:
            for frame in source.frames(0, few):
                (pixels,) = plain(slow, [frame], plan)
                out.write(frame, pixels)

    def own() -> None:
        pending: deque[Future[None]] = deque()
        with writer(project.root / "own.mp4", source, project) as out, ThreadPoolExecutor(1) as encoder:
            for made in renderer(fast, plan, source, half=half).render(source.frames()):
                pending.append(encoder.submit(out.write, made.frame, made.composite.pixels, made.composite.changed))
                if len(pending) > WAITING:
                    pending.popleft().result()
            for write in pending:
                write.result()

    held = list(film(count))
    before = statistics.median(milliseconds(one_after_another, few) for _ in range(2))
    after, memory = in_turns([own, lambda: deque(renderer(fast, plan, source, half=half).render(held), 0)], count, 2)
    tell("whole program", 1000 / before, 1000 / after, "frames/s")
    print(f"  reading and writing add {after - memory:.1f} ms to the {memory:.1f} ms of a frame in memory", flush=True)


def encoding(project: Project) -> None:
    """What the encoder takes of the processor."""
    source, frames = open_source(project.clips("dst")), list(film(48))
    for speed in ("medium", "fast", "veryfast"):
        used = resource.getrusage(resource.RUSAGE_SELF)
        with open_sink(
            project.root / "encoded.mp4", like=source, settings=EncodeSettings(speed=speed, copy_streams=False)
        ) as sink:
            for frame in frames:
                sink.write(frame, frame.pixels, None)
        now = resource.getrusage(resource.RUSAGE_SELF)
        cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        print(f"  H.264 {speed:<9} {cpu * 1000 / len(frames):6.1f} ms of processor time a frame", flush=True)


def memory(count: int) -> None:
    """Render small frames for long."""
    model = Oval(64, "full", None)
    plan = plan_for(count, size=40.0, at=(20, 40))
    frames = (Frame(frame.pixels, frame.index, frame.time) for frame in film(count, (240, 320)))
    for made in renderer(model, plan, None, half=False).render(frames):
        if (made.frame.index + 1) % 1000 == 0:
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            print(
                f"  {made.frame.index + 1:6d} frames: {pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f} MiB", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=96, help="of the whole program")
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    parser.add_argument("--memory", action="store_true", help="render 10,000 small frames instead")
    options = parser.parse_args()
    device = best_device()
    half = is_fast_in_bf16(device)
    if options.memory:
        memory(10_000)
        return
    form = "bf16" if half else "float32"
    print(f"{WIDTH}x{HEIGHT}, one face, overlay, rct; {device}, {os.cpu_count()} cores, {form}")
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        os.environ["UNDERSTUDY_CONFIG"] = str(Path(folder) / "config")
        record(clip, options.frames)
        agreed = {side: make_consent(side, basis="synthetic", reference="benchmark") for side in ("src", "dst")}
        project = Project.create(Path(folder) / "film", src=[clip], dst=[clip], consent=ConsentRecord(**agreed))
        for name in options.networks:
            network = network_called(name, half=False)
            print(f"{name}, {network.resolution} pixels, {network.face_type}")
            predicting(name, half=half)
            compositing(network.resolution, network.face_type)
            whole_program(name, project, half=half)
        print("encoder alone")
        encoding(project)


if __name__ == "__main__":
    main()
