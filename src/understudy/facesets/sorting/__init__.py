"""Bringing a faceset into an order: by a measure, by likeness, or as the best few of many."""

from understudy.facesets.sorting.arrangement import Arrangement, Direction, apply_order, arrange, number, sort_faces
from understudy.facesets.sorting.methods import METHODS, Method

__all__ = ["METHODS", "Arrangement", "Direction", "Method", "apply_order", "arrange", "number", "sort_faces"]
