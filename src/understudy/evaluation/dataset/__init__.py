"""Data sets for research on detecting forgeries: real and fake pairs with exact truth, marked as such."""

from understudy.evaluation.dataset.export import Exported, export_dataset, repeat_dataset
from understudy.evaluation.dataset.manifest import Manifest, Pair, read_manifest
from understudy.evaluation.dataset.settings import Compression, DatasetSettings

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
