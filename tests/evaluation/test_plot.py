"""Plots are SVG, equal for equal values, and show what they are given."""

import xml.etree.ElementTree as ET

from understudy.evaluation.plot import line_plot

LINES = {"first": ([1, 2, 4], [3.0, float("nan"), 1.0]), "second <&$": ([1, 2, 4], [1.0, 2.0, 3.0])}


def test_equal_values_make_equal_text_that_is_one_svg_element() -> None:
    svg = line_plot(LINES, x="pixels", y="error / %", title="by size", log_x=True, floor=0)
    assert svg == line_plot(LINES, x="pixels", y="error / %", title="by size", log_x=True, floor=0)
    assert svg != line_plot({**LINES, "first": ([1, 2, 4], [3.0, 2.0, 1.0])}, x="pixels", y="error / %", log_x=True)
    root = ET.fromstring(svg)  # noqa: S314  (made here)
    assert root.tag.endswith("svg")
    words = {text.strip() for text in root.itertext()}
    assert {"pixels", "error / %", "by size", "first", "second <&$", "1", "2", "4"} <= words


def test_places_may_be_names() -> None:
    svg = line_plot({"only": (["front", "side"], [1.0, 2.0])}, x="light", y="found")
    words = [text.strip() for text in ET.fromstring(svg).itertext()]  # noqa: S314  (made here)
    assert words.index("front") < words.index("side")
    assert "only" not in words  # a single line needs no legend
