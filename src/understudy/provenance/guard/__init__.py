"""The content guard: no job goes on, and no live output is shown, where the footage shows explicit intimate content."""

from understudy.provenance.guard.clip_check import ClipCheck, Sighting, check_source, guard_version
from understudy.provenance.guard.live import LiveGuard, cover
from understudy.provenance.guard.network import Exposure, ExposureDetector
from understudy.provenance.guard.project_check import check_project
from understudy.provenance.guard.rules import Verdict

__all__ = [
    "ClipCheck",
    "Exposure",
    "ExposureDetector",
    "LiveGuard",
    "Sighting",
    "Verdict",
    "check_project",
    "check_source",
    "cover",
    "guard_version",
]
