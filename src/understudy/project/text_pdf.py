"""Plain text as a PDF on A4 that can be printed and signed."""

import io
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font

from understudy.project.errors import UnderstudyError

_PAGE = (8.27, 11.69)  # inches
_MARGIN = 0.95  # inches
_SIZE, _TITLE_SIZE = 10.5, 15  # points
_LEADING = 1.45
_COLUMNS = 84  # characters to a line
_FONT = "DejaVu Sans"  # comes with Matplotlib


def text_pdf(sections: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """Sections, each a title and its paragraphs, one section to a page and more where it is long.

    Raises:
        UnderstudyError: a character that the font lacks.
    """
    out = io.BytesIO()
    about = {"Creator": "Understudy", "CreationDate": datetime.now(UTC)}
    with rc_context({"font.family": _FONT, "pdf.fonttype": 42}), PdfPages(out, metadata=about) as document:
        for title, paragraphs in sections:
            _refuse_unknown_letters([title, *paragraphs])
            lines = [line for one in paragraphs for line in (*textwrap.wrap(one, _COLUMNS, break_long_words=True), "")]
            step = _SIZE * _LEADING / 72  # inches
            room = int((_PAGE[1] - 2 * _MARGIN - 0.5) / step)
            for first in range(0, max(len(lines), 1), room):
                page = Figure(figsize=_PAGE)
                left, top = _MARGIN / _PAGE[0], 1 - _MARGIN / _PAGE[1]
                page.text(left, top, title, size=_TITLE_SIZE, parse_math=False)
                for number, line in enumerate(lines[first : first + room]):
                    y = top - (0.5 + number * step) / _PAGE[1]
                    page.text(left, y, line, size=_SIZE, va="top", parse_math=False)
                document.savefig(page)
    return out.getvalue()


def _refuse_unknown_letters(texts: Iterable[str]) -> None:
    known = FT2Font(findfont(FontProperties(family=_FONT))).get_charmap()
    for letter in "".join(texts):
        if letter.isprintable() and ord(letter) not in known:
            raise UnderstudyError(f"the PDF's font has no '{letter}': export as .json instead")
