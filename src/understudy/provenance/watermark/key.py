"""The public constant that keys the watermark: known to all, so that anyone can look for it."""

import hashlib

import numpy as np
from numpy.typing import NDArray

PUBLIC_KEY = b"understudy watermark 1"


def key_stream(purpose: str, count: int) -> NDArray[np.uint32]:
    """`count` pseudorandom numbers of 32 bits for one purpose, (count,); SHAKE-256 of the key."""
    data = hashlib.shake_256(PUBLIC_KEY + b"/" + purpose.encode()).digest(4 * count)
    return np.frombuffer(data, ">u4").astype(np.uint32)
