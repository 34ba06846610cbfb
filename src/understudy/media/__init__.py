"""Frames in and out of files: decoding, encoding, colour, bit depth and the streams that go with the pictures."""

from understudy.media.encode import EncodeSettings
from understudy.media.frame import ColorTags, Frame
from understudy.media.image_file import read_image, write_image
from understudy.media.info import SourceInfo
from understudy.media.matte import Matte, MatteUse
from understudy.media.resizing import resize
from understudy.media.sink import FrameSink, open_sink
from understudy.media.source import FrameSource, open_source

__all__ = [
    "ColorTags",
    "EncodeSettings",
    "Frame",
    "FrameSink",
    "FrameSource",
    "Matte",
    "MatteUse",
    "SourceInfo",
    "open_sink",
    "open_source",
    "read_image",
    "resize",
    "write_image",
]
