"""The data set's README, after Gebru et al., "Datasheets for Datasets", 2021."""

from importlib import resources

from understudy.evaluation.dataset.manifest import Manifest
from understudy.evaluation.dataset.split import SPLITS

_TEMPLATE = "datasheet.md"  # in this package


def datasheet(manifest: Manifest) -> str:
    """What a stranger must know before using the data set."""
    rows = []
    for split in SPLITS:
        pairs = [pair for pair in manifest.pairs if pair.split == split]
        rows.append(f"| {split} | {len(pairs)} | {len({who for pair in pairs for who in (pair.src, pair.dst)})} |")
    bases = {basis for pair in manifest.pairs for basis in (pair.src_basis, pair.dst_basis)}
    performers = {who for pair in manifest.pairs for who in (pair.src, pair.dst)}
    text = (resources.files("understudy.evaluation.dataset") / _TEMPLATE).read_text(encoding="utf-8")
    return text.format(
        version=manifest.made_with.get("understudy", "unknown"),
        pairs=_counted(len(manifest.pairs), "pair"),
        splits="\n".join(rows),
        compression=", ".join(manifest.settings.compression),
        every=manifest.settings.every,
        performers=_counted(len(performers), "performer"),
        bases=", ".join(sorted(bases)),
        models=", ".join(sorted({pair.model for pair in manifest.pairs})),
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
