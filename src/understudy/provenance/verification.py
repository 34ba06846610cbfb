"""Is this file marked, by whom, and is it still what was signed?"""

import datetime
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import c2pa
from pydantic import ValidationError

from understudy.media.images import pictures_in
from understudy.project.errors import UnderstudyError
from understudy.provenance.credentials import MARK_LABEL, OFFLINE, media_type, read_sidecar, sidecar_path
from understudy.provenance.keys import local_issuer
from understudy.provenance.origin import Mark

State = Literal["valid", "untrusted signer but valid", "tampered", "absent"]

_WORST_FIRST: tuple[State, ...] = ("tampered", "absent", "untrusted signer but valid", "valid")
_UNTRUSTED = "signingCredential.untrusted"
_SIGNER_ONLY = {_UNTRUSTED, "signingCredential.expired", "claimSignature.outsideValidity"}
_NONE_INSIDE = (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported)
_TRAINED = ("/trainedAlgorithmicMedia", "/compositeWithTrainedAlgorithmicMedia")


@dataclass(frozen=True)
class Verification:
    """What the credentials of a file, or of a folder of frames, say and whether they hold.

    Attributes:
        path: what was looked at.
        state: "valid": signed by this user's own local certificate or one on a trust list, and unchanged since;
            "untrusted signer but valid": unchanged, by a signer nobody here vouches for; "tampered": changed since
            it was signed; "absent": no credentials.
        signer: name in the signer's certificate.
        trust: whose word it is that the signer is who it says: "this computer", "public trust list" or "nobody".
        when: time of signing by the signer's own clock.
        source_type: IPTC digital source type, a URL.
        mark: what Understudy wrote (project, consent digest, model, label, clips); None in others' credentials.
        ingredients: what it was made from, as "relationship: title", with a note where that is marked itself.
        problems: what does not hold, in the words of the C2PA library.
        frames: number of files looked at, for a folder.
    """

    path: Path
    state: State
    signer: str | None = None
    trust: Literal["this computer", "public trust list", "nobody"] = "nobody"
    when: datetime.datetime | None = None
    source_type: str | None = None
    mark: Mark | None = None
    ingredients: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    frames: int | None = None

    @property
    def marked(self) -> bool:
        """Whether it holds good credentials that say a trained model made a part of it."""
        says_so = self.mark is not None or (self.source_type or "").endswith(_TRAINED)
        return self.state in ("valid", "untrusted signer but valid") and says_so

    @property
    def exit_code(self) -> int:
        """0: marked and unchanged; 1: not marked; 3: changed since it was signed (2 is a fault, of any command)."""
        if self.state == "tampered":
            return 3
        return 0 if self.marked else 1

    def to_document(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        return asdict(self) | {
            "path": str(self.path),
            "when": self.when.isoformat() if self.when else None,
            "mark": self.mark.model_dump(mode="json") if self.mark else None,
            "marked": self.marked,
        }

    def describe(self) -> str:
        """All of it in lines for people; safe to print, whatever the file holds."""
        return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in self._lines())

    __str__ = describe

    def _lines(self) -> Iterator[str]:
        verdict = {
            "valid": "marked, and unchanged since it was signed",
            "untrusted signer but valid": "marked, and unchanged since it was signed, by a signer unknown here",
            "tampered": "CHANGED since it was signed: its credentials do not hold",
            "absent": "not marked: it carries no credentials",
        }[self.state]
        if not self.marked and self.state not in ("tampered", "absent"):
            verdict = "credentials hold, but do not say that a trained model made any of it"
        yield f"{self.path}: {verdict}"
        if self.frames is not None:
            yield f"  files         {self.frames}"
        if self.signer is not None:
            vouched = {
                "this computer": "this user's own local certificate, which is on no public trust list",
                "public trust list": "on a public trust list",
                "nobody": "on no trust list known here",
            }[self.trust]
            yield f"  signer        {self.signer} ({vouched})"
        if self.when is not None:
            yield f"  signed        {self.when:%Y-%m-%d %H:%M:%S %Z} by the signer's clock"
        if self.source_type is not None:
            yield f"  source type   {self.source_type.rpartition('/')[2]}"
        if self.mark is not None:
            yield f"  project       {self.mark.project}"
            yield f"  consent       sha256 {self.mark.consent_sha256}"
            yield f"  model         {self.mark.model} (sha256 {self.mark.model_sha256})"
            yield f"  settings      sha256 {self.mark.settings_sha256}"
            yield f"  label         {self.mark.label or 'none in the picture'}"
            for clip in self.mark.clips:
                yield f"  {clip.role} clip      {clip.title} (sha256 {clip.sha256})"
        for ingredient in self.ingredients:
            yield f"  made from     {ingredient}"
        for problem in self.problems:
            yield f"  problem       {problem}"


def verify(path: Path) -> Verification:
    """Check the credentials of a file, or of every image of a folder. Files are streamed; nothing is fetched.

    Of a folder, the state is that of its worst file and the rest is told of the first such.

    Raises:
        UnderstudyError: no such file, it cannot be read, or the folder holds no images.
    """
    with _context() as context:
        if not path.is_dir():
            return _verify_file(path, context)
        return _summary(path, [_verify_file(file, context) for file in pictures_in(path)])


