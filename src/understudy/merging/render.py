"""Frames in, composited frames out, in order: decoding, network and compositing at the same time."""

import os
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import face_matrix
from understudy.faces.change import CutWatch
from understudy.faces.face import FaceType
from understudy.media import Frame
from understudy.merging.composite import composite
from understudy.merging.crops import face_crop
from understudy.merging.limits import Limits
from understudy.merging.mattes import Mattes
from understudy.merging.neighbours import NONE, Neighbours, Reach, Scene, Sight, with_neighbours
from understudy.merging.paste import Composite
from understudy.merging.plan import PlacedFace
from understudy.merging.plate import degrade_colors, plate_of
from understudy.merging.prediction import Prediction
from understudy.merging.predictor import Predictor
from understudy.merging.seen import seen
from understudy.merging.settings import MergeSettings
from understudy.merging.steadied import Others, stand_in, steadied
from understudy.project.errors import UnderstudyError

T = TypeVar("T")

_MASK_CUT = (
    "the mask reaches the border of the face's square, where it fades out: choose another --mask, or train a larger "
    "face type (said once)"
)

SettingsAt = Callable[[int, PlacedFace | None], MergeSettings]
"""The settings in force for a face of the frame with that index, or for the frame itself."""

_FAULTS = (UnderstudyError, cv2.error, ArithmeticError, ValueError)
_GROUP = 256 << 20  # bytes of frames that wait for the network together

BATCH_GRID = 48
"""No batch reaches over a frame whose index is a multiple of this. A network rounds a face differently in another
batch: runs that begin at such frames make equal batches, and equal pixels to the last bit."""


@dataclass(frozen=True)
class Failure:
    """A face that could not be swapped as planned.

    Attributes:
        index: of the frame.
        face: which one.
        error: what went wrong.
        stand_in: the frame whose prediction is shown in its place; None where the face stays as it is.
    """

    index: int
    face: PlacedFace
    error: Exception
    stand_in: int | None = None

    def __str__(self) -> str:
        instead = "stays as it is" if self.stand_in is None else f"is shown as in frame {self.stand_in + 1}"
        return f"frame {self.index + 1}: {self.face.name} {instead}: {self.error}"


Report = Callable[[Failure], None]
"""Called for every face that could not be swapped as planned, before its frame is handed out."""


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
    """A frame with the crops of its faces; a face that could not be cropped has a fault in the crop's place."""

    frame: Frame
    cut: bool
    crops: list[tuple[PlacedFace, NDArray[np.float32] | Exception]] = field(default_factory=list)


