"""The protocol's figures beside the published ones: as text, as JSON and as a page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.html_document import bullets, document, heading, paragraph, table
from understudy.evaluation.paper import PaperScores, Summary, summarize
from understudy.evaluation.paper_tables import METRICS, TABLES, Figure
from understudy.evaluation.plot import line_plot
from understudy.project.atomic import write_text

_HEADINGS = ("SSIM ↑", "perceptual ↓", "verification ↓", "landmarks ↓", "pose ↓")
_PERCEPTUAL = {
    "lpips-alexnet": "LPIPS v0.1 on AlexNet; the paper names no network, so hold it against the table with care",
    "face-mesh-features": "features of the face mesh, a SUBSTITUTE: not comparable with the table ('understudy models "
    "fetch alexnet lpips-alexnet' brings LPIPS)",
}
_DESCRIPTOR = {
    "dlib-resnet": "dlib's face descriptor, as in the paper",
    "face-mesh-features": "features of the face mesh, a SUBSTITUTE: weak, and not comparable with the table "
    "(install understudy[dlib] and run 'understudy models fetch dlib-resnet' for dlib's descriptor)",
}


def notes(scores: PaperScores) -> list[str]:
    """What the figures are, and how far they may be held against the published ones; a line each."""
    share = _shown(summarize(scores.landmark_share), percent=True)
    untouched, own = _shown(summarize(scores.dst_verification)), _shown(summarize(scores.src_verification))
    missing = scores.missing
    return f"""\
{len(scores.indices)} frames, spread evenly. No face in dst in {missing["dst"]} of them, in the result in \
{missing["result"]} more; no face in {missing["src"]} of {scores.src_frames} frames of src. Those are left out.
SSIM and perceptual: result against dst, on the aligned whole face at its own resolution, at most 256 pixels.
Perceptual network: {_PERCEPTUAL[scores.perceptual]}.
Verification: mean distance to the faces of src. Network: {_DESCRIPTOR[scores.descriptor]}.
With the same network, the untouched dst is {untouched} from src, and src's frames are {own} from each other.
Landmarks: pixels of the frame, from the default landmarker (the paper: 2DFAN); {share} of the inter-ocular distance.
Pose: degrees, from those landmarks (the paper: FSA-Net).""".splitlines()


def _shown(summary: Summary, *, percent: bool = False) -> str:
    if not summary.frames:
        return "–"
    scale, digits, unit = (100, 2, " %") if percent else (1, 3, "")
    return f"{scale * summary.mean:.{digits}f} ± {scale * summary.deviation:.{digits}f}{unit}"


def _published(figures: Mapping[str, Figure]) -> list[str]:
    return [f"{figures[name][0]:.2f} ± {figures[name][1]:.2f}" if name in figures else "–" for name in METRICS]


def _ours(scores: PaperScores) -> list[str]:
    return [_shown(scores.summary(name)) for name in METRICS]


def as_text(scores: PaperScores) -> str:
    """The tables for a terminal."""
    lines = [_row("", _HEADINGS), _row("this result", _ours(scores)), "", *notes(scores)]
    for published in TABLES:
        lines += ["", f"For reference, {published.source}:"]
        lines += [_row(name, _published(figures)) for name, figures in published.rows.items()]
    return "\n".join(lines)


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<24}" + "".join(f"{cell:>16}" for cell in cells)


def as_document(scores: PaperScores) -> dict[str, Any]:
    """The same as a JSON document, with the values of every frame; those that do not exist are null."""
    return {
        "schema": "understudy.evaluate/1",
        "frames": scores.indices.tolist(),
        "missing": dict(scores.missing),
        "src_frames": scores.src_frames,
        "networks": {"perceptual": scores.perceptual, "verification": scores.descriptor},
        "comparable": {"verification": scores.descriptor == "dlib-resnet"},
        "metrics": {
            name: {**_plain(scores.summary(name)), "values": _numbers(scores.values[name])} for name in METRICS
        },
        "landmark_share": _plain(summarize(scores.landmark_share)),
        "verification_of_untouched_dst": _plain(summarize(scores.dst_verification)),
        "verification_among_src": _plain(summarize(scores.src_verification)),
        "notes": notes(scores),
        "published": [
            {"source": published.source, "rows": {name: dict(row) for name, row in published.rows.items()}}
            for published in TABLES
        ],
    }


def _plain(summary: Summary) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in asdict(summary).items()}


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def as_page(scores: PaperScores) -> str:
    """The same as an HTML page that needs no other file, with each metric over time."""
    frames = scores.indices.tolist()
    plots = [
        line_plot({name: (frames, scores.values[name].tolist())}, x="frame", y=name, size=(520, 220))
        for name in METRICS
    ]
    parts = [table(("", *_HEADINGS), [("this result", *_ours(scores))]), bullets(notes(scores)), *plots]
    for published in TABLES:
        rows = [(name, *_published(figures)) for name, figures in published.rows.items()]
        parts += [heading("For reference"), paragraph(published.source), table(("", *_HEADINGS), rows)]
    return document("A swap by the published protocol", parts)


def write_report(scores: PaperScores, page: Path) -> Path:
    """Write the page, and the JSON document beside it.

    Returns:
        the document's path: the page's with the ending `.json`.

    Raises:
        UnderstudyError: a file cannot be written.
    """
    beside = page.with_suffix(".json")
    write_text(page, as_page(scores))
    write_text(beside, json.dumps(as_document(scores), indent=1, allow_nan=False) + "\n")
    return beside
