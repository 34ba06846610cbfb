"""How good a swap is: metrics, the benchmark against exact truth, and reports with pictures."""

from typing import TYPE_CHECKING

from understudy.project.late import late

if TYPE_CHECKING:
    from understudy.evaluation.footage import Footage, film
    from understudy.evaluation.page import embedded, render_page
    from understudy.evaluation.reference import Reference, film_reference
    from understudy.evaluation.sanity import mean_face, pasted
    from understudy.evaluation.scores import METRICS, Metric, Scores, score
    from understudy.evaluation.swapbench import read_result
else:
    _HOMES = {
        "footage": ("Footage", "film"),
        "page": ("embedded", "render_page"),
        "reference": ("Reference", "film_reference"),
        "sanity": ("mean_face", "pasted"),
        "scores": ("METRICS", "Metric", "Scores", "score"),
        "swapbench": ("read_result",),
    }
    __getattr__ = late(__name__, _HOMES)

__all__ = [
    "METRICS",
    "Footage",
    "Metric",
    "Reference",
    "Scores",
    "embedded",
    "film",
    "film_reference",
    "mean_face",
    "pasted",
    "read_result",
    "render_page",
    "score",
]
