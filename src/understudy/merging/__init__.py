"""Swapped faces back into their frames: from frame, prediction and settings to a finished, marked video."""

from typing import TYPE_CHECKING

from understudy.merging.settings import MergeSettings
from understudy.project.late import late

if TYPE_CHECKING:
    from understudy.merging.session import MergeResult, merge
else:
    __getattr__ = late(__name__, {"session": ("MergeResult", "merge")})

__all__ = ["MergeResult", "MergeSettings", "merge"]
