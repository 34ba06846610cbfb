"""The guard of a live session: the output is covered while explicit content is before the camera."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media.glimpse import fitted
from understudy.provenance.guard.network import SIDE, Exposure, ExposureDetector
from understudy.provenance.guard.rules import level_of

_INTERVAL = 1.0  # seconds from one check to the next
_STALE = 3.0  # seconds after which an answer says nothing about what is shown now
_TEXT = "Covered by the content guard"


class LiveGuard:
    """Checks a stream of frames once a second, on a thread of its own.

    The output is covered from the first frame until a check has come back clear, again from the check that finds
    explicit content (a single one suffices) until the next clear one, and whenever the latest answer is more than three
    seconds old: it must be seen to be clear, not merely unseen.

    ```python
    with LiveGuard() as guard:
        for time, frame in camera:
            picture = swap(frame)
            show(cover(picture) if guard.watch(frame, time) else picture)
    ```
    """

    def __init__(self, detector: ExposureDetector | None = None) -> None:
        """Start the thread; the guard's network is loaded unless `detector` is given.

        Raises:
            UnderstudyError: the network's file cannot be fetched or run.
        """
        self._detector = detector or ExposureDetector()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="content-guard")
        self._running: tuple[float, Future[tuple[Exposure, ...]]] | None = None
        self._asked: float | None = None  # time of the frame that was last sent to be checked
        self._clear: float | None = None  # time of the newest frame found clear, unless a newer one was not
        self._seen: tuple[Exposure, ...] = ()

    def watch(self, pixels: NDArray[np.uint8], time: float) -> bool:
        """Whether the output of this frame must be covered.

        Args:
            pixels: (H, W, 3) RGB, what the camera or the output shows; left as it is.
            time: of the frame in seconds, not falling.

        Raises:
            UnderstudyError: the network failed on an earlier frame.
        """
        self._collect()
        if self._running is None and (self._asked is None or time >= self._asked + _INTERVAL):
            height, width = pixels.shape[:2]
            small = cv2.resize(pixels, fitted(width, height, SIDE), interpolation=cv2.INTER_AREA)
            self._running = time, self._pool.submit(self._detector.detect, np.asarray(small, np.uint8))
            self._asked = time
        return self._clear is None or time > self._clear + _STALE

    @property
    def seen(self) -> tuple[Exposure, ...]:
        """What the latest check found explicit; empty when it was clear."""
        return self._seen

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(cancel_futures=True)

    def _collect(self) -> None:
        if self._running is None or not self._running[1].done():
            return
        time, answer = self._running
        self._running = None
        self._clear = None  # whatever the answer is, should there be none
        self._seen = tuple(exposure for exposure in answer.result() if level_of(exposure) == "explicit")
        self._clear = None if self._seen else time

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def cover(pixels: NDArray[Any]) -> NDArray[Any]:
    """A plain grey card with a line of text, in the shape (H, W, 3) and dtype of `pixels`, of which nothing shows."""
    white = np.iinfo(pixels.dtype).max if np.issubdtype(pixels.dtype, np.integer) else 1.0
    height, width = pixels.shape[:2]
    card = np.full((height, width), 40, np.uint8)
    (text_width, text_height), _ = cv2.getTextSize(_TEXT, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2)
    scale = min(0.8 * width / text_width, 0.1 * height / text_height)
    place = round((width - scale * text_width) / 2), round((height + scale * text_height) / 2)
    thickness = max(1, round(2 * scale))
    cv2.putText(card, _TEXT, place, cv2.FONT_HERSHEY_SIMPLEX, scale, 220, thickness, cv2.LINE_AA)
    return np.repeat((card / 255.0 * white)[..., None], 3, axis=2).astype(pixels.dtype)