def _summary(folder: Path, results: list[Verification]) -> Verification:
    """One verdict on the frames of a folder."""
    worst = min(results, key=lambda result: _WORST_FIRST.index(result.state))
    problems = [f"{r.path.name}: {r.problems[0] if r.problems else r.state}" for r in results if r.exit_code]
    projects = {result.mark.project for result in results if result.mark}
    if len(projects) > 1:
        problems.append(f"frames of {len(projects)} projects: {', '.join(sorted(projects))}")
    more = [f"and {len(problems) - 10} more"] if len(problems) > 10 else []
    return replace(worst, path=folder, problems=(*problems[:10], *more), frames=len(results))


def _verify_file(path: Path, context: c2pa.Context) -> Verification:
    sidecar = sidecar_path(path)
    try:
        with path.open("rb") as file:
            try:
                return _report(path, c2pa.Reader(media_type(path), file, context=context))
            except c2pa.C2paError as error:
                elsewhere = str(error).startswith("Remote")  # the file names an address, which is not asked
                if not elsewhere and not isinstance(error, _NONE_INSIDE):
                    raise
            if sidecar.is_file() and sidecar != path:
                file.seek(0)
                return _report(path, c2pa.Reader(media_type(path), file, read_sidecar(sidecar), context=context))
    except c2pa.C2paError as error:
        if isinstance(error, c2pa.C2paError.Io) or "asset could not be parsed" in str(error):
            raise UnderstudyError(f"cannot check {path}: it is damaged, or not what its name says ({error})") from error
        return Verification(path, "tampered", problems=(f"the credentials cannot be read: {error}",))
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
    return Verification(path, "absent", problems=("its credentials lie on a server",) if elsewhere else ())


def _report(path: Path, reader: c2pa.Reader) -> Verification:
    """Put the C2PA library's report of one file in our words."""
    with reader:
        store: dict[str, Any] = json.loads(reader.json())
    manifests: dict[str, Any] = store.get("manifests", {})
    active = manifests.get(store.get("active_manifest", ""))
    if active is None:
        return Verification(path, "tampered", problems=("the credentials name a manifest that they do not hold",))
    results = store.get("validation_results", {})
    failures = list(results.get("activeManifest", {}).get("failure", []))
    for delta in results.get("ingredientDeltas") or []:
        failures += delta.get("validationDeltas", {}).get("failure", [])
    broken = [f for f in failures if f.get("code") not in _SIGNER_ONLY]
    trusted = store.get("validation_state") == "Trusted"
    state: State = "tampered" if broken else "valid" if trusted else "untrusted signer but valid"
    trust: Literal["this computer", "public trust list", "nobody"] = "nobody"
    if trusted:
        trust = "this computer" if results.get("trustListUri") == "user_anchors" else "public trust list"
    marked = _marked_manifest(active, manifests)
    action = _replacement(marked or active)
    signature = active.get("signature_info", {})
    return Verification(
        path,
        state,
        signer=signature.get("common_name") or signature.get("issuer"),
        trust=trust,
        when=_time(signature.get("time") or action.get("when")),
        source_type=action.get("digitalSourceType"),
        mark=_mark(marked) if marked else None,
        ingredients=tuple(_ingredients(active)),
        problems=tuple(f"{f.get('code')}: {f.get('explanation', '')}" for f in failures if f.get("code") != _UNTRUSTED),
    )


def _marked_manifest(active: dict[str, Any], manifests: dict[str, Any]) -> dict[str, Any] | None:
    """The newest manifest with a `Mark`: the file's own, or one that an editor carried along after ours."""
    waiting, seen = [active], set()
    for manifest in waiting:  # grows as it goes: breadth first, so that the nearest ancestor comes first
        if _mark(manifest) is not None:
            return manifest
        for ingredient in manifest.get("ingredients", []):
            label = ingredient.get("active_manifest")
            if label in manifests and label not in seen:
                seen.add(label)
                waiting.append(manifests[label])
    return None


def _mark(manifest: dict[str, Any]) -> Mark | None:
    for assertion in manifest.get("assertions", []):
        if assertion.get("label") == MARK_LABEL:
            try:
                return Mark.model_validate(assertion.get("data"))
            except ValidationError:
                return None
    return None


def _replacement(manifest: dict[str, Any]) -> dict[str, Any]:
    """The newest action that names a digital source type, the most telling one if there are several."""
    actions = [
        action
        for assertion in manifest.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in _listed(assertion.get("data"), "actions")
        if isinstance(action, dict) and isinstance(action.get("digitalSourceType"), str)
    ]
    actions.sort(key=lambda action: action["digitalSourceType"].endswith(_TRAINED))
    return actions[-1] if actions else {}


def _listed(data: Any, key: str) -> list[Any]:
    """A list that a stranger's assertion may or may not hold."""
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _ingredients(manifest: dict[str, Any]) -> Iterator[str]:
    for ingredient in manifest.get("ingredients", []):
        carried = ", with credentials of its own" if ingredient.get("active_manifest") else ""
        yield f"{ingredient.get('relationship')}: {ingredient.get('title')}{carried}"


def _time(text: Any) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _context() -> c2pa.Context:
    settings = dict(OFFLINE)
    if (issuer := local_issuer()) is not None:
        settings["trust"] = {"user_anchors": issuer}
    return c2pa.Context.from_dict(settings)
