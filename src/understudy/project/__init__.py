"""The project on disk: its folders, its settings and the consent record."""

from understudy.project.consent import Basis, Consent, ConsentRecord
from understudy.project.errors import UnderstudyError
from understudy.project.folder import SIDES, Project, Side, make_consent
from understudy.project.progress import Progress, Silent

init = Project.create

__all__ = [
    "SIDES",
    "Basis",
    "Consent",
    "ConsentRecord",
    "Progress",
    "Project",
    "Side",
    "Silent",
    "UnderstudyError",
    "init",
    "make_consent",
]
