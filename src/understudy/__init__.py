"""Face replacement for film, VFX and research, with provenance on every output.

Every command is a function here: `init`, `extract`, `train`, `merge`, `verify`, `swap`; `Project` is the folder that
they work on.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from understudy.facesets import extract as extract
    from understudy.merging import merge as merge
    from understudy.pipeline import swap as swap
    from understudy.project import Project as Project
    from understudy.project import init as init
    from understudy.provenance import verify as verify
    from understudy.training import train as train

_HOMES = {
    "Project": "understudy.project",
    "extract": "understudy.facesets",
    "init": "understudy.project",
    "merge": "understudy.merging",
    "swap": "understudy.pipeline",
    "train": "understudy.training",
    "verify": "understudy.provenance",
}


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: the networks' library alone takes a second.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
