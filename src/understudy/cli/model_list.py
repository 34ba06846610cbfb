"""`understudy model list`: the models of a project."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.cli.console import Display
from understudy.project import Project, UnderstudyError


@dataclass
class Command:
    """List the project's models with the iteration of their newest checkpoint."""

    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        from understudy.models.latest import checkpoints, model_folders
        from understudy.models.saved_xseg import xseg_checkpoints

        folder = Project(self.project).models
        folders = model_folders(folder)
        models = [_describe(each.name, found[-1]) for each in folders if (found := checkpoints(each))]
        models += [_describe_xseg(each.name, found[-1]) for each in folders if (found := xseg_checkpoints(each))]
        lines = [f"{one['name']:<24} {one['kind']:<10} {one['iteration']:>9} it  {_sizes(one)}" for one in models]
        display.result("\n".join(lines) or f"no model in {folder}", {"models": models})
        return 0


def _describe(name: str, checkpoint: Path) -> dict[str, Any]:
    from safetensors import SafetensorError, safe_open

    from understudy.models.latest import WEIGHTS_NAME
    from understudy.models.saved import HEADER_KEY

    kind, config = "damaged", {}
    try:
        with safe_open(checkpoint / WEIGHTS_NAME, framework="pt") as file:
            header = json.loads((file.metadata() or {})[HEADER_KEY])
        kind, config = str(header["kind"]), dict(header["config"])
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        pass
    return {"name": name, "kind": kind, "config": config, "iteration": int(checkpoint.name)}


def _describe_xseg(name: str, checkpoint: Path) -> dict[str, Any]:
    from understudy.models.saved_xseg import xseg_options

    try:
        kind, config = "xseg", {key: value for key, value in xseg_options(checkpoint).items() if key == "face_type"}
    except UnderstudyError:
        kind, config = "damaged", {}
    return {"name": name, "kind": kind, "config": config, "iteration": int(checkpoint.name)}


def _sizes(model: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in model["config"].items())
