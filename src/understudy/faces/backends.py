"""What finds faces and places landmarks can be replaced: the two protocols, and the plug-ins that fulfil them."""

from importlib.metadata import entry_points
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.faces.detection import Detection, Region
from understudy.faces.landmarks import Landmarks
from understudy.project.errors import UnderstudyError


class FaceDetector(Protocol):
    """Finds upright faces in one image.

    A plug-in registers a class or function without required arguments under the entry-point group
    `understudy.detectors`.

    Attributes:
        name: of the backend, kept with every face.
        smallest: side of the smallest face it finds, as a share of the image's longer side; whoever wants smaller ones
            shows it the image in tiles.
    """

    name: str
    smallest: float

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Find faces in an (H, W, 3) RGB image, each once."""


class Landmarker(Protocol):
    """Places the landmarks of one face.

    A plug-in registers a class or function without required arguments under the entry-point group
    `understudy.landmarkers`.

    Attributes:
        name: of the backend, kept with every face.
    """

    name: str

    def landmarks(self, image: NDArray[np.uint8], region: Region) -> Landmarks:
        """Find the landmarks of the face in `region` of an (H, W, 3) RGB image."""


def load_detector(name: str) -> FaceDetector:
    """Start the face detector called `name`; a plug-in's, too, is not used where the content guard cannot be fetched.

    Raises:
        UnderstudyError: none is registered under that name, or its model or the guard's cannot be fetched.
    """
    zoo.fetch(zoo.GUARD)
    return cast(FaceDetector, _load("understudy.detectors", name))


def load_landmarker(name: str) -> Landmarker:
    """Start the landmarker called `name`.

    Raises:
        UnderstudyError: none is registered under that name, or its model cannot be fetched.
    """
    return cast(Landmarker, _load("understudy.landmarkers", name))


def _load(group: str, name: str) -> Any:
    known = entry_points(group=group)
    if name not in known.names:
        raise UnderstudyError(f"no {group.removesuffix('s')} is called {name!r}; there are: {', '.join(known.names)}")
    return known[name].load()()
