"""The only door through which swapped frames leave: labelled, signed, and verifiable ever after."""

from understudy.provenance.checking import verify
from understudy.provenance.keys import SigningSettings
from understudy.provenance.label import LabelSettings, draw_label
from understudy.provenance.marked import MarkedWriter, Marking, open_marked, write_marked_image
from understudy.provenance.origin import Mark, MarkedClip, Origin, UsedModel
from understudy.provenance.verification import Verification

__all__ = [
    "LabelSettings",
    "Mark",
    "MarkedClip",
    "MarkedWriter",
    "Marking",
    "Origin",
    "SigningSettings",
    "UsedModel",
    "Verification",
    "draw_label",
    "open_marked",
    "verify",
    "write_marked_image",
]
