"""`understudy models`: the third-party model files."""

from dataclasses import dataclass, field
from typing import Any, Literal

import tyro

from understudy import zoo
from understudy.cli.console import Display
from understudy.project import UnderstudyError
from understudy.zoo import ModelFile


@dataclass
class Command:
    """List, fetch and locate model files."""

    action: tyro.conf.Positional[Literal["list", "fetch", "path"]]
    """list: what there is; fetch: download and verify; path: where a fetched file lies."""
    names: tyro.conf.Positional[list[str]] = field(default_factory=list)
    """Names from the list; fetch without a name fetches all that are not optional."""

    def run(self, display: Display) -> int:
        files = self._chosen()
        if self.action == "path" and not self.names:
            display.result(str(zoo.cache_folder()), {"cache": str(zoo.cache_folder())})
            return 0
        if self.action == "fetch":
            files = [file for file in files if self.names or not file.optional]
            for file in files:
                zoo.fetch(file.name, display)
        entries = [_describe(file) for file in files]
        if self.action == "path":
            missing = [entry["name"] for entry in entries if entry["path"] is None]
            if missing:
                raise UnderstudyError(f"not fetched yet: {', '.join(missing)}; run 'understudy models fetch'")
            display.result("\n".join(entry["path"] for entry in entries), {"models": entries})
            return 0
        display.result("\n".join(map(_line, entries)), {"models": entries})
        return 0

    def _chosen(self) -> list[ModelFile]:
        known = {file.name: file for file in zoo.catalogue()}
        unknown = [name for name in self.names if name not in known]
        if unknown:
            raise UnderstudyError(f"no such model file: {', '.join(unknown)}; there are {', '.join(known)}")
        return [known[name] for name in self.names] if self.names else list(known.values())


def _describe(file: ModelFile) -> dict[str, Any]:
    path = zoo.path(file.name)
    return {
        "name": file.name,
        "use": file.use,
        "licence": file.licence,
        "licence_note": file.licence_note,
        "sha256": file.sha256,
        "bytes": file.size,
        "optional": file.optional,
        "path": None if path is None else str(path),
    }


def _line(entry: dict[str, Any]) -> str:
    state = "fetched" if entry["path"] else "optional" if entry["optional"] else "not fetched"
    line = f"{entry['name']:<24} {entry['licence']:<12} {state:<12} {entry['use']}  sha256 {entry['sha256'][:12]}"
    return f"{line}\n{'':<24} ({entry['licence_note']})" if entry["licence_note"] else line
