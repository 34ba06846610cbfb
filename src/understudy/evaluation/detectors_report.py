"""The detector report: what was measured, as figures, as a table for the terminal, as JSON and as a page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.detectors import Backend, Outcome
from understudy.evaluation.detectors_suite import SIDE
from understudy.evaluation.html_document import bullets, document, heading, paragraph, table
from understudy.evaluation.plot import Line, line_plot
from understudy.project.atomic import write_text

GOAL_YAW = 60.0  # degrees
GOAL_FOUND = 0.98
GOAL_ERROR = 0.04  # of the inter-ocular distance
_INNER = slice(17, 68)  # brows, nose, eyes and mouth

_NOTES = """\
Landmark error: mean distance of the 68 found landmarks from the true ones over the inter-ocular distance (outer eye \
corners) of the same head facing the camera; the median over the pictures in which the face was found.
'Inner' is the same without the 17 landmarks of the jaw line.
'As seen' divides by the inter-ocular distance as the picture shows it, which shrinks with the cosine of the yaw.
'Less offset' is the error that stays when every true landmark is moved, for all pictures alike, to the place on the \
head that suits the landmarker best within 60 degrees of yaw: true landmarks are places on the anatomy, a landmarker's \
follow its own convention.
Pose: median absolute error in degrees.
'Nearer eye uncovered': no hair and no occluder on any landmark of the eye nearer to the camera.
A face is found where one box of landmarks overlaps the true one by at least 0.4 (intersection over union).
'Others' counts faces found elsewhere in the pictures.""".splitlines()


@dataclass(frozen=True)
class Figures:
    """What one backend made of some pictures. Errors are medians over the pictures with a face found; NaN if none.

    Attributes:
        pictures: how many.
        found: share of them in which the face was found.
        error: mean distance of the landmarks in shares of the head's inter-ocular distance.
        error_inner: the same of brows, nose, eyes and mouth, without the jaw line.
        error_as_seen: as `error`, in shares of that distance as the picture shows it.
        error_less_offset: as `error`, with each true landmark moved to its best one place on the head.
        pitch, yaw, roll: absolute errors in degrees.
        others: faces found elsewhere.
    """

    pictures: int
    found: float
    error: float
    error_inner: float
    error_as_seen: float
    error_less_offset: float
    pitch: float
    yaw: float
    roll: float
    others: int

    @property
    def meets_goal(self) -> bool:
        """Whether enough were found, closely enough, by the raw error."""
        return self.found >= GOAL_FOUND and self.error < GOAL_ERROR


@dataclass(frozen=True)
class DetectorReport:
    """Everything measured of one backend.

    Attributes:
        backend: which.
        within: figures of the goal: pictures up to 60 degrees of yaw, by where they come from.
        rows: figures by condition and value, in the suite's order.
        offsets: (68, 3) of each landmark on the head, found minus true, in the head's axes (x right, y up, z out of
            the face) and shares of the inter-ocular distance.
    """

    backend: Backend
    within: Mapping[str, Figures]
    rows: Mapping[str, Mapping[float | str, Figures]]
    offsets: NDArray[np.float64]


def reports(outcomes: Sequence[Outcome]) -> list[DetectorReport]:
    """Sum up what `detectors.examine` measured, one report for each backend."""
    return [
        _report(backend, [outcome for outcome in outcomes if outcome.backend == backend])
        for backend in dict.fromkeys(outcome.backend for outcome in outcomes)
    ]


def _report(backend: Backend, outcomes: Sequence[Outcome]) -> DetectorReport:
    offsets = _fitted([o for o in outcomes if o.found and _is_within(o)])
    rows: dict[str, dict[float | str, Figures]] = {}
    for condition, value in dict.fromkeys((o.condition, o.value) for o in outcomes):
        chosen = [o for o in outcomes if (o.condition, o.value) == (condition, value)]
        rows.setdefault(condition, {})[value] = _figures(chosen, offsets)
    within: dict[str, Figures] = {}
    for condition, name in (("performance", "performances"), ("yaw", "even spread of yaw")):
        near = [o for o in outcomes if o.condition == condition and _is_within(o)]
        within[f"{name}, all"] = _figures(near, offsets)
        within[f"{name}, nearer eye uncovered"] = _figures([o for o in near if o.covered == 0], offsets)
    return DetectorReport(backend, within, rows, offsets)


def _fitted(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """(68, 3) the one move on the head, in its axes, that brings each true landmark closest to what was found."""
    if not outcomes:
        return np.zeros((68, 3))
    axes = np.concatenate([o.axes for o in outcomes])  # (2 N, 3)
    found = np.concatenate([o.offsets.T for o in outcomes])  # (2 N, 68)
    return np.asarray(np.linalg.lstsq(axes, found, rcond=None)[0].T)


def _is_within(outcome: Outcome) -> bool:
    return abs(outcome.yaw) <= GOAL_YAW + 1e-6


def _figures(outcomes: Sequence[Outcome], offsets: NDArray[np.float64]) -> Figures:
    found = [outcome for outcome in outcomes if outcome.found]
    errors = [_mean_distance(o.offsets) for o in found]
    pose = np.abs([o.pose for o in found]).reshape(-1, 3)
    return Figures(
        pictures=len(outcomes),
        found=len(found) / len(outcomes) if outcomes else float("nan"),
        error=_median(errors),
        error_inner=_median(_mean_distance(o.offsets[_INNER]) for o in found),
        error_as_seen=_median(e / np.cos(np.deg2rad(o.yaw)) for e, o in zip(errors, found, strict=True)),
        error_less_offset=_median(_mean_distance(o.offsets - offsets @ o.axes.T) for o in found),
        pitch=_median(pose[:, 0]),
        yaw=_median(pose[:, 1]),
        roll=_median(pose[:, 2]),
        others=sum(outcome.others for outcome in outcomes),
    )


def _mean_distance(offsets: NDArray[np.floating[Any]]) -> float:
    return float(np.linalg.norm(offsets, axis=1).mean())


def _median(values: Iterable[float]) -> float:
    known = list(values)
    return float(np.median(known)) if known else float("nan")


_HEADINGS = ("pictures", "found", "error", "inner", "as seen", "less offset", "pitch", "yaw", "roll", "others")


def _cells(figures: Figures) -> tuple[str, ...]:
    shares = (figures.found, figures.error, figures.error_inner, figures.error_as_seen, figures.error_less_offset)
    angles = (figures.pitch, figures.yaw, figures.roll)
    return (
        str(figures.pictures),
        *(f"{100 * share:.1f} %" if share == share else "–" for share in shares),
        *(f"{angle:.1f}°" if angle == angle else "–" for angle in angles),
        str(figures.others),
    )


def _sections(report: DetectorReport) -> dict[str, dict[str, Figures]]:
    return {
        f"within {GOAL_YAW:g}° of yaw": dict(report.within),
        **{f"by {name}": {str(value): f for value, f in rows.items()} for name, rows in report.rows.items()},
    }


def verdict(report: DetectorReport) -> str:
    """One line: whether the goal is met, and by which figures."""
    parts = [
        f"{name}: {100 * f.found:.1f} % found, error {100 * f.error:.2f} % ({'met' if f.meets_goal else 'NOT met'})"
        for name, f in report.within.items()
    ]
    return f"goal (at least {GOAL_FOUND:.0%} found, error under {GOAL_ERROR:.0%}): {'; '.join(parts)}"


def as_text(made: Sequence[DetectorReport]) -> str:
    """The tables for a terminal."""
    lines: list[str] = []
    for report in made:
        lines += ["", str(report.backend)]
        for title, rows in _sections(report).items():
            width = max(map(len, [title, *rows])) + 2
            lines += ["", title.ljust(width) + "".join(f"{heading:>12}" for heading in _HEADINGS)]
            lines += [name.ljust(width) + "".join(f"{c:>12}" for c in _cells(f)) for name, f in rows.items()]
        lines += ["", verdict(report)]
    return "\n".join([*lines, "", *_NOTES]).lstrip("\n")


def as_document(made: Sequence[DetectorReport], *, performers: int) -> dict[str, Any]:
    """The same as a JSON document; numbers that do not exist are null."""
    return {
        "schema": "understudy.detectors/1",
        "performers": performers,
        "picture_side": SIDE,
        "notes": _NOTES,
        "goal": {"yaw": GOAL_YAW, "found": GOAL_FOUND, "error": GOAL_ERROR},
        "backends": [
            {
                "detector": report.backend.detector,
                "landmarker": report.backend.landmarker,
                "within": {name: _plain(f) | {"meets_goal": f.meets_goal} for name, f in report.within.items()},
                "conditions": {
                    name: [{"value": value, **_plain(f)} for value, f in rows.items()]
                    for name, rows in report.rows.items()
                },
                "offsets": np.round(report.offsets, 5).tolist(),
            }
            for report in made
        ],
    }


def _plain(figures: Figures) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in asdict(figures).items()}


def as_page(made: Sequence[DetectorReport], *, performers: int) -> str:
    """The same as an HTML page that needs no other file, with plots."""
    plots = [
        plot
        for condition, axis in (
            ("yaw", "yaw / degrees"),
            ("size", "longer side of the face / pixels"),
            ("light", "light"),
            ("occlusion", "occlusion"),
        )
        if condition in made[0].rows
        for plot in _plots(made, condition, axis)
    ]
    tables = []
    for report in made:
        tables += [heading(str(report.backend)), paragraph(verdict(report))]
        for title, rows in _sections(report).items():
            tables.append(table((title, *_HEADINGS), [(name, *_cells(f)) for name, f in rows.items()]))
    shown = paragraph(f"{performers} synthetic performers, pictures of {SIDE} × {SIDE} pixels.")
    return document("Face detectors against exact truth", [shown, *plots, *tables, bullets(_NOTES)])


def _plots(made: Sequence[DetectorReport], condition: str, axis: str) -> list[str]:
    def lines(share: str) -> dict[str, Line]:
        return {
            str(report.backend): (
                list(report.rows[condition]),
                [100 * getattr(figures, share) for figures in report.rows[condition].values()],
            )
            for report in made
        }

    log_x = condition == "size"
    return [
        line_plot(lines("found"), x=axis, y="found / %", floor=0, log_x=log_x),
        line_plot(lines("error"), x=axis, y="landmark error / % of inter-ocular", floor=0, log_x=log_x),
    ]


def write_report(made: Sequence[DetectorReport], page: Path, *, performers: int) -> Path:
    """Write the page, and the JSON document beside it.

    Returns:
        the document's path: the page's with the ending `.json`.

    Raises:
        UnderstudyError: a file cannot be written.
    """
    beside = page.with_suffix(".json")
    write_text(page, as_page(made, performers=performers))
    text = json.dumps(as_document(made, performers=performers), indent=1, allow_nan=False)
    write_text(beside, text + "\n")
    return beside
