"""What a user chooses for a merge, a file for each concern, put together in `MergeSettings`."""

from understudy.merging.settings.merge_settings import MergeMode, MergeSettings

__all__ = ["MergeMode", "MergeSettings"]
