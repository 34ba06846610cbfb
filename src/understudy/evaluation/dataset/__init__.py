"""Data sets for research on detecting forgeries: real and fake pairs with exact truth, marked as such."""

from typing import TYPE_CHECKING

from understudy.evaluation.dataset.settings import Compression, DatasetSettings
from understudy.project.late import late

if TYPE_CHECKING:
    from understudy.evaluation.dataset.export import Exported, export_dataset, repeat_dataset
    from understudy.evaluation.dataset.manifest import Manifest, Pair, read_manifest
else:
    _HOMES = {
        "export": ("Exported", "export_dataset", "repeat_dataset"),
        "manifest": ("Manifest", "Pair", "read_manifest"),
    }
    __getattr__ = late(__name__, _HOMES)

__all__ = [
    "Compression",
    "DatasetSettings",
    "Exported",
    "Manifest",
    "Pair",
    "export_dataset",
    "read_manifest",
    "repeat_dataset",
]
