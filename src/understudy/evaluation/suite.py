"""SwapBench's cases: who is put in whose place, and what makes it hard."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from understudy.actors import Camera, Identity, Light, Lighting, Occluder, Performance, PerformanceFrame, Scene
from understudy.evaluation.footage import Footage, film
from understudy.evaluation.reference import Reference, film_reference
from understudy.project import Progress, UnderstudyError

SUITE_VERSION = 1
"""Counts up with every change that changes a picture or a score; reports of two versions cannot be compared."""

SIZE = 320
"""Side of the clips in pixels."""

SRC_FRAMES, DST_FRAMES = 96, 36

_CAMERA_RATE, _KEPT = 25.0, 3  # performances are played at 25 frames a second, and every third frame is filmed
_TONE = ("tone", "undertone", "redness")
_LENS = Camera(lens=100.0, distance=900.0)  # the head fills most of the picture: a millimetre to a pixel

Yaw = Callable[[float], float]
"""Radians of head rotation at a time in seconds."""


@dataclass(frozen=True)
class Performer:
    """Who plays.

    Attributes:
        seed: of the identity.
        shape_of, tone_of: seeds of the identities whose proportions and skin tone this one has; None: its own.
    """

    seed: int
    shape_of: int | None = None
    tone_of: int | None = None

    def identity(self) -> Identity:
        return _identity(self)


@dataclass(frozen=True)
class Take:
    """A performance in a scene.

    Attributes:
        seed: of expressions, speech and gaze.
        yaw: how the head turns.
        scene: where.
        gaze: factor on the gaze, before it is limited; 0: always straight ahead.
    """

    seed: int
    yaw: Yaw
    scene: Scene
    gaze: float = 1.0

    def performance(self, count: int) -> Performance:
        """Its first `count` frames."""
        played = Performance.from_seed(self.seed, count * _KEPT / _CAMERA_RATE, _CAMERA_RATE)
        frames = tuple(self._directed(frame) for frame in played.frames[::_KEPT])
        return Performance(self.seed, _CAMERA_RATE / _KEPT, frames)

    def _directed(self, frame: PerformanceFrame) -> PerformanceFrame:
        assert frame.before is not None  # noqa: S101  # performances drawn from a seed know their motion
        (pose, shift), opened = frame.before, frame.time - 0.5 / _CAMERA_RATE
        gaze = {name: max(-1.0, min(1.0, self.gaze * frame.strength(name))) for name in ("gaze_x", "gaze_y")}
        return replace(
            frame,
            expression=MappingProxyType({**frame.expression, **gaze}),
            pose=replace(frame.pose, yaw=self.yaw(frame.time)),
            before=(replace(pose, yaw=self.yaw(opened)), shift),
        )


@dataclass(frozen=True)
class Case:
    """One pair of clips.

    Attributes:
        name: in commands and reports.
        about: what it tests, in a sentence.
        src, dst: whose face, and in whose place.
        src_take, dst_take: what they do, and where.
        others: seeds of further performers that the result might be taken for.
        src_frames: how many frames of src's performance are filmed, spread evenly over it.
        dst_frames: the length of dst's clip.
        size: side of the clips in pixels.
    """

    name: str
    about: str
    src: Performer
    dst: Performer
    src_take: Take
    dst_take: Take
    others: tuple[int, ...]
    src_frames: int = SRC_FRAMES
    dst_frames: int = DST_FRAMES
    size: int = SIZE

    def film_src(self, folder: Path, progress: Progress | None = None) -> Footage:
        """What the swap gets to see of src; see `film`."""
        whole = self.src_take.performance(SRC_FRAMES)
        seen = tuple(whole[int(k)] for k in np.linspace(0, SRC_FRAMES - 1, self.src_frames).round())
        performance, scene = Performance(whole.seed, whole.rate, seen), self.src_take.scene
        return film(
            self.src.identity(), performance, scene, size=self.size, folder=folder, name="src", progress=progress
        )

    def film_reference(self, folder: Path, progress: Progress | None = None) -> Reference:
        """dst's clip and the truth; see `film_reference`."""
        return film_reference(
            self.src.identity(),
            self.dst.identity(),
            self.dst_take.performance(self.dst_frames),
            self.dst_take.scene,
            size=self.size,
            folder=folder,
            others=[Identity.from_seed(seed) for seed in self.others],
            progress=progress,
        )


