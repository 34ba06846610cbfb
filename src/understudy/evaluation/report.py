"""SwapBench's report: all that is scored in a bench's folder, as JSON and as a page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from understudy import __version__
from understudy.evaluation.moments import MOMENTS, moments
from understudy.evaluation.page import embedded, render_page
from understudy.evaluation.perceptual import perceptual_backend
from understudy.evaluation.score_file import Scored
from understudy.evaluation.scores import METRICS, Metric
from understudy.evaluation.suite import SUITE, SUITE_VERSION, Case
from understudy.evaluation.swapbench import FLOORS, SANITY, Bench
from understudy.project.atomic import write_text

REPORT_VERSION = 1

_LIBRARIES = ("torch", "numpy", "opencv-python-headless", "ai-edge-litert")


@dataclass(frozen=True)
class Report:
    """The files written, and the mean over the cases of each result's metrics."""

    page: Path
    document: Path
    means: Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True)
class _Scored:
    """A case with its results by name, the sanity ones first."""

    case: Case
    results: Mapping[str, Scored]
    floors: Mapping[str, Any]


def write_report(bench: Bench) -> Report:
    """Write `report.json` and `report.html` into the bench's folder.

    Runs with equal seeds on one machine give equal documents, but for the key `seconds`.

    Raises:
        UnderstudyError: the files cannot be written.
    """
    scored = [_read(bench, case) for case in SUITE.values() if bench.files(case)]
    means = _means(scored)
    document, page = bench.folder / "report.json", bench.folder / "report.html"
    write_text(document, json.dumps(_document(scored, means), indent=1, ensure_ascii=False))
    write_text(page, _page(bench, scored, means))
    return Report(page, document, means)


def _read(bench: Bench, case: Case) -> _Scored:
    read = {name: file.read() for name, file in bench.files(case).items()}
    path = bench.folder / case.name / FLOORS
    floors = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return _Scored(case, {name: found for name, found in read.items() if found is not None}, floors)


def _means(scored: Sequence[_Scored]) -> dict[str, dict[str, float | None]]:
    """By result and metric: the mean over the cases; a result that lacks a case is compared in the others alone."""
    names = list(dict.fromkeys((*SANITY, *(name for one in scored for name in one.results))))

    def mean(name: str, metric: Metric) -> float | None:
        values = [one.results[name].clip.get(metric.name) for one in scored if name in one.results]
        known = [value for value in values if value is not None]
        return float(f"{np.mean(known):.6g}") if known else None

    return {name: {metric.name: mean(name, metric) for metric in METRICS} for name in names}


def _document(scored: Sequence[_Scored], means: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": "understudy-swapbench",
        "version": REPORT_VERSION,
        "suite": SUITE_VERSION,
        "versions": {"understudy": __version__, **{name: version(name) for name in _LIBRARIES}},
        "perceptual": perceptual_backend(),
        "metrics": {m.name: {"about": m.about, "better": m.better} for m in METRICS},
        "means": means,
        "cases": {
            one.case.name: {
                "about": one.case.about,
                "size": one.case.size,
                "src_frames": one.case.src_frames,
                "dst_frames": one.case.dst_frames,
                "seeds": _seeds(one.case),
                "floors": one.floors,
                "results": {
                    name: result.model_dump(include={"settings", "clip", "frames"})
                    for name, result in one.results.items()
                },
            }
            for one in scored
        },
        "seconds": {one.case.name: {name: result.seconds for name, result in one.results.items()} for one in scored},
    }


def _seeds(case: Case) -> dict[str, Any]:
    return {
        "src": case.src.seed,
        "dst": case.dst.seed,
        "dst_shape": case.dst.shape_of,
        "dst_tone": case.dst.tone_of,
        "src_performance": case.src_take.seed,
        "dst_performance": case.dst_take.seed,
        "others": list(case.others),
    }


def _page(bench: Bench, scored: Sequence[_Scored], means: Mapping[str, Mapping[str, float | None]]) -> str:
    counts = {name: sum(name in one.results for one in scored) for name in means}
    return render_page(
        "swapbench.html",
        suite=SUITE_VERSION,
        version=__version__,
        perceptual=perceptual_backend(),
        metrics=METRICS,
        sanity=SANITY,
        cases=len(scored),
        summary=[
            (f"{name} ({counts[name]} of {len(scored)})" if counts[name] < len(scored) else name, _cells(values))
            for name, values in means.items()
        ],
        sections=[_section(bench, one) for one in scored],
    )


def _cells(values: Mapping[str, float | None]) -> list[str]:
    return [metric.shown(values.get(metric.name)) for metric in METRICS]


def _section(bench: Bench, one: _Scored) -> dict[str, Any]:
    pictures = []
    for name, result in one.results.items():
        shown = moments(result.scores())
        paths = {moment: bench.folder / one.case.name / name / f"{moment}.jpg" for moment in MOMENTS}
        if name not in SANITY:
            strips = [(m, shown[m] + 1, embedded(path)) for m, path in paths.items() if m in shown and path.exists()]
            pictures.append((name, strips))
    return {
        "name": one.case.name,
        "about": one.case.about,
        "size": one.case.size,
        "src_frames": one.case.src_frames,
        "dst_frames": one.case.dst_frames,
        "rows": [(name, _cells(result.clip)) for name, result in one.results.items()],
        "floors": one.floors,
        "pictures": pictures,
    }
