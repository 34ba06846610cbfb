"""Frames in, composited frames out, in order: decoding, network and compositing at the same time."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import face_matrix
from understudy.faces.face import FaceType
from understudy.media import Frame
from understudy.merging.composite import composite
from understudy.merging.crops import face_crop
from understudy.merging.paste import Composite
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.predictor import Predictor
from understudy.merging.settings import MergeSettings
from understudy.project.errors import UnderstudyError

SettingsAt = Callable[[int, PlacedFace | None], MergeSettings]
"""The settings in force for a face of the frame with that index, or for the frame itself."""

Report = Callable[[int, PlacedFace, Exception], None]
"""Called with the frame's index, the face and what went wrong, for every face that could not be swapped."""


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """A frame of the result.

    Attributes:
        frame: as it was decoded.
        composite: with its faces swapped; untouched where it has none (black in the mode raw-predict).
        swapped: the faces that were swapped, the topmost last, with what the network made of them.
    """

    frame: Frame
    composite: Composite
    swapped: tuple[tuple[PlacedFace, Prediction], ...]


@dataclass(eq=False)
class _Job:
    frame: Frame
    faces: list[PlacedFace] = field(default_factory=list)
    crops: list[NDArray[np.float32]] = field(default_factory=list)


class Renderer:
    """Swaps the planned faces of a stream of frames.

    While the network works on one group of frames, the next is decoded and cropped and the one before is composited.
    """

    def __init__(
        self,
        predictor: Predictor,
        plan: Mapping[int, Sequence[PlacedFace]],
        settings_at: SettingsAt,
        *,
        resolution: int,
        face_type: FaceType,
        report: Report,
    ) -> None:
        self._predictor = predictor
        self._plan = plan
        self._settings_at = settings_at
        self._resolution = resolution
        self._face_type = face_type
        self._report = report

    def render(self, frames: Iterable[Frame]) -> Generator[RenderedFrame, None, None]:
        """Composite `frames`, in order. A face that fails is reported, and stays as it was."""
        groups = self._groups(frames)
        pending: deque[Future[RenderedFrame]] = deque()
        reader = ThreadPoolExecutor(1, thread_name_prefix="decode")
        painters = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="composite")
        try:
            following = reader.submit(next, groups, None)
            while (group := following.result()) is not None:
                following = reader.submit(next, groups, None)
                predictions = iter(self._predictor.predict([crop for job in group for crop in job.crops]))
                for job in group:
                    swapped = [next(predictions) for _ in job.faces]
                    pending.append(painters.submit(self._paint, job, swapped))
                while len(pending) > len(group):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for pool in (reader, painters):
                pool.shutdown(cancel_futures=True)

    def _groups(self, frames: Iterable[Frame]) -> Iterator[list[_Job]]:
        """Consecutive frames, cropped, together holding about one batch of faces."""
        group: list[_Job] = []
        size = self._predictor.batch_size
        for frame in frames:
            group.append(self._crop(frame))
            if len(group) >= size or sum(len(job.faces) for job in group) >= size:
                yield group
                group = []
        if group:
            yield group

    def _crop(self, frame: Frame) -> _Job:
        job = _Job(frame)
        faces = self._plan.get(frame.index, ())
        for face in faces[-1:] if self._alone(frame) else faces:
            try:
                matrix = face_matrix(face.landmarks, self._face_type, self._resolution)
                crop = face_crop(frame.pixels, matrix, self._resolution)
            except (UnderstudyError, cv2.error, ArithmeticError, ValueError) as error:
                self._report(frame.index, face, error)
                continue
            job.faces.append(face)
            job.crops.append(crop)
        return job

    def _paint(self, job: _Job, predictions: Sequence[Prediction]) -> RenderedFrame:
        """Lay a frame's faces over it, each over the result of the one before."""
        below = Composite.black if self._alone(job.frame) else Composite.untouched
        result = below(job.frame.pixels)
        swapped: list[tuple[PlacedFace, Prediction]] = []
        for face, prediction in zip(job.faces, predictions, strict=True):
            try:
                layer = self._composite(job.frame.index, result.pixels, face, prediction)
            except (UnderstudyError, cv2.error, ArithmeticError, ValueError) as error:
                self._report(job.frame.index, face, error)
                continue
            result = layer.over(result) if swapped else layer
            swapped.append((face, prediction))
        return RenderedFrame(job.frame, result, tuple(swapped))

    def _alone(self, frame: Frame) -> bool:
        """Whether the prediction stands alone in this frame, on black."""
        return self._settings_at(frame.index, None).mode == "raw-predict"

    def _composite(
        self, index: int, pixels: NDArray[np.generic], face: PlacedFace, prediction: Prediction
    ) -> Composite:
        if not all(np.isfinite(part).all() for part in (prediction.face, prediction.mask, prediction.dst_mask)):
            raise UnderstudyError("the model predicts values that are not numbers; go back to an earlier checkpoint")
        settings = self._settings_at(index, face)
        return composite(pixels, face.landmarks, prediction, settings, face_type=self._face_type)
