"""Rendering the parts that are missing: network and compositing here, writing and finishing on threads of their own."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from understudy.media import FrameSource
from understudy.merging.appearance import Appearance, appearances
from understudy.merging.outputs import Output, PartWriter
from understudy.merging.part_store import PartRecord
from understudy.merging.render import BATCH_GRID, RenderedFrame, Renderer
from understudy.merging.seal import seal
from understudy.project import Progress, UnderstudyError

_FRAMES_TO_ENCODE = 4  # finished frames that wait for the encoder
_PARTS_TO_FINISH = 2  # written parts that wait to be flushed and signed


@dataclass(frozen=True)
class Missing:
    """A part to render, and the files that it is written to."""

    frames: range
    files: tuple[tuple[Output, Path], ...]


@dataclass(eq=False)
class _Open:
    """A part that is being written."""

    missing: Missing
    writers: list[PartWriter]
    times: list[Fraction] = field(default_factory=list)
    end: Fraction = Fraction(0)
    faces: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    appearances: list[Appearance] = field(default_factory=list)

    def write(self, rendered: RenderedFrame) -> None:
        for writer in self.writers:
            writer.write(rendered)
        self.appearances += appearances(rendered)

    def finish(self) -> PartRecord:
        for writer in self.writers:
            writer.close()
        for _, path in self.missing.files:
            seal(path)
        return PartRecord(
            times=tuple(map(str, self.times)),
            end=str(self.end),
            faces=self.faces,
            failures=tuple(self.failures),
            notes=tuple(self.notes),
            appearances=tuple(self.appearances),
        )


class PartRendering:
    """Renders parts that touch each other, and hands each one's record out when its files are complete.

    Args:
        failures: where the renderer's reports gather.
        notes: where its notes gather.
        finished: called with each part and its record, in order.
        look: called with every rendered frame.
    """

    def __init__(
        self,
        renderer: Renderer,
        source: FrameSource,
        failures: list[str],
        notes: list[str],
        *,
        finished: Callable[[range, PartRecord], None],
        look: Callable[[RenderedFrame], None],
        progress: Progress,
    ) -> None:
        self._renderer, self._source = renderer, source
        self._failures, self._notes = failures, notes
        self._finished, self._look, self._progress = finished, look, progress
        self._faces = 0

    def run(self, parts: Sequence[Missing]) -> None:
        """Render consecutive parts.

        Raises:
            UnderstudyError: a frame cannot be read, or a part cannot be written; those finished before stay.
        """
        wanted = range(parts[0].frames.start, parts[-1].frames.stop)
        frames = self._source.frames(*_lead(wanted, self._renderer.reach.frames, self._source.info.frame_count))
        waiting = deque(parts)
        encoding: deque[Future[None]] = deque()
        finishing: deque[tuple[range, Future[PartRecord]]] = deque()
        part: _Open | None = None
        opened: list[_Open] = []
        encoder, finisher = ThreadPoolExecutor(1, "encode"), ThreadPoolExecutor(1, "finish")

        def settle(left: int) -> None:
            while len(finishing) > left or (finishing and finishing[0][1].done()):
                frames_of, record = finishing.popleft()
                self._finished(frames_of, record.result())
                opened.pop(0)

        def end(done: _Open) -> None:
            while encoding:
                encoding.popleft().result()
            finishing.append((done.missing.frames, finisher.submit(done.finish)))
            settle(_PARTS_TO_FINISH)

        try:
            with closing(self._renderer.render(frames, wanted)) as rendering:
                for rendered in rendering:
                    if part is None or rendered.frame.index >= part.missing.frames.stop:
                        if part is not None:
                            end(part)
                        part = self._opened(waiting, rendered.frame.index)
                        opened.append(part)
                    self._note(part, rendered)
                    encoding.append(encoder.submit(part.write, rendered))
                    if len(encoding) > _FRAMES_TO_ENCODE:
                        encoding.popleft().result()
            if part is not None:
                end(part)
            settle(0)
        finally:
            for pool in (encoder, finisher):
                pool.shutdown(cancel_futures=True)
            for left in opened:
                for writer in left.writers:
                    with suppress(UnderstudyError):
                        writer.abort()

    def _opened(self, waiting: deque[Missing], index: int) -> _Open:
        """The part that a frame belongs to; parts all of whose frames are damaged are passed over."""
        missing = waiting.popleft()
        while index not in missing.frames:
            missing = waiting.popleft()
        writers: list[PartWriter] = []
        part = _Open(missing, writers)
        try:
            for output, path in missing.files:
                writers.append(output.open_part(path))
        except BaseException:
            for writer in writers:
                writer.abort()
            raise
        return part

    def _note(self, part: _Open, rendered: RenderedFrame) -> None:
        frame = rendered.frame
        part.times.append(frame.time)
        part.end = frame.time + (frame.duration or 1 / self._source.info.rate)
        part.faces += len(rendered.swapped)
        self._faces += len(rendered.swapped)
        for line in self._failures:
            self._progress.say(line)
        part.failures += self._failures
        part.notes += self._notes
        self._failures.clear()
        self._notes.clear()
        self._look(rendered)
        self._progress.advance(1, f"{self._faces} faces")


def _lead(wanted: range, reach: int, count: int) -> tuple[int, int]:
    """The frames to read, so that those wanted meet the network in the same company as in any other run."""
    first = max(0, wanted.start - reach) // BATCH_GRID * BATCH_GRID
    stop = -(-(wanted.stop + reach) // BATCH_GRID) * BATCH_GRID
    return first, min(count, stop)
