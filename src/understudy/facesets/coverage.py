"""What dst needs and src lacks: both sets counted over direction, expression and light."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from understudy.faces.identity import Embedder
from understudy.facesets.cautions import Caution, compare_sizes, look_over
from understudy.facesets.faceset import Faceset
from understudy.project.errors import UnderstudyError

ENOUGH = 20  # src faces of a kind, however many dst has of it
_EXAMPLES = 4
_OPEN_EYE = 95  # percentile of a set's eye openings that counts as open

Values = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Axis:
    """One thing by which faces differ.

    Attributes:
        label: what it is called.
        edges: of its bins; the outermost bins reach on to infinity.
        unit: of the edges, as written behind a number.
    """

    label: str
    edges: tuple[float, ...]
    unit: str = ""

    def bins(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """(n,) bin of each value; -1 where it is not a number."""
        found = np.digitize(values, self.edges[1:-1])
        return np.where(np.isnan(values), -1, found)

    def __len__(self) -> int:
        return len(self.edges) - 1

    def names(self) -> list[str]:
        """Of the bins."""
        inner = [f"{low:g} to {high:g}{self.unit}" for low, high in pairwise(self.edges[1:-1])]
        return [f"below {self.edges[1]:g}{self.unit}", *inner, f"from {self.edges[-2]:g}{self.unit}"]


AXES: dict[str, Axis] = {
    "yaw": Axis("yaw", tuple(range(-75, 76, 15)), "°"),
    "pitch": Axis("pitch", tuple(range(-45, 46, 15)), "°"),
    "mouth_open": Axis("mouth open", (0, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0)),
    "eye_closure": Axis("eye closure", (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
    "gaze_x": Axis("gaze, left to right", (-0.6, -0.3, -0.1, 0.1, 0.3, 0.6)),
    "gaze_y": Axis("gaze, down to up", (-0.3, -0.15, -0.05, 0.05, 0.15, 0.3)),
    "brightness": Axis("brightness", tuple(range(0, 257, 32))),
    "hue": Axis("hue", tuple(range(-30, 71, 10)), "°"),
}
"""The axes that are compared; yaw and pitch together."""

MAPS: tuple[tuple[str, ...], ...] = (("yaw", "pitch"), *((name,) for name in AXES if name not in ("yaw", "pitch")))


@dataclass(frozen=True)
class Cell:
    """One bin of a map.

    Attributes:
        place: its bin on each axis.
        label: what it holds, such as `yaw 15 to 30°, pitch 0 to 15°`.
        src, dst: faces in it.
        lacking: src faces that are wanted in it and not there.
        examples: names of dst faces in it, where src lacks some.
    """

    place: tuple[int, ...]
    label: str
    src: int
    dst: int
    lacking: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Map:
    """Both sets counted over one axis, or over two.

    Attributes:
        axes: names in `AXES`.
        cells: all, the first axis running fastest.
        covered: share of the dst faces for which src has enough, 0..1; a cell half filled counts half.
    """

    axes: tuple[str, ...]
    cells: tuple[Cell, ...]
    covered: float

    @property
    def label(self) -> str:
        return " and ".join(AXES[name].label for name in self.axes)


@dataclass(frozen=True)
class Coverage:
    """The comparison of two sets.

    Attributes:
        src, dst: numbers of faces.
        maps: one for each of `MAPS`.
        lacking: the cells that src lacks faces in, the most wanted first.
        warnings: what is wrong with either set.
    """

    src: int
    dst: int
    maps: tuple[Map, ...]
    lacking: tuple[Cell, ...]
    warnings: tuple[Caution, ...]


def compare(src: Faceset, dst: Faceset, *, embedder: Embedder | None = None) -> Coverage:
    """Count what dst shows and src has.

    In each cell src should have as many faces as dst, twenty being enough.

    Args:
        embedder: tells whether either set shows several people; not asked when None.

    Raises:
        UnderstudyError: one of the sets is empty.
    """
    for faceset in (src, dst):
        if len(faceset) == 0:
            raise UnderstudyError(f"no faces in {faceset.folder}: run 'understudy extract' first")
    ours, theirs = coverage_values(src), coverage_values(dst)
    maps = tuple(_count(axes, ours, theirs, dst.names) for axes in MAPS)
    lacking = sorted((cell for found in maps for cell in found.cells if cell.lacking), key=lambda cell: -cell.lacking)
    warnings = (*look_over("src", src, embedder), *look_over("dst", dst, embedder), *compare_sizes(src, dst))
    return Coverage(len(src), len(dst), maps, tuple(lacking), warnings)


def coverage_values(faceset: Faceset) -> Values:
    """Each axis's values of all faces, (n,), in the units of `AXES`.

    Eyes differ from person to person: closure is 0 at the opening that one face in twenty exceeds, and 1 when shut.
    """
    found = faceset.columns("yaw", "pitch", "mouth_open", "eye_open", "gaze_x", "gaze_y", "brightness", "hue")
    wide = np.percentile(found["eye_open"], _OPEN_EYE) if len(faceset) else 1.0
    return {
        "yaw": np.degrees(found["yaw"]),
        "pitch": np.degrees(found["pitch"]),
        "mouth_open": found["mouth_open"],
        "eye_closure": np.clip(1 - found["eye_open"] / max(float(wide), 1e-6), 0, 1),
        "gaze_x": found["gaze_x"],
        "gaze_y": found["gaze_y"],
        "brightness": found["brightness"],
        "hue": (found["hue"] + 160) % 360 - 160,  # skin is a little above 0; the circle is cut opposite of it
    }


def _count(axes: tuple[str, ...], src: Values, dst: Values, names: Sequence[str]) -> Map:
    shape = tuple(len(AXES[name]) for name in axes)
    here, there = _cells(axes, src), _cells(axes, dst)
    size = int(np.prod(shape))
    have, need = (np.bincount(found[found >= 0], minlength=size) for found in (here, there))
    wanted = np.minimum(need, ENOUGH)
    lacking = np.maximum(0, wanted - have)
    bins = [AXES[name].names() for name in axes]
    cells = []
    for at in range(size):
        place = tuple(int(k) for k in np.unravel_index(at, shape, order="F"))
        label = ", ".join(f"{AXES[name].label} {bins[k][place[k]]}" for k, name in enumerate(axes))
        members = np.flatnonzero(there == at) if lacking[at] else np.arange(0)
        shown = members[np.linspace(0, len(members) - 1, min(_EXAMPLES, len(members))).astype(int)]
        examples = tuple(names[k] for k in shown)
        cells.append(Cell(place, label, int(have[at]), int(need[at]), int(lacking[at]), examples))
    total = need.sum()
    filled = need * np.minimum(1, have / np.maximum(wanted, 1))
    return Map(axes, tuple(cells), float(filled.sum() / total) if total else 1.0)


def _cells(axes: tuple[str, ...], values: Values) -> NDArray[np.intp]:
    """(n,) the cell of each face, -1 where one of its values is not known."""
    bins = [AXES[name].bins(values[name]) for name in axes]
    known = np.all([found >= 0 for found in bins], axis=0)
    shape = tuple(len(AXES[name]) for name in axes)
    return np.where(known, np.ravel_multi_index([np.maximum(found, 0) for found in bins], shape, order="F"), -1)
