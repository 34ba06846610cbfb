"""`understudy consent ACTION`: the record without which nothing is merged."""

from understudy.cli.verbs import Entry

VERBS = {
    "show": Entry("consent_show", "who agreed to what, and whether it is in force"),
    "add": Entry("consent_add", "write the consent record of one performer or both"),
    "revoke": Entry("consent_revoke", "mark a performer's consent as withdrawn: nothing more is rendered"),
    "export": Entry("consent_export", "the record as a document to file or sign, in PDF or JSON"),
    "form": Entry("consent_form", "an empty form of one kind, to fill in and sign"),
}

DEFAULT = "add"
"""What flags without an action mean."""
