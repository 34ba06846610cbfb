"""What is found in a file: the verdict, and everything that it rests on."""

import datetime
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from understudy.provenance.history import TRAINED, Manifest
from understudy.provenance.origin import Mark, UsedModel

State = Literal["valid", "untrusted", "tampered", "absent"]
"""Of credentials. valid: unchanged since it was signed, by a signer on a trust list; untrusted: unchanged, by a signer
nobody here vouches for; tampered: changed since it was signed; absent: none."""

WORST_FIRST: tuple[State, ...] = ("tampered", "absent", "untrusted", "valid")

Trust = Literal["this computer", "trust list", "nobody"]


Clock = Literal["signer", "timestamp authority", "unknown timestamp authority"]


@dataclass(frozen=True)
class WatermarkSeen:
    """A watermark that was read from the pictures.

    Attributes:
        payload: fourteen hexadecimal digits that stand for the project.
        version: of the watermark's format.
        score: correlation with the payload in standard deviations of chance.
        chance: upper bound of the probability that an unmarked file of this length gives any reading.
        spans: where in time, start and stop in seconds.
        share: of the file's seconds that are marked, 0..1.
        project: id of the project that it stands for, where the credentials name that project.
    """

    payload: str
    version: int
    score: float
    chance: float
    spans: tuple[tuple[float, float], ...]
    share: float
    project: str | None


