"""From the 468 points of the face mesh to the 68 landmarks of iBUG 300-W.

The mesh's contours (lips, eyes, brows, face oval) are those that MediaPipe publishes in `face_mesh_connections`.
Where the two annotations mark the same spot, one vertex stands for the landmark; where the 68 points lie between
vertices, the mean of two does. The choice was checked against the mean face of `template.py` over frontal frames of
five performers: the root mean square distance of the 33 alignment landmarks is 2.6 % of the face's width.
"""

import numpy as np
from numpy.typing import NDArray

_JAW = (
    *((127,), (234,), (93,), (132,), (58, 172), (136,), (150, 149), (176, 148)),  # down the face oval, image left
    (152,),  # chin
    *((400, 377), (379, 378), (365,), (288, 397), (361,), (323,), (454,), (356,)),  # up the oval, image right
)
_BROWS = (
    *((70, 71), (63,), (105,), (66, 65), (107, 55)),  # the upper contour, its inner end halfway to the lower one
    *((336, 285), (296, 295), (334,), (293,), (300, 301)),
)
_NOSE = (
    *((168, 6), (197, 195), (5, 4), (1,)),  # bridge to tip, spaced as the mean face has them
    *((98,), (97,), (2,), (326,), (327,)),  # under the nostrils
)
_EYES = (
    *((33,), (160,), (158,), (133,), (153,), (144,)),
    *((362,), (385,), (387,), (263,), (373,), (380,)),
)
_OUTER_LIPS = ((61,), (39,), (37,), (0,), (267,), (269,), (291,), (405,), (314,), (17,), (84,), (181,))
_INNER_LIPS = ((78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,))

MESH_68: tuple[tuple[int, ...], ...] = (*_JAW, *_BROWS, *_NOSE, *_EYES, *_OUTER_LIPS, *_INNER_LIPS)
"""Mesh vertices whose mean is each of the 68 landmarks."""

_FIRST = np.array([vertices[0] for vertices in MESH_68])
_LAST = np.array([vertices[-1] for vertices in MESH_68])


def mesh_to_68(mesh: NDArray[np.float32]) -> NDArray[np.float32]:
    """The 68 landmarks of a (468, 3) mesh, (68, 2) float32."""
    return ((mesh[_FIRST, :2] + mesh[_LAST, :2]) / 2).astype(np.float32)
