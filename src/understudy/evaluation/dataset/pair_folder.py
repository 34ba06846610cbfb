"""One pair, rendered and written: real, fake and mask, frame by frame, with labels."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.dataset.labels import Label, described_faces, label_line, mask_box
from understudy.evaluation.dataset.manifest import Digests, Pair
from understudy.evaluation.dataset.settings import Compression, DatasetSettings
from understudy.media import EncodeSettings, Frame, FrameSink, open_sink, open_source, read_image, write_image
from understudy.media.relay import Behind
from understudy.merging.preparation import Preparation
from understudy.merging.render import RenderedFrame
from understudy.project import Progress, UnderstudyError
from understudy.project.atomic import write_bytes, write_text
from understudy.provenance import LabelSettings, MarkedWriter, SigningSettings, open_marked, write_marked_image

LABELS, WRITTEN = "labels.jsonl", "written.json"
_FACTORS: dict[Compression, int] = {"c23": 23, "c40": 40}
_NO_LABEL = LabelSettings(enabled=False)  # a text in every fake picture would be all that a detector learns
_WRITERS, _BEHIND = 2, 8  # threads, and pictures that may wait for them


def write_pair(
    pair: Pair, ready: Preparation, settings: DatasetSettings, out: Path, signing: SigningSettings, progress: Progress
) -> Digests:
    """Write a pair's folder inside `out`; it appears when it is complete.

    Raises:
        UnderstudyError: a file cannot be read or written, or not one face could be swapped.
    """
    target = out / pair.folder
    unfinished = target.with_name(f".{target.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    progress.begin(f"{pair.name} ({pair.split})", ready.source.info.frame_count)
    with _PairWriter(pair, ready, settings, unfinished, signing) as writer:
        wanted = writer.wanted(ready.source.frames(), progress)
        with closing(ready.renderer.render(wanted)) as rendering:
            for rendered in rendering:
                writer.write(rendered)
        if not writer.swapped:
            raise UnderstudyError(
                f"{pair.name}: not one face could be swapped: {[*ready.failures, 'none is there'][0]}"
            )
    labels = "".join(f"{line}\n" for line in writer.lines)
    write_text(unfinished / LABELS, labels)
    progress.begin(f"{pair.name}: digests", None)
    digests = Digests(
        labels=hashlib.sha256(labels.encode()).hexdigest(),
        masks=_listing(unfinished, ("mask",), lambda path: path.read_bytes()),
        pixels=_listing(unfinished, ("real", "fake"), _pixels),
    )
    write_text(unfinished / WRITTEN, digests.model_dump_json())
    unfinished.rename(target)
    return digests


class _PairWriter:
    """Takes the rendered frames of one pair; in a `with` statement, an exception leaves nothing behind."""

    def __init__(
        self, pair: Pair, ready: Preparation, settings: DatasetSettings, folder: Path, signing: SigningSettings
    ) -> None:
        self.lines: list[str] = []
        self.swapped = 0
        self._pair, self._ready, self._settings, self._folder, self._signing = pair, ready, settings, folder, signing
        self._videos: dict[Compression, tuple[FrameSink, MarkedWriter]] = {}
        self._pictures = Behind(workers=_WRITERS, depth=_BEHIND)
        self._stack = ExitStack()

    def wanted(self, frames: Iterable[Frame], progress: Progress) -> Iterator[Frame]:
        """All frames where videos are written, else those of which there will be pictures."""
        for frame in frames:
            progress.advance()
            if self._videos or self._is_pictured(frame):
                yield frame

    def write(self, rendered: RenderedFrame) -> None:
        frame, composite = rendered.frame, rendered.composite
        swapped = [face for face, _ in rendered.swapped]
        self.swapped += len(swapped)
        faces = described_faces(self._ready.faces, swapped)
        mask = np.asarray(composite.alpha * 255 + 0.5, np.uint8)  # (H, W)
        name = f"{frame.index:06d}.png"
        shown = self._pair.folder / "mask" / name if swapped and self._is_pictured(frame) else None

        def note(side: str, file: str, compression: Compression) -> None:
            label: Label = "fake" if side == "fake" and swapped else "real"
            path = self._pair.folder / side / file
            self.lines.append(
                label_line(
                    self._pair,
                    frame,
                    file=path,
                    label=label,
                    compression=compression,
                    faces=faces,
                    mask=shown,
                    box=mask_box(mask),
                )
            )

        if shown is not None:
            self._pictures.submit(lambda: _write_mask(self._folder / "mask" / name, mask))
            if "raw" in self._settings.compression:
                self._pictures.submit(lambda: self._write_pictures(rendered, name))
                note("real", f"raw/{name}", "raw")
                note("fake", f"raw/{name}", "raw")
        for compression, (real, fake) in self._videos.items():
            real.write(frame, frame.pixels, None)  # converted and encoded as the fake is
            fake.write(frame, composite.pixels)
            note("real", f"{compression}.mp4", compression)
            note("fake", f"{compression}.mp4", compression)

    def _is_pictured(self, frame: Frame) -> bool:
        return frame.index % self._settings.every == 0 and frame.index in self._ready.plan

    def _write_pictures(self, rendered: RenderedFrame, name: str) -> None:
        frame = rendered.frame
        swapped = replace(frame, pixels=rendered.composite.pixels)
        write_image(self._folder / "real" / "raw" / name, _storable(frame))
        write_marked_image(
            self._folder / "fake" / "raw" / name,
            _storable(swapped),
            label=_NO_LABEL,
            signing=self._signing,
            origin=self._ready.origin,
            color=frame.color,
        )

    def __enter__(self) -> Self:
        try:
            for compression, factor in _FACTORS.items():
                if compression in self._settings.compression:
                    self._videos[compression] = self._open(f"{compression}.mp4", factor)
        except BaseException:
            self._stack.close()
            raise
        return self

    def _open(self, name: str, factor: int) -> tuple[FrameSink, MarkedWriter]:
        encode = EncodeSettings(codec="h264", quality=factor, copy_streams=False)
        source = self._ready.source
        for side in ("real", "fake"):
            (self._folder / side).mkdir(parents=True, exist_ok=True)
        real = self._stack.enter_context(open_sink(self._folder / "real" / name, like=source, settings=encode))
        fake = open_marked(
            self._folder / "fake" / name,
            like=source,
            encode=encode,
            label=_NO_LABEL,
            signing=self._signing,
            origin=self._ready.origin,
        )
        return real, self._stack.enter_context(fake)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._stack.__exit__(kind, error, traceback)
            if kind is None:
                self._pictures.finish()
        finally:
            self._pictures.cancel()
            if kind is not None:
                shutil.rmtree(self._folder, ignore_errors=True)


def _storable(frame: Frame) -> NDArray[Any]:
    """What a PNG can hold: scene-linear light is encoded with 8 bits."""
    return frame.eight_bit() if frame.pixels.dtype == np.float32 else frame.pixels


def _write_mask(path: Path, mask: NDArray[np.uint8]) -> None:
    _, png = cv2.imencode(".png", mask)
    write_bytes(path, png.tobytes())


def _listing(folder: Path, parts: Iterable[str], content: Callable[[Path], bytes]) -> str:
    """SHA-256 of the list of the digests of what the files in some parts of a folder hold."""
    files = sorted(file for part in parts for file in (folder / part).rglob("*") if file.is_file())
    lines = (f"{hashlib.sha256(content(file)).hexdigest()}  {file.relative_to(folder).as_posix()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _pixels(path: Path) -> bytes:
    """The pixels of a picture, or the digests of those of a video, one after another."""
    if path.suffix == ".png":
        return read_image(path)[0].tobytes()
    return b"".join(hashlib.sha256(frame.pixels.tobytes()).digest() for frame in open_source([path]).frames())
