"""How good a swap is: metrics, the benchmark against exact truth, and reports with pictures."""

from understudy.evaluation.footage import Footage, film
from understudy.evaluation.moments import moment_picture, moments
from understudy.evaluation.page import embedded, render_page
from understudy.evaluation.reference import Reference, film_reference
from understudy.evaluation.sanity import mean_face, pasted
from understudy.evaluation.scores import METRICS, Metric, Scores, score
from understudy.evaluation.swapbench import read_result

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
    "moment_picture",
    "moments",
    "pasted",
    "read_result",
    "render_page",
    "score",
]
