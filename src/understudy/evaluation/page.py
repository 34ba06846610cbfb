"""Pages that stand alone: templates filled in, pictures inside."""

import base64
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from understudy.project import UnderstudyError


def render_page(template: str, **values: Any) -> str:
    """Fill in one of this room's templates; every value is escaped."""
    return _environment().get_template(template).render(**values)


def embedded(path: Path) -> str:
    """A picture or video file as a `data:` address, for a page that needs no other file.

    Raises:
        UnderstudyError: the file cannot be read.
    """
    try:
        content = base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror}") from error
    return f"data:{mimetypes.guess_type(path.name)[0] or 'application/octet-stream'};base64,{content}"


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.PackageLoader("understudy.evaluation", "templates")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