@cache
def _identity(performer: Performer) -> Identity:
    identity = Identity.from_seed(performer.seed)
    if performer.shape_of is not None:
        model = Identity.from_seed(performer.shape_of)
        identity = replace(identity, traits=model.traits, lopsided=model.lopsided)
    if performer.tone_of is not None:
        model = Identity.from_seed(performer.tone_of)
        measures = {**identity.measures, **{name: model.measures[name] for name in _TONE}}
        identity = replace(identity, measures=MappingProxyType(measures))
    return identity


@dataclass(frozen=True)
class _Turning:
    """A head that swings between two sides, never twice the same way."""

    reach: float
    start: float

    def __call__(self, time: float) -> float:
        return self.reach * (0.75 * math.sin(0.9 * time + self.start) + 0.25 * math.sin(2.3 * time + 2 * self.start))


@dataclass(frozen=True)
class _Sweep:
    """A head that turns from one side to the other at an even rate."""

    reach: float
    seconds: float

    def __call__(self, time: float) -> float:
        return self.reach * (2 * min(max(time / self.seconds, 0.0), 1.0) - 1)


def _cases() -> Sequence[Case]:
    room = Scene(camera=_LENS, background=3)
    lamp = Lighting(
        key=Light((0.95, 0.35, 0.45), (2.9, 2.2, 1.4), softness=4.0),
        fill=Light((-0.8, 0.1, 0.6), (0.10, 0.13, 0.20)),
        rim=Light((-0.7, 0.5, -0.6), (0.3, 0.4, 0.8)),
        sky=(0.16, 0.15, 0.16),
        ground=(0.12, 0.09, 0.06),
    )
    man, woman, dark_woman, older = 17, 10, 15, 8
    same, shape = Performer(woman, shape_of=man, tone_of=man), Performer(woman, tone_of=man)
    tone = Performer(woman, shape_of=man, tone_of=dark_woman)
    first, second = Take(101, _Turning(0.75, 0.4), room), Take(103, _Turning(0.75, 2.2), room)
    calm, brisk = Take(202, _Turning(0.5, 1.1), room), Take(204, _Turning(0.5, 3.0), room)
    sweep = _Sweep(math.radians(70), seconds=DST_FRAMES * _KEPT / _CAMERA_RATE)
    hand = Occluder("hand", at=(-62.0, -70.0, 75.0), turn=-0.3, sway=24.0, period=2.6, tone=0.35)
    microphone = Occluder("microphone", at=(16.0, -78.0, 78.0), turn=0.25, sway=8.0, period=3.4)

    def of_man(name: str, about: str, dst: Performer, take: Take) -> Case:
        return Case(name, about, Performer(man), dst, first, take, others=(12, 16, 13, 23))

    def of_woman(name: str, about: str, dst_take: Take, src_take: Take = second) -> Case:
        return Case(name, about, Performer(dark_woman), Performer(older), src_take, dst_take, others=(9, 2, 16, 7))

    return (
        of_man("same", "dst has src's proportions and skin tone; hair, brows, eyes and lips are dst's.", same, calm),
        of_man("shape", "dst has proportions of its own, and src's skin tone.", shape, calm),
        of_man("tone", "dst has src's proportions and a much darker skin.", tone, calm),
        of_man(
            "light",
            "As shape, and dst is lit from the other side by a hard warm lamp.",
            shape,
            replace(calm, scene=replace(room, lighting=lamp)),
        ),
        of_woman(
            "yaw",
            "dst turns from one profile to the other, 70 degrees to either side; src shows up to 43.",
            replace(brisk, yaw=sweep),
        ),
        of_woman(
            "occlusion",
            "A hand and a microphone move in front of dst's face.",
            replace(brisk, scene=replace(room, occluders=(hand, microphone))),
        ),
        replace(of_woman("few", "The swap sees twelve frames of src.", brisk), src_frames=12),
        of_woman(
            "gaze",
            "src looks straight ahead throughout, dst all around.",
            replace(brisk, gaze=2.2),
            replace(second, gaze=0.0),
        ),
    )


SUITE: Mapping[str, Case] = MappingProxyType({case.name: case for case in _cases()})
"""The cases by name."""


def cases(names: Sequence[str]) -> list[Case]:
    """The cases called `names`; all where there is none.

    Raises:
        UnderstudyError: there is no such case.
    """
    unknown = [name for name in names if name not in SUITE]
    if unknown:
        raise UnderstudyError(f"no such case: {', '.join(unknown)}; there are {', '.join(SUITE)}")
    return [SUITE[name] for name in names] if names else list(SUITE.values())