@dataclass(frozen=True)
class Verification:
    """What the marks of a file, or of a folder, say and whether they hold.

    Attributes:
        path: what was looked at.
        state: of the credentials.
        signer: name in the signer's certificate.
        trust: whose word it is that the signer is who it says.
        when: time of signing.
        clock: whose time that is: the signer's own, or that of a timestamp authority, trusted here or not.
        source_type: IPTC digital source type, a URL.
        mark: what Understudy wrote (project, consent digest, model, label, clips); None in others' credentials.
        history: the manifests, the file's own first.
        problems: what does not hold, one line each.
        watermark: what was read from the pictures; None where nothing was, or nothing was looked for.
        searched: whether a watermark was looked for.
        listing: the signed listing that vouches for it, where it is a picture of a sequence or such a folder.
        frames: number of files looked at, for a folder.
        states: how many of them are in which state, for a folder whose files were looked at one by one.
    """

    path: Path
    state: State
    signer: str | None = None
    trust: Trust = "nobody"
    when: datetime.datetime | None = None
    clock: Clock = "signer"
    source_type: str | None = None
    mark: Mark | None = None
    history: tuple[Manifest, ...] = ()
    problems: tuple[str, ...] = ()
    watermark: WatermarkSeen | None = None
    searched: bool = False
    listing: Path | None = None
    frames: int | None = None
    states: dict[State, int] | None = None

    @property
    def ingredients(self) -> tuple[str, ...]:
        """What it was made from, as "relationship: title", with a note where that has credentials itself."""
        parts = self.history[0].parts if self.history else ()
        own = ", with credentials of its own"
        return tuple(f"{part.relationship}: {part.title}{own if part.manifest is not None else ''}" for part in parts)

    @property
    def marked(self) -> bool:
        """Whether good credentials say that a trained model made a part of it or, without any, the watermark does."""
        if self.state == "absent":
            return self.watermark is not None
        return self.state in ("valid", "untrusted") and self._says_trained

    @property
    def contradictory(self) -> bool:
        """Whether credentials that hold say something else than the watermark: they are not this picture's."""
        if self.watermark is None or self.state not in ("valid", "untrusted"):
            return False
        named = any(manifest.mark for manifest in self.history)
        return self.watermark.project is None if named else not self._says_trained

    @property
    def exit_code(self) -> int:
        """0: marked; 1: not marked; 3: changed since it was signed, or signed as something else than it is.

        (2 is a fault, of any command.)
        """
        if self.state == "tampered" or self.contradictory:
            return 3
        return 0 if self.marked else 1

    @property
    def _says_trained(self) -> bool:
        return self.mark is not None or (self.source_type or "").endswith(TRAINED)

    def to_document(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        document = asdict(self)
        for manifest, entry in zip(self.history, document["history"], strict=True):
            entry["mark"] = _plain(manifest.mark)
            entry["signed"] = _plain(manifest.signed)
        return document | {
            "path": str(self.path),
            "when": _plain(self.when),
            "mark": _plain(self.mark),
            "listing": str(self.listing) if self.listing else None,
            "ingredients": list(self.ingredients),
            "label": self.mark.label if self.mark else None,
            "marked": self.marked,
            "contradictory": self.contradictory,
            "exit_code": self.exit_code,
        }

    def verdict(self) -> str:
        """The result in a sentence."""
        if self.contradictory:
            return "FALSE: its credentials hold, but the watermark in the picture is of something else"
        if self.state == "absent" and self.watermark is not None:
            return "marked by the watermark in the picture; its credentials are gone"
        if not self.marked and self.state not in ("tampered", "absent"):
            return "credentials hold, but do not say that a trained model made any of it"
        return {
            "valid": "marked, and unchanged since it was signed",
            "untrusted": "marked, and unchanged since it was signed, by a signer unknown here",
            "tampered": "CHANGED since it was signed: its credentials do not hold",
            "absent": "not marked: no credentials" + (", and no watermark was found" if self.searched else ""),
        }[self.state]

    def watermark_line(self) -> str:
        """What was read from the pictures, in words."""
        seen = self.watermark
        if seen is None:
            return "none found"
        whose = f"project {seen.project}" if seen.project else "a project that the credentials do not name"
        if self.state == "absent":
            whose = "an Understudy project"
        times = ", ".join(f"{start:g}-{stop:g}" for start, stop in seen.spans[:5])
        more = f" and {len(seen.spans) - 5} more" if len(seen.spans) > 5 else ""
        return (
            f"{seen.payload}, of {whose}; at {times or 'one moment'}{more} s, {seen.share:.0%} of the file; "
            f"score {seen.score:.1f}, by chance in less than 1 of {1 / seen.chance:.1e} files"
        )

    def vouched(self) -> str:
        """Whose word it is that the signer is who it says, in words."""
        return {
            "this computer": "this user's own local certificate, which is on no public trust list",
            "trust list": "on the trust list",
            "nobody": "on no trust list known here",
        }[self.trust]

    def describe(self) -> str:
        """All of it in lines for people; safe to print, whatever the file holds."""
        return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in self._lines())

    __str__ = describe

    def _lines(self) -> Iterator[str]:
        yield f"{self.path}: {self.verdict()}"
        if self.frames is not None:
            counts = ", ".join(f"{count} {state}" for state, count in (self.states or {}).items())
            yield f"  files         {self.frames}{f' ({counts})' if counts else ''}"
        if self.listing is not None:
            yield f"  listed in     {self.listing}"
        if self.signer is not None:
            yield f"  signer        {self.signer} ({self.vouched()})"
        if self.when is not None:
            yield f"  signed        {self.when:%Y-%m-%d %H:%M:%S %Z} by the clock of the {self.clock}"
        if self.source_type is not None:
            yield f"  source type   {self.source_type.rpartition('/')[2]}"
        if self.mark is not None:
            yield from _mark_lines(self.mark)
        if self.searched:
            yield f"  watermark     {self.watermark_line()}"
        for ingredient in self.ingredients:
            yield f"  made from     {ingredient}"
        for problem in self.problems:
            yield f"  problem       {problem}"


def _mark_lines(mark: Mark) -> Iterator[str]:
    """What Understudy wrote, in lines for people."""
    yield f"  project       {mark.project}"
    yield f"  consent       sha256 {mark.consent_sha256}"
    first = UsedModel(name=mark.model, sha256=mark.model_sha256, version=mark.model_version)
    for model in (first, *mark.further_models):
        version = f", version {model.version}" if model.version else ""
        yield f"  model         {model.name}{version} (sha256 {model.sha256})"
    yield f"  settings      sha256 {mark.settings_sha256}"
    yield f"  label         {mark.label or 'none in the picture'}"
    for clip in mark.clips:
        yield f"  {clip.role} clip      {clip.title} (sha256 {clip.sha256})"


def _plain(value: Mark | datetime.datetime | None) -> Any:
    if isinstance(value, Mark):
        return value.model_dump(mode="json")
    return value.isoformat() if value else None
