"""What the manifests of one file tell: who did what to it, with what, from what, one after another."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from understudy.provenance.credentials import MARK_LABEL
from understudy.provenance.origin import Mark

TRAINED = ("/trainedAlgorithmicMedia", "/compositeWithTrainedAlgorithmicMedia")
"""Ends of the IPTC digital source types that say that a trained model made the picture, or a part of it."""

_MOST = 1000  # manifests told of one file
_LONGEST = 400  # characters told of one parameter
_STRUCTURAL = {"ingredients", "ingredientIds"}  # references between parts of the manifest, told elsewhere


@dataclass(frozen=True)
class Step:
    """One action.

    Attributes:
        action: C2PA's name of it, such as "c2pa.edited".
        when: as the manifest has it; None where it does not say.
        agent: the program that did it, with its version.
        source_type: IPTC digital source type, a URL.
        description: in words.
        parameters: what else is said of it, name and value as text.
    """

    action: str
    when: str | None
    agent: str | None
    source_type: str | None
    description: str | None
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Part:
    """An ingredient.

    Attributes:
        title: its file name.
        relationship: "parentOf", "componentOf" or "inputTo".
        manifest: place of its own manifest in the history; None where it has none.
    """

    title: str
    relationship: str
    manifest: int | None


@dataclass(frozen=True)
class Manifest:
    """One signed statement.

    Attributes:
        generator: the program that wrote it.
        signer: name in the signer's certificate.
        signed: when, by a timestamp authority; None where none was asked.
        steps: what was done.
        parts: what it was made from.
        mark: what Understudy wrote; None in others' statements.
    """

    generator: str | None
    signer: str | None
    signed: datetime.datetime | None
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]
    mark: Mark | None

    def telling_step(self) -> Step | None:
        """The newest step that names a digital source type; one that names a trained model goes first."""
        named = [step for step in self.steps if step.source_type]
        named.sort(key=lambda step: (step.source_type or "").endswith(TRAINED))
        return named[-1] if named else None


def read_history(store: dict[str, Any]) -> tuple[Manifest, ...]:
    """The file's own manifest first, then those of what it was made from, nearest first; empty without manifests."""
    manifests = store.get("manifests")
    if not isinstance(manifests, dict):
        return ()
    places: dict[str, int] = {}  # by label; the labels themselves are not signed, so that nothing is told by them
    waiting = [store.get("active_manifest")]
    for label in waiting:  # grows as it goes: breadth first
        if (
            isinstance(label, str)
            and isinstance(manifests.get(label), dict)
            and label not in places
            and len(places) < _MOST
        ):
            places[label] = len(places)
            waiting += [part.get("active_manifest") for part in _ingredients(manifests[label])]
    return tuple(_manifest(manifests[label], places) for label in places)


def parse_time(text: Any) -> datetime.datetime | None:
    """A time in ISO 8601, or None for anything else."""
    try:
        return datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _manifest(entry: dict[str, Any], places: dict[str, int]) -> Manifest:
    signature = entry.get("signature_info")
    signature = signature if isinstance(signature, dict) else {}
    generators = [_agent(one) for one in _listed(entry, "claim_generator_info")]
    return Manifest(
        generator=next((one for one in generators if one), None) or _text(entry.get("claim_generator")),
        signer=_text(signature.get("common_name")) or _text(signature.get("issuer")),
        signed=parse_time(signature.get("time")),
        steps=tuple(_steps(entry)),
        parts=tuple(
            Part(
                title=_text(part.get("title")) or "untitled",
                relationship=_text(part.get("relationship")) or "unknown",
                manifest=places.get(_text(part.get("active_manifest")) or ""),
            )
            for part in _ingredients(entry)
        ),
        mark=_mark(entry),
    )


def _ingredients(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in _listed(entry, "ingredients") if isinstance(part, dict)]


def _steps(entry: dict[str, Any]) -> Iterator[Step]:
    for assertion in _assertions(entry):
        if not str(assertion.get("label", "")).startswith("c2pa.actions"):
            continue
        for action in _listed(assertion.get("data"), "actions"):
            if isinstance(action, dict):
                yield Step(
                    action=_text(action.get("action")) or "unknown",
                    when=_text(action.get("when")),
                    agent=_agent(action.get("softwareAgent")),
                    source_type=_text(action.get("digitalSourceType")),
                    description=_text(action.get("description")),
                    parameters=tuple(_parameters(action.get("parameters"))),
                )


def _parameters(found: Any) -> Iterator[tuple[str, str]]:
    for name, value in sorted(found.items()) if isinstance(found, dict) else ():  # the library gives them in any order
        if name not in _STRUCTURAL:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
            yield name, text[:_LONGEST]


def _mark(entry: dict[str, Any]) -> Mark | None:
    for assertion in _assertions(entry):
        if assertion.get("label") == MARK_LABEL:
            try:
                return Mark.model_validate(assertion.get("data"))
            except ValidationError:
                return None
    return None


def _assertions(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (one for one in _listed(entry, "assertions") if isinstance(one, dict))


def _agent(found: Any) -> str | None:
    if isinstance(found, dict):
        parts = (_text(found.get("name")), _text(found.get("version")))
        return " ".join(part for part in parts if part) or None
    return _text(found)


def _text(found: Any) -> str | None:
    return found if isinstance(found, str) and found else None


def _listed(data: Any, key: str) -> list[Any]:
    """A list that a stranger's manifest may or may not hold."""
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []
