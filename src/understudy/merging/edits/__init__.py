"""The edit list: which settings hold in which shot, from which frame on, and for whom; with a way back."""

from understudy.merging.edits.edit_file import EditFile
from understudy.merging.edits.edit_list import Choices, EditList, Shot
from understudy.merging.edits.keyframes import Ease, Keyframe

__all__ = ["Choices", "Ease", "EditFile", "EditList", "Keyframe", "Shot"]
