"""The least-squares similarity between two point sets."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from understudy.project.errors import UnderstudyError


def umeyama(src: ArrayLike, dst: ArrayLike) -> NDArray[np.float64]:
    """Fit the rotation, uniform scale and translation that take `src` nearest to `dst`.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 13(4), 1991.

    Args:
        src: (N, 2) points, N >= 2.
        dst: (N, 2) points.

    Returns:
        (2, 3) matrix without reflection.

    Raises:
        UnderstudyError: a coordinate is not finite, or either set is a single point or wider than a billion pixels.
    """
    source = np.asarray(src, np.float64)
    target = np.asarray(dst, np.float64)
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise UnderstudyError("face landmarks hold a coordinate that is not a number: locate the face again")
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source_centred, target_centred = source - source_mean, target - target_mean
    variance = float((source_centred**2).sum(axis=1).mean())
    u, singular, vt = np.linalg.svd(target_centred.T @ source_centred / len(source))
    if singular[0] <= 1e-12 or not 1e-12 < variance < 1e18:
        raise UnderstudyError("face landmarks lie on one point or beyond any picture: locate the face again")
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = (u * signs) @ vt
    linear = rotation * float(singular @ signs) / variance
    return np.hstack([linear, (target_mean - linear @ source_mean)[:, None]])
