"""The watermark's error correction: a convolutional code, decoded softly.

Rate 1/4, constraint length 9, generators 463, 535, 733 and 745 (octal; free distance 24): Larsen, "Short convolutional
codes with maximal free distance for rates 1/2, 1/3, and 1/4", IEEE Trans. Inf. Theory 19(3), 1973. Decoder: Viterbi,
"Error bounds for convolutional codes", IEEE Trans. Inf. Theory 13(2), 1967; with a list of the best messages: Seshadri
and Sundberg, "List Viterbi decoding algorithms with applications", IEEE Trans. Communications 42(2/3/4), 1994.
"""

import numpy as np
from numpy.typing import NDArray

_GENERATORS = (0o463, 0o535, 0o733, 0o745)
_MEMORY = 8
_STATES = 1 << _MEMORY


def coded_length(bits: int) -> int:
    """Length of the code word of a message of so many bits."""
    return (bits + _MEMORY) * len(_GENERATORS)


def _outputs() -> NDArray[np.float32]:
    """Code bits as -1 and 1 for every state and input, (2 inputs, 256 states, 4).

    A state holds the last eight inputs, the newest in its highest bit.
    """
    window = (np.arange(2)[:, None] << _MEMORY) | np.arange(_STATES)[None, :]  # (2, 256), the newest bit on top
    tapped = window[..., None] & np.array(_GENERATORS)  # (2, 256, 4)
    return np.asarray(2.0 * (np.bitwise_count(tapped) & 1) - 1, np.float32)


_OUTPUTS = _outputs()


def encode(message: NDArray[np.uint8]) -> NDArray[np.int8]:
    """The code word of a message of 0 and 1, (n,), as -1 and 1, (coded_length(n),)."""
    word = []
    state = 0
    for bit in [*message.tolist(), *[0] * _MEMORY]:
        word.append(_OUTPUTS[bit, state])
        state = (bit << (_MEMORY - 1)) | (state >> 1)
    return np.concatenate(word).astype(np.int8)


def decode(soft: NDArray[np.floating], *, likeliest: int = 1) -> NDArray[np.uint8]:
    """The most likely messages, for a CRC to choose from.

    Args:
        soft: (coded_length(n),), how much likelier each code bit is to be 1 than to be -1 (log-likelihood ratio, to
            any common factor).
        likeliest: how many.

    Returns:
        (likeliest, n) of 0 and 1, the best first.
    """
    steps = np.asarray(soft, np.float32).reshape(-1, len(_GENERATORS))
    branch = np.einsum("isg,tg->tis", _OUTPUTS, steps)  # (t, 2, 256)
    metric = np.full((_STATES, likeliest), -np.inf, np.float32)  # of the best ways into every state
    metric[0, 0] = 0
    came_from = np.empty((len(steps), _STATES, likeliest), np.intp)
    for step, gain in enumerate(branch):
        # The states 2s and 2s + 1 both go to s | input << 7: (input, s) x (which of the two, which way into it).
        ways = (metric + gain[..., None]).reshape(_STATES, 2 * likeliest)
        came_from[step] = np.argsort(-ways, axis=1)[:, :likeliest]
        metric = np.take_along_axis(ways, came_from[step], axis=1)
    state, way = np.zeros(likeliest, np.intp), np.arange(likeliest)
    messages = np.empty((likeliest, len(steps)), np.uint8)
    for step in range(len(steps) - 1, -1, -1):
        bit, rest = np.divmod(state, _STATES // 2)
        messages[:, step] = bit
        second, way = np.divmod(came_from[step, state, way], likeliest)
        state = 2 * rest + second
    return messages[:, :-_MEMORY]
