"""The comparison of two facesets as a page that stands alone, and as a few lines."""

import base64
from pathlib import Path

import cv2
from jinja2 import Environment, PackageLoader, StrictUndefined

from understudy.facesets.coverage import AXES, Cell, Coverage, Map
from understudy.facesets.face_file import encode_jpeg
from understudy.facesets.faceset import Faceset
from understudy.media import read_image
from understudy.project.atomic import write_text
from understudy.project.errors import UnderstudyError

_PICTURE = 112  # pixels a side
_QUALITY = 80
_SHOWN = 16  # lacking cells with pictures
_LINES = 8  # lacking cells in the terminal


def write_coverage_page(path: Path, coverage: Coverage, src: Faceset, dst: Faceset) -> None:
    """Write the page; its pictures are within it.

    Raises:
        UnderstudyError: it cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("understudy.facesets", "."), autoescape=True, undefined=StrictUndefined
    )
    environment.globals.update(color=_color, rows=_rows, percent=_percent)
    folders = {"src": src.folder, "dst": dst.folder}
    page = environment.get_template("coverage_page.html.jinja").render(
        coverage=coverage,
        axes=AXES,
        src=src.folder,
        dst=dst.folder,
        warnings=[
            (caution, [_picture(folders[caution.side] / name) for name in caution.examples])
            for caution in coverage.warnings
        ],
        shown=[(cell, [_picture(dst.folder / name) for name in cell.examples]) for cell in coverage.lacking[:_SHOWN]],
    )
    write_text(path, page)


def coverage_text(coverage: Coverage) -> str:
    """The same in a few lines."""
    width = max(len(found.label) for found in coverage.maps)
    lines = [f"{coverage.src} src faces, {coverage.dst} dst faces; of dst, src covers", ""]
    lines += [f"  {found.label:<{width}}  {_percent(found.covered):>4}" for found in coverage.maps]
    lines += ["", f"src lacks {len(coverage.lacking)} kinds of faces" + (", first of all" if coverage.lacking else "")]
    lines += [
        f"  {cell.lacking:>4} of {cell.label} (src {cell.src}, dst {cell.dst})" for cell in coverage.lacking[:_LINES]
    ]
    return "\n".join([*lines, *(["", *map(str, coverage.warnings)] if coverage.warnings else [])])


def _percent(share: float) -> str:
    # Rounded down: what is not quite whole shall not look so.
    return f"{int(100 * share)}%"


def _rows(found: Map) -> list[list[Cell]]:
    """Cells as they lie on the page: as one looks at the picture, the nose to the left on the left, up above."""
    width = len(AXES[found.axes[0]])
    rows = [list(found.cells[start : start + width]) for start in range(0, len(found.cells), width)]
    return [row[::-1] for row in rows[::-1]]


def _color(cell: Cell) -> str:
    """Of a cell: green where src has enough, towards red where it has nothing, blue where only src has faces."""
    if cell.dst == 0:
        return "#22303f" if cell.src else "#1b1d21"
    missing = cell.lacking / (cell.lacking + cell.src)
    return f"hsl({120 * (1 - missing):.0f} 55% 32%)"


def _picture(path: Path) -> str:
    """As a data URL."""
    try:
        pixels, _ = read_image(path)
    except UnderstudyError:
        return ""
    small = cv2.resize(pixels, (_PICTURE, _PICTURE), interpolation=cv2.INTER_AREA)
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(small, _QUALITY)).decode()
