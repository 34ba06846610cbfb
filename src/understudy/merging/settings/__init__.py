"""What a user chooses for a merge, a file for each concern, put together in `MergeSettings`."""

from understudy.merging.settings.merge_settings import MergeSettings
from understudy.merging.settings.mode import MergeMode

__all__ = ["MergeMode", "MergeSettings"]
