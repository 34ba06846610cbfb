"""Who a face is, as a vector: near for one person, far for two."""

from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.project.errors import UnderstudyError

_GROUP = "understudy.embedders"
# The networks that are preferred to the descriptor without one, the best first: their model file, and their package.
_NETWORKS = {"sface": ("sface", "onnxruntime"), "dlib": ("dlib-resnet", "dlib")}
WITHOUT_NETWORK = "frontal-hog"


class Embedder(Protocol):
    """Describes faces; two of one person lie near each other by Euclidean distance.

    A plug-in registers a class or function without required arguments under the entry-point group
    `understudy.embedders`.

    Attributes:
        name: kept with every vector; another name for vectors that cannot be compared with the former ones.
        threshold: mean distance up to which two groups of faces are taken for one person.
    """

    name: str
    threshold: float

    def embed(self, image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
        """The vector (d,) of unit length of one face. Several threads may call it at once.

        Args:
            image: (H, W, 3) RGB: the frame, or the aligned face.
            landmarks: (68, 2) in its pixels.
        """


def load_embedder(name: str = "auto") -> Embedder:
    """Start the embedder called `name`; auto: the best that is here without a download, see `best_embedder`.

    Raises:
        UnderstudyError: none is registered under that name, or its model cannot be fetched.
    """
    known = entry_points(group=_GROUP)
    chosen = best_embedder() if name == "auto" else name
    if chosen not in known.names:
        raise UnderstudyError(f"no embedder is called {name!r}; there are: auto, {', '.join(sorted(known.names))}")
    start: Callable[[], object] = known[chosen].load()
    return cast(Embedder, start())


def best_embedder() -> str:
    """The name of a network whose package is installed and whose model file has been fetched, else `frontal-hog`."""
    for name, (model, package) in _NETWORKS.items():
        if find_spec(package) is not None and zoo.path(model) is not None:
            return name
    return WITHOUT_NETWORK


def embedder_names() -> list[str]:
    """All that are registered."""
    return sorted(entry_points(group=_GROUP).names)
