"""Plots as SVG, to stand in a page that needs no other file."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, ScalarFormatter

Line = tuple[Sequence[float | str], Sequence[float]]

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "understudy",  # equal plots are equal files
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "text.parse_math": False,  # a dollar in a name is a dollar
}
_DOTS = 72.0  # per inch, the unit of SVG
_FEW = 40  # points; more of them are a line without marks


def line_plot(
    lines: Mapping[str, Line],
    *,
    x: str,
    y: str,
    title: str = "",
    size: tuple[int, int] = (520, 280),
    log_x: bool = False,
    log_y: bool = False,
    floor: float | None = None,
) -> str:
    """Draw lines into an `<svg>` element; equal values give equal text.

    Args:
        lines: by the name in the legend (none for a single line): places and values. Places are numbers, or names
            that stand side by side in the order given. A value that is NaN leaves a gap.
        x, y: what the axes show, with its unit.
        title: over the plot.
        size: width and height in pixels.
        log_x, log_y: whether that axis is logarithmic.
        floor: where the value axis begins; None: where the values do.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(size[0] / _DOTS, size[1] / _DOTS), layout="constrained")
        axes = figure.add_subplot(xlabel=x, ylabel=y, title=title)
        for name, (places, values) in lines.items():
            marker = "o" if len(places) <= _FEW else ""
            axes.plot(list(places), list(values), marker=marker, markersize=3.5, linewidth=1.4, label=name)
        if log_x:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(ScalarFormatter())
            axes.set_xticks(sorted({float(place) for places, _ in lines.values() for place in places})[:_FEW])
            axes.xaxis.set_minor_locator(NullLocator())
        if log_y:
            axes.set_yscale("log")
        if floor is not None:
            axes.set_ylim(bottom=floor)
        if len(lines) > 1:
            axes.legend(frameon=False)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]  # without the file's own heading
