"""Swapped faces back into their frames: from frame, prediction and settings to a finished, marked video."""

from understudy.merging.composite import composite
from understudy.merging.paste import Composite
from understudy.merging.prediction import Prediction
from understudy.merging.session import MergeResult, merge
from understudy.merging.settings import MergeSettings

__all__ = ["Composite", "MergeResult", "MergeSettings", "Prediction", "composite", "merge"]
