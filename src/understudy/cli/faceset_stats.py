"""`understudy faceset stats`: what a faceset consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.faceset_statistics import FacesetStatistics, Spread, describe_faceset


@dataclass
class Command:
    """Count what a faceset consists of."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        found = describe_faceset(Faceset(folder))
        display.result(_text(found), found.model_dump(mode="json"))
        return 0


def _text(found: FacesetStatistics) -> str:
    several = f", {found.frames_with_several} with several" if found.frames_with_several else ""
    lines = [
        ("faces", f"{found.faces} of {found.frames} frames{several}; {found.bytes / 1e6:.1f} MB"),
        ("clips", _counts(found.clips)),
        ("face type", _counts(found.face_types)),
        ("size", _counts(found.sizes)),
        ("format", _counts(found.formats)),
        ("found by", _counts(found.backends)),
        ("tracks", str(found.tracks)),
        (
            "labels",
            f"{found.with_polygons} with polygons, {found.with_mask} with a mask, {found.with_mesh} with a mesh",
        ),
        ("yaw", _spread(found.yaw, "°")),
        ("pitch", _spread(found.pitch, "°")),
        ("roll", _spread(found.roll, "°")),
        ("confidence", _spread(found.confidence, "")),
        (
            "crop in frame",
            f"{_spread(found.source_side, ' px')}; {found.enlarged} faces are larger than they were there",
        ),
    ]
    return "\n".join(f"{name:<14} {text}" for name, text in lines)


def _counts(counts: Mapping[str, int] | Mapping[int, int]) -> str:
    return ", ".join(f"{name or '?'}: {count}" for name, count in counts.items())


def _spread(spread: Spread, unit: str) -> str:
    low, high, middle = (f"{value:.4g}{unit}" for value in (spread.low, spread.high, spread.middle))
    return f"{spread.least:.4g} to {spread.most:.4g}{unit}, nine tenths within {low} to {high}, median {middle}"
