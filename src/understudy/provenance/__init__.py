"""The only door through which swapped frames leave: labelled, signed, and verifiable ever after."""

from understudy.provenance.keys import SigningSettings
from understudy.provenance.label import LabelSettings, draw_label
from understudy.provenance.origin import Mark, MarkedClip, Origin
from understudy.provenance.verify import Verification, verify

__all__ = [
    "LabelSettings",
    "Mark",
    "MarkedClip",
    "Origin",
    "SigningSettings",
    "Verification",
    "draw_label",
    "verify",
]
