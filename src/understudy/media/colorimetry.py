"""Which numbers stand for which colours: the matrix and range of a picture's samples (ITU-T H.273)."""

import av

from understudy.media.frame import ColorTags

UNSPECIFIED = 2

# Luma weights of red and blue by matrix code point; green has the rest.
_WEIGHTS = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: (0.299, 0.114),  # BT.601, 625 lines
    6: (0.299, 0.114),  # BT.601, 525 lines
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020, non-constant luminance
}


def effective_matrix(tags: ColorTags, height: int) -> int:
    """The matrix code point to convert with, for a file `height` pixels high.

    Where the file does not say, or names a matrix that is no plain weighting of red, green and blue, it is BT.709 for
    720 lines and more, BT.601 below.
    """
    if tags.matrix in _WEIGHTS:
        return tags.matrix
    return 1 if height >= 720 else 6


def luma_weights(matrix: int) -> tuple[float, float]:
    """Weights of red and blue in luma for a code point that `effective_matrix` returned."""
    return _WEIGHTS[matrix]


def swscale_matrix(matrix: int) -> int:
    """libswscale's number for a code point that `effective_matrix` returned."""
    return 5 if matrix == 6 else matrix


def is_full_range(tags: ColorTags, format_name: str) -> bool:
    """Whether samples of an FFmpeg pixel format use their whole range.

    Where the file does not say: RGB and grey do, as FFmpeg has it, and YCbCr is studio range (16..235 of 8 bits).
    """
    pixel_format = av.VideoFormat(format_name)
    if pixel_format.is_rgb or pixel_format.has_palette:
        return True
    return tags.full_range is not False if is_gray(format_name) else tags.full_range is True


def is_gray(format_name: str) -> bool:
    """Whether an FFmpeg pixel format holds luma alone, with or without alpha."""
    return sum(not component.is_alpha for component in av.VideoFormat(format_name).components) == 1
