"""Pretrained third-party model files: a catalogue, a verified cache, and one thin runner per runtime."""

from understudy.zoo.cache import cache_folder
from understudy.zoo.catalogue import GUARD, catalogue
from understudy.zoo.download import fetch, path
from understudy.zoo.litert import LiteRtRunner
from understudy.zoo.model_file import ModelFile, Url, WheelMember
from understudy.zoo.onnx import OnnxRunner

__all__ = [
    "GUARD",
    "LiteRtRunner",
    "ModelFile",
    "OnnxRunner",
    "Url",
    "WheelMember",
    "cache_folder",
    "catalogue",
    "fetch",
    "path",
]
