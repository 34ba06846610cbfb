"""The embedder of dlib, which the field's published figures were made with."""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.project.errors import UnderstudyError


class DlibResNet:
    """dlib's 128 numbers: a ResNet of 29 layers (King, 2017), scaled to unit length.

    Its author's threshold is 0.6 before scaling. It is set for faces from anywhere; among people who look straight at
    one camera under one light it takes many pairs for one person, so that it is lower here.
    """

    name = "dlib-resnet-v1"
    threshold = 0.34

    def __init__(self) -> None:
        try:
            import dlib  # an extra
        except ImportError as error:
            raise UnderstudyError("the embedder dlib needs its package: pip install 'understudy[dlib]'") from error
        self._dlib = dlib
        self._network = dlib.face_recognition_model_v1(str(zoo.fetch("dlib-resnet")))
        self._turn = Lock()  # the network keeps its layers' outputs

    def embed(self, image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
        """The vector (128,); see `Embedder`."""
        points = [self._dlib.point(int(x), int(y)) for x, y in np.rint(landmarks)]
        shape = self._dlib.full_object_detection(self._dlib.rectangle(0, 0, image.shape[1], image.shape[0]), points)
        with self._turn:
            found = np.array(self._network.compute_face_descriptor(np.ascontiguousarray(image), shape))
        return np.asarray(found / np.linalg.norm(found), np.float32)
