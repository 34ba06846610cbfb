"""`demo`: render two performers, swap one for the other, verify, score, and write the page."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from understudy.actors import Identity, Performance, Scene
from understudy.demo.page import write_page
from understudy.demo.settings import FULL, DemoSettings
from understudy.evaluation import Footage, Reference, Scores, film, film_reference, mean_face, pasted, score
from understudy.media import EncodeSettings, open_sink, open_source
from understudy.merging import MergeResult, MergeSettings
from understudy.pipeline import SwapSettings, swap
from understudy.project import Consent, ConsentRecord, Progress, Side, Silent, UnderstudyError, make_consent
from understudy.project.atomic import write_text
from understudy.provenance import Verification, verify
from understudy.training import TrainSettings

_SETTINGS = "demo.json"
_REFERENCE = "performer {} of understudy actors: nobody was filmed"


@dataclass(frozen=True)
class DemoResult:
    """What the demo made.

    Attributes:
        page: to open in a browser.
        video: the marked result.
        verification: what `verify` says of it.
        scores: of the result and of what it is compared with, by name.
        seconds: how long it took.
    """

    page: Path
    video: Path
    verification: Verification
    scores: Mapping[str, Scores]
    seconds: float


def demo(out: Path, settings: DemoSettings = FULL, *, progress: Progress | None = None) -> DemoResult:
    """Make the demo in the folder `out`; a demo that was interrupted goes on where it was.

    Raises:
        UnderstudyError: `out` holds something else, or cannot be written to.
    """
    progress = progress or Silent()
    started = time.monotonic()
    _claim(out, settings)
    src, reference = _filmed(out / "footage", settings, progress)
    for name, footage in (("src", src), ("truth", reference.true)):
        _encode(footage.path, out / f"{name}.mp4")
    made = _swapped(src, reference.dst, out, settings, progress)
    verification = verify(made.path)
    progress.begin("scoring", None)
    columns = {
        "result": np.stack([frame.eight_bit() for frame in open_source([made.path]).frames()]),
        "untouched dst": reference.dst.frames,
        "mean of src, pasted": pasted(mean_face(src), reference),
        "truth": reference.true.frames,
    }
    scores = {name: score(frames, reference) for name, frames in columns.items()}
    seconds = time.monotonic() - started
    page = write_page(out, settings, scores=scores, verification=verification, seconds=seconds)
    return DemoResult(page, made.path, verification, scores, seconds)


def _claim(out: Path, settings: DemoSettings) -> None:
    """Make the folder this demo's own, or refuse one that is somebody else's."""
    text = settings.model_dump_json(indent=2) + "\n"
    note = out / _SETTINGS
    if note.is_file():
        if note.read_text(encoding="utf-8") != text:
            raise UnderstudyError(f"{out} holds a demo with other settings: name another folder, or remove it")
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UnderstudyError(f"{out} exists and is no demo: name another folder")
    else:
        write_text(note, text)


def _filmed(folder: Path, settings: DemoSettings, progress: Progress) -> tuple[Footage, Reference]:
    src, dst = Identity.from_seed(settings.src), Identity.from_seed(settings.dst)
    played = Performance.from_seed(settings.src_performance, settings.src_seconds, settings.rate)
    shown = Performance.from_seed(settings.dst_performance, settings.dst_seconds, settings.rate)
    taken = film(
        src,
        played,
        Scene.from_seed(settings.src_scene),
        size=settings.size,
        folder=folder,
        name="src",
        progress=progress,
    )
    reference = film_reference(
        src,
        dst,
        shown,
        Scene.from_seed(settings.dst_scene),
        size=settings.size,
        folder=folder,
        others=[Identity.from_seed(seed) for seed in settings.others],
        progress=progress,
    )
    return taken, reference


def _encode(clip: Path, out: Path) -> None:
    """The clip of a performer as browsers can play it."""
    if out.exists():
        return
    source = open_source([clip])
    with open_sink(out, like=source, settings=EncodeSettings()) as sink:
        for frame in source.frames():
            sink.write(frame, frame.pixels, None)


def _swapped(src: Footage, dst: Footage, out: Path, settings: DemoSettings, progress: Progress) -> MergeResult:
    consent = ConsentRecord(src=_consent("src", settings.src), dst=_consent("dst", settings.dst))
    train = TrainSettings(
        name="demo",
        model="saehd",
        network=settings.network,
        learning_rate=5e-4,
        random_warp=settings.random_warp,
        until=settings.training,
    )
    return swap(
        [src.path],
        [dst.path],
        out / "result.mp4",
        consent=consent,
        settings=SwapSettings(train=train, merge=MergeSettings(sheet=True, comparison=True)),
        folder=out / "project",
        progress=progress,
    )


def _consent(side: Side, seed: int) -> Consent:
    """That of a performer nobody is, who is called the same in every demo."""
    return make_consent(side, basis="synthetic", reference=_REFERENCE.format(seed), name=f"performer {seed}")
