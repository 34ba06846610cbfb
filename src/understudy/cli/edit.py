"""`understudy edit`: shots, presets and keyframes of a merge, with steps back."""

from understudy.cli.verbs import Entry

VERBS = {
    "show": Entry("edit_show", "list the shots with what differs in them"),
    "shots": Entry("edit_shots", "find the shots again, split one, or join two"),
    "set": Entry("edit_set", "give shots settings of their own"),
    "key": Entry("edit_key", "set a keyframe, or take one away"),
    "preset": Entry("edit_preset", "make a preset, and let shots start from it"),
    "undo": Entry("edit_undo", "take back the last change"),
    "redo": Entry("edit_redo", "make the change again that was taken back"),
}
