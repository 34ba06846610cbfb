"""The page that shows what the demo made."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from understudy.demo.settings import DemoSettings
from understudy.evaluation import METRICS, Scores
from understudy.evaluation.plot import line_plot
from understudy.project.atomic import write_text
from understudy.provenance import Verification
from understudy.training.history import read_losses

_UNFIT = ("background", "landmarks_exact")  # encoding changes every pixel; the landmarker's own fault is no score


def write_page(
    out: Path, settings: DemoSettings, *, scores: Mapping[str, Scores], verification: Verification, seconds: float
) -> Path:
    """Write `index.html` beside the demo's files; returns its path."""
    history = read_losses(out / "project" / "model" / "demo" / "loss.csv")
    iterations = int(history[-1][0])
    chart = line_plot(
        {
            "src": ([row[0] for row in history], [row[1] for row in history]),
            "dst": ([row[0] for row in history], [row[2] for row in history]),
        },
        x="iteration",
        y="loss",
        floor=0,
        size=(660, 300),
    )
    loader = ChoiceLoader([PackageLoader("understudy.demo"), PackageLoader("understudy.evaluation")])
    text = (
        Environment(loader=loader, autoescape=True)
        .get_template("demo.html")
        .render(
            columns=list(scores),
            rows=[
                {"metric": metric, "values": [metric.shown(found.value(metric.name)) for found in scores.values()]}
                for metric in METRICS
                if metric.name not in _UNFIT
            ],
            chart=Markup(chart),  # noqa: S704 (drawn here, from numbers)
            settings=settings,
            iterations=iterations,
            training=history[-1][3],
            seconds=seconds,
            verification=verification.describe(),
        )
    )
    page = out / "index.html"
    write_text(page, text)
    return page
