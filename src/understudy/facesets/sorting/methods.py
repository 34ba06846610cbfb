"""The sorting methods, by the names that the field knows them by."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from understudy.facesets.faceset import Faceset
from understudy.facesets.sorting.best import best_faces
from understudy.facesets.sorting.chain import dissimilar_chain, similar_chain
from understudy.facesets.sorting.likeness import ColorLikeness, PixelLikeness
from understudy.facesets.sorting.unlikeness import likeness_groups, mean_unlikeness
from understudy.project.progress import Progress

_BANDS = 20
ONE_FACE = "one face in image: its frame shows several faces"


@dataclass(frozen=True)
class Arranged:
    """What a method makes of a set, in indices into its names: an order, and what is left out of it and why."""

    order: list[int]
    dropped: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What is to be sorted.

    Attributes:
        faceset: all measured.
        target: how many faces are wanted, where the method chooses some.
        progress: who watches.
    """

    faceset: Faceset
    target: int
    progress: Progress

    def colors(self) -> NDArray[np.float16]:
        """(n, 3, 256), see `Measures`."""
        return self.faceset.index.pictures("colors", self.faceset.names)

    def thumbnails(self) -> NDArray[np.uint8]:
        """(n, 16, 16, 3)."""
        return self.faceset.index.pictures("thumbnail", self.faceset.names)


Run = Callable[[Request], Arranged]


@dataclass(frozen=True)
class Method:
    """A way to sort.

    Attributes:
        about: what comes first, in a few words.
        run: does it.
        aliases: what other programs call it.
        natural: the direction in which it sorts unless told otherwise.
    """

    about: str
    run: Run
    aliases: tuple[str, ...] = ()
    natural: Literal["ascending", "descending"] = "descending"


def _by(*columns: str, descending: bool) -> Run:
    def run(request: Request) -> Arranged:
        found = request.faceset.columns(*columns)
        return _ordered(*(-found[name] if descending else found[name] for name in columns))

    return run


def _hue(request: Request) -> Arranged:
    hue = request.faceset.columns("hue")["hue"]
    angle = np.radians(hue)
    # Hue is a circle: it is cut where it is farthest from the set's mean, so that reds do not end up at both ends.
    mean = np.degrees(np.arctan2(np.nanmean(np.sin(angle)), np.nanmean(np.cos(angle)))) if len(hue) else 0.0
    return _ordered(-((hue - mean + 180) % 360))


def _original_name(request: Request) -> Arranged:
    found = request.faceset.columns("clip", "frame", "original_name")
    name = [first or now for first, now in zip(found["original_name"], request.faceset.names, strict=True)]
    return Arranged(sorted(range(len(name)), key=lambda at: (found["clip"][at], found["frame"][at], name[at])))


def _one_face(request: Request) -> Arranged:
    found = request.faceset.columns("clip", "frame")
    frames = list(zip(found["clip"], found["frame"], strict=True))
    several = {frame for frame, count in zip(*_counted(frames), strict=True) if count > 1}
    dropped = {at: ONE_FACE for at, frame in enumerate(frames) if frame in several}
    return Arranged([at for at in range(len(frames)) if at not in dropped], dropped)


def _colors_chain(request: Request) -> Arranged:
    return Arranged(similar_chain(request.colors(), ColorLikeness(), request.progress).tolist())


def _colors_then_sharpness(request: Request) -> Arranged:
    colors = request.colors()
    chain = similar_chain(colors, ColorLikeness(), request.progress)
    found = request.faceset.columns("sharpness", "detail")
    front: list[int] = []
    back: list[int] = []
    for number, group in enumerate(likeness_groups(colors, chain)):
        ranked = group[np.lexsort((-found["detail"][group], -found["sharpness"][group]))].tolist()
        front, back = (front + ranked, back) if number % 2 == 0 else (front, ranked + back)
    return Arranged(front + back)


def _unlike_others(request: Request) -> Arranged:
    return _ordered(-mean_unlikeness(request.colors(), request.progress))


def _unlike_then_sharpness(request: Request) -> Arranged:
    ranked = np.array(_unlike_others(request).order, np.intp)
    found = request.faceset.columns("sharpness", "detail")
    bands = np.array_split(ranked, min(_BANDS, max(1, len(ranked))))
    return Arranged(
        [int(at) for band in bands for at in band[np.lexsort((-found["detail"][band], -found["sharpness"][band]))]]
    )


def _pixels_chain(request: Request) -> Arranged:
    return Arranged(similar_chain(request.thumbnails(), PixelLikeness(), request.progress).tolist())


def _pixels_unlike(request: Request) -> Arranged:
    return Arranged(dissimilar_chain(request.thumbnails(), PixelLikeness(), request.progress).tolist())


def _best(*quality: str) -> Run:
    def run(request: Request) -> Arranged:
        found = request.faceset.columns("yaw", "pitch", *quality)
        ranks = np.empty(len(request.faceset))
        ranks[_ordered(*(found[name] for name in quality)).order] = np.arange(len(request.faceset))
        return Arranged(*best_faces(ranks, found["yaw"], found["pitch"], request.colors(), request.target))

    return run


METHODS: dict[str, Method] = {
    "blur": Method("the sharpest", _by("sharpness", "detail", descending=True)),
    "motion-blur": Method("the one with the most fine detail", _by("detail", descending=True)),
    "yaw": Method("nose towards the picture's left edge", _by("yaw", descending=True), ("face-yaw",)),
    "pitch": Method("looking up", _by("pitch", descending=True), ("face-pitch",)),
    "source-rect-size": Method(
        "the largest in its frame", _by("rect_size", descending=True), ("face-source-rect-size",)
    ),
    "hist": Method("like follows like, by colour", _colors_chain, natural="ascending"),
    "hist-blur": Method("groups of like colour, the sharpest of each group first", _colors_then_sharpness),
    "hist-dissim": Method("the one least like all others, by colour", _unlike_others),
    "hist-dissim-blur": Method("twentieths least like all others, the sharpest of each first", _unlike_then_sharpness),
    "brightness": Method("the brightest", _by("brightness", descending=True)),
    "hue": Method("the highest hue", _hue),
    "black": Method("the one with the fewest black pixels", _by("black", descending=False), natural="ascending"),
    "origname": Method("the first frame", _original_name, natural="ascending"),
    "oneface": Method("by name; faces of frames with several faces go to the trash", _one_face, natural="ascending"),
    "absdiff": Method("like follows like, pixel by pixel", _pixels_chain, natural="ascending"),
    "absdiff-dissim": Method("each is followed by the one least like it, pixel by pixel", _pixels_unlike),
    "best": Method(
        "--target best faces of all directions, by yaw; the rest goes to the trash",
        _best("sharpness", "detail"),
        ("final", "final-by-blur"),
    ),
    "best-faster": Method(
        "the same, the largest in their frames rather than the sharpest",
        _best("rect_size"),
        ("final-fast", "final-by-size", "final-faster"),
    ),
}


def _ordered(*keys: NDArray[np.float64]) -> Arranged:
    """Ascending by the first key, then by the next; of equals the first by name; what is not a number comes last."""
    return Arranged(np.lexsort(keys[::-1]).tolist())


def _counted(frames: list[tuple[str, float]]) -> tuple[list[tuple[str, float]], list[int]]:
    counts: dict[tuple[str, float], int] = {}
    for frame in frames:
        counts[frame] = counts.get(frame, 0) + 1
    return list(counts), list(counts.values())
