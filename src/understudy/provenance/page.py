"""How this was made: what was found in a file as a page that stands alone."""

from functools import cache
from pathlib import Path

import jinja2

from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError
from understudy.provenance.verification import Verification

_ACTIONS = {
    "c2pa.opened": "Opened",
    "c2pa.placed": "Put behind it",
    "c2pa.edited": "Edited",
    "c2pa.created": "Created",
    "c2pa.watermarked": "Watermarked",
    "c2pa.watermarked.unbound": "Watermarked",
}
_RELATIONS = {"parentOf": "edited from", "componentOf": "contains", "inputTo": "learned from"}
_SOURCE_TYPES = {
    "compositeWithTrainedAlgorithmicMedia": "a part of the picture was made by a trained model",
    "trainedAlgorithmicMedia": "made by a trained model",
    "digitalCapture": "taken with a camera",
    "humanEdits": "edited by a person",
}


def how_it_was_made(found: Verification) -> str:
    """The page as HTML. Every value in it is escaped; it asks for no other file and runs no script."""
    return _template().render(found=found)


def require_page_name(path: Path) -> None:
    """A page takes the place of an earlier page only, and never that of the file it tells of.

    Raises:
        UnderstudyError: the name is not that of a page.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise UnderstudyError(f"{path}: a page is written as .html: choose that suffix")


def write_page(path: Path, found: Verification) -> None:
    """Write the page of what was found.

    Raises:
        UnderstudyError: it cannot be written.
    """
    write_bytes(path, how_it_was_made(found).encode(errors="replace"))  # names of files need not be Unicode


def _action(name: str) -> str:
    return _ACTIONS.get(name, name.removeprefix("c2pa."))


def _relation(name: str) -> str:
    return _RELATIONS.get(name, name)


def _source_type(address: str) -> str:
    name = address.rpartition("/")[2]
    return _SOURCE_TYPES.get(name, name)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("understudy.provenance", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(action=_action, relation=_relation, source_type=_source_type)
    return environment.get_template("how_it_was_made.html")