class Renderer:
    """Swaps the planned faces of a stream of frames.

    While the network works on one group of frames, the next is decoded and cropped and the one before is composited.
    A frame's result depends on at most `reach.frames` frames before and after it, and on nothing beyond a cut.

    Attributes:
        reach: what a result draws on.
        resolution: side in pixels of the crops of everybody who is not in `of_person`.

    Args:
        predictor: swaps everybody who is not in `of_person`.
        plan: the faces of every frame.
        settings_at: the settings of every frame and face.
        of_person: who is swapped by another model, by the names that the plan's faces have.
        reach: of the masks' and the colours' steadying; none: each frame for itself.
        report: told of every face that could not be swapped as planned.
        mattes: limit the faces.
        note: told, once, of a mask that its crop cuts off.
    """

    def __init__(
        self,
        predictor: Predictor,
        plan: Mapping[int, Sequence[PlacedFace]],
        settings_at: SettingsAt,
        *,
        report: Report,
        of_person: Mapping[str, Predictor] | None = None,
        reach: Reach = NONE,
        mattes: Mattes | None = None,
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.reach = reach
        self._predictor = predictor
        self._of_person = of_person or {}
        self._plan = plan
        self.resolution = predictor.resolution
        self._settings_at = settings_at
        self._report = report
        self._mattes = mattes or Mattes()
        self._note = note

    def render(self, frames: Iterable[Frame], wanted: range | None = None) -> Generator[RenderedFrame, None, None]:
        """Composite frames, in order. A face that fails is reported; see `Failure`.

        Args:
            frames: consecutive; those wanted, and `reach.frames` before and after, as far as there are any.
            wanted: indices of the frames to yield; all when None.
        """
        pending: deque[Future[tuple[RenderedFrame, list[Failure]]]] = deque()
        cores = os.cpu_count() or 1
        reader = ThreadPoolExecutor(1, thread_name_prefix="decode")
        network = ThreadPoolExecutor(1, thread_name_prefix="network")
        painters = ThreadPoolExecutor(cores, thread_name_prefix="composite")
        try:
            groups = _ahead(self._groups(frames), reader)
            scenes = _ahead((self._predicted(group) for group in groups), network)
            for frame, neighbours in with_neighbours(chain.from_iterable(scenes), self.reach.frames):
                if wanted is not None and frame.index not in wanted:
                    continue
                pending.append(painters.submit(self._paint, frame, neighbours))
                while len(pending) > 2 * cores or (pending and pending[0].done()):
                    yield self._told(*pending.popleft().result())
            while pending:
                yield self._told(*pending.popleft().result())
        finally:
            for pool in (reader, network, painters):
                pool.shutdown(cancel_futures=True)

    def face_type_of(self, face: PlacedFace) -> FaceType:
        """The crop geometry of the network that swaps a face."""
        return self._predictor_of(face).face_type

    def _told(self, rendered: RenderedFrame, failures: Sequence[Failure]) -> RenderedFrame:
        for failure in failures:
            self._report(failure)
        if rendered.composite.cut and self._note is not None:
            self._note(f"frame {rendered.frame.index + 1}: {_MASK_CUT}")
            self._note = None
        return rendered

    def _groups(self, frames: Iterable[Frame]) -> Iterator[list[_Job]]:
        """Consecutive frames, cropped, together holding about one batch of faces."""
        group: list[_Job] = []
        size, held = self._predictor.batch_size, 0
        is_cut = CutWatch()
        for frame in frames:
            if group and frame.index % BATCH_GRID == 0:
                yield group
                group, held = [], 0
            group.append(self._crop(frame, is_cut(_glimpse(frame))))
            held += frame.pixels.nbytes
            if len(group) >= size or sum(len(job.crops) for job in group) >= size or held >= _GROUP:
                yield group
                group, held = [], 0
        if group:
            yield group

    def _crop(self, frame: Frame, cut: bool) -> _Job:
        job = _Job(frame, cut)
        faces = self._plan.get(frame.index, ())
        for face in faces[-1:] if self._alone(frame.index) else faces:
            predictor = self._predictor_of(face)
            try:
                matrix = face_matrix(face.landmarks, predictor.face_type, predictor.resolution)
                job.crops.append((face, face_crop(frame.pixels, matrix, predictor.resolution)))
            except _FAULTS as error:
                job.crops.append((face, error))
        return job

    def _predicted(self, group: Sequence[_Job]) -> list[tuple[Frame, Scene]]:
        """The group's frames with their faces swapped, those of one model in one batch."""
        batches: defaultdict[Predictor, list[tuple[int, PlacedFace, NDArray[np.float32]]]] = defaultdict(list)
        for job in group:
            for face, crop in job.crops:
                if not isinstance(crop, Exception):
                    batches[self._predictor_of(face)].append((job.frame.index, face, crop))
        made: dict[int, Prediction] = {}
        for predictor, batch in batches.items():
            morphs = [self._settings_at(index, face).morph_factor for index, face, _ in batch]
            predictions = predictor.predict([crop for _, _, crop in batch], morphs)
            made.update((id(crop), prediction) for (_, _, crop), prediction in zip(batch, predictions, strict=True))
        result = []
        for job in group:
            sights = [
                Sight(face, crop) if isinstance(crop, Exception) else self._sight(job.frame, face, made[id(crop)])
                for face, crop in job.crops
            ]
            result.append((job.frame, Scene(job.frame.index, job.cut, sights)))
        return result

    def _sight(self, frame: Frame, face: PlacedFace, prediction: Prediction) -> Sight:
        if not all(np.isfinite(part).all() for part in (prediction.face, prediction.mask, prediction.dst_mask)):
            error = UnderstudyError("the model predicts values that are not numbers; go back to an earlier checkpoint")
            return Sight(face, error)
        if not self.reach.color:
            return Sight(face, prediction)
        of_face, of_frame = (self._settings_at(frame.index, one) for one in (face, None))
        return seen(frame.pixels, face, prediction, of_face, self.face_type_of(face), of_frame=of_frame)

    def _paint(self, frame: Frame, neighbours: Neighbours) -> tuple[RenderedFrame, list[Failure]]:
        """Lay a frame's faces over it, each over the result of the one before."""
        settings = self._settings_at(frame.index, None)
        result = Composite.black(frame.pixels) if self._alone(frame.index) else plate_of(frame.pixels, settings)
        limits = self._mattes.at(frame)
        swapped: list[tuple[PlacedFace, Prediction]] = []
        failures: list[Failure] = []
        for planned in neighbours.scene.sights:
            others = list(neighbours.of(planned.face, self.reach.frames))
            sight = planned
            if isinstance(planned.outcome, Exception):
                found = stand_in(planned.face, others)
                shown = None if found is None else frame.index + found[0]
                failures.append(Failure(frame.index, planned.face, planned.outcome, shown))
                if found is None:
                    continue
                sight = found[1]
            try:
                layer, prediction = self._composite(frame.index, result.pixels, sight, others, limits)
            except _FAULTS as error:
                failures.append(Failure(frame.index, sight.face, error))
                continue
            result = layer.over(result)
            swapped.append((sight.face, prediction))
        return RenderedFrame(frame, degrade_colors(result, settings), tuple(swapped)), failures

    def _composite(
        self, index: int, pixels: NDArray[np.generic], sight: Sight, others: Others, limits: Limits
    ) -> tuple[Composite, Prediction]:
        if isinstance(sight.outcome, Exception):
            raise sight.outcome
        prediction, moment = steadied(index, sight, sight.outcome, others, self.reach)
        settings = self._settings_at(index, sight.face)
        face_type = self.face_type_of(sight.face)
        layer = composite(
            pixels, sight.face.landmarks, prediction, settings, face_type=face_type, moment=moment, limits=limits
        )
        return layer, prediction

    def _alone(self, index: int) -> bool:
        """Whether the prediction stands alone in this frame, on black."""
        return self._settings_at(index, None).mode == "raw-predict"

    def _predictor_of(self, face: PlacedFace) -> Predictor:
        return self._of_person.get(face.person, self._predictor)


def _ahead(items: Iterator[T], pool: Executor) -> Iterator[T]:
    """The same items; the next is being made in `pool` while one is in use."""
    following = pool.submit(next, items, None)
    while (item := following.result()) is not None:
        following = pool.submit(next, items, None)
        yield item


def _glimpse(frame: Frame) -> NDArray[np.uint8]:
    """Some of the pixels, enough to tell a cut by."""
    step = max(1, min(frame.pixels.shape[:2]) // 256)
    return replace(frame, pixels=frame.pixels[::step, ::step], alpha=None, native=None).eight_bit()
