"""How good a swap is: metrics, the benchmark against exact truth, and reports with pictures."""

from understudy.evaluation.footage import Footage, film
from understudy.evaluation.reference import Reference, film_reference
from understudy.evaluation.sanity import mean_face, pasted
from understudy.evaluation.scores import METRICS, Metric, Scores, score

__all__ = [
    "METRICS",
    "Footage",
    "Metric",
    "Reference",
    "Scores",
    "film",
    "film_reference",
    "mean_face",
    "pasted",
    "score",
]
