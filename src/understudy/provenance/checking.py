"""Is this file marked, by whom, and is it still what was signed?"""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import c2pa

from understudy.media.encode import VIDEO_SUFFIXES
from understudy.media.images import IMAGE_SUFFIXES
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent
from understudy.provenance.credentials import OFFLINE, media_type
from understudy.provenance.history import parse_time, read_history
from understudy.provenance.keys import local_issuer, trusted_issuers
from understudy.provenance.sequence import LISTING, differences, read_listing
from understudy.provenance.sidecar import current_sidecar, read_sidecar
from understudy.provenance.slack import file_type_digest, slack_fault
from understudy.provenance.verification import WORST_FIRST, Clock, State, Trust, Verification, WatermarkSeen
from understudy.provenance.watermark import payload_of, read_file

_UNTRUSTED = "signingCredential.untrusted"
_SIGNER_ONLY = {_UNTRUSTED, "signingCredential.expired", "claimSignature.outsideValidity"}
_NONE_INSIDE = (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported)
_MEDIA = IMAGE_SUFFIXES | VIDEO_SUFFIXES | {".m4v", ".webm"}
_GRAVEST_FIRST = (3, 1, 0)  # exit codes
_TOLD = 10  # problems of a folder


def verify(
    path: Path, *, trust_list: Path | None = None, watermark: bool = True, progress: Progress | None = None
) -> Verification:
    """Check the marks of a file, or of a folder's pictures and videos. Files are streamed; nothing is fetched.

    Of a folder, the state is that of its worst file and the rest is told of the first such; a file that cannot be read
    counts as unmarked, with the reason among the problems. A sequence that was signed as a whole counts as one: a
    picture of it that was changed, is missing or was added makes it "tampered".

    Args:
        trust_list: PEM file with the certificates of issuers to be trusted; `trust.pem` in the settings folder when
            None, if there is one.
        watermark: look for the watermark too, for which the pictures are decoded.
        progress: is told of the files of a folder, and of the seconds in which the watermark was looked for.

    Raises:
        UnderstudyError: no such file, it cannot be read, or the folder holds no pictures or videos.
    """
    progress = progress or Silent()
    try:
        with _context(trust_list) as context:
            if path.is_dir() and not (path / LISTING).is_file():
                return _folder(path, context, progress, watermark=watermark)
            found = _sequence(path, context, progress) if path.is_dir() else _by_credentials(path, context)
            return _searched(found, progress) if watermark else found
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error


def _folder(folder: Path, context: c2pa.Context, progress: Progress, *, watermark: bool) -> Verification:
    """A folder of pictures and videos that have nothing to do with each other."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _MEDIA and file.is_file())
    files = [file for file in files if not file.name.startswith(".")]
    if not files:
        raise UnderstudyError(f"{folder} holds no pictures or videos ({', '.join(sorted(_MEDIA))}): check the path")
    progress.begin("checking", len(files))
    results = []
    for file in files:
        try:
            found = _by_credentials(file, context)
            results.append(_searched(found, Silent()) if watermark else found)
        except UnderstudyError as fault:
            results.append(Verification(file, "absent", problems=(str(fault),)))
        progress.advance(note=file.name)
    return _summary(folder, results)


def _summary(folder: Path, results: list[Verification]) -> Verification:
    """One verdict on the files of a folder."""
    worst = min(results, key=lambda result: (_GRAVEST_FIRST.index(result.exit_code), WORST_FIRST.index(result.state)))
    problems = [f"{r.path.name}: {r.problems[0] if r.problems else r.verdict()}" for r in results if r.exit_code]
    projects = {result.mark.project for result in results if result.mark}
    if len(projects) > 1:
        problems.append(f"files of {len(projects)} projects: {', '.join(sorted(projects))}")
    states = dict(Counter(result.state for result in results))
    return replace(worst, path=folder, problems=_shortened(problems), frames=len(results), states=states)


def _sequence(folder: Path, context: c2pa.Context, progress: Progress) -> Verification:
    """A folder whose pictures have one manifest between them."""
    listing = folder / LISTING
    found = replace(_own(listing, context), path=folder, listing=listing)
    if found.state not in ("valid", "untrusted"):
        return found
    digests = read_listing(listing)
    return _compared(replace(found, frames=len(digests)), differences(folder, digests, progress=progress))


def _searched(found: Verification, progress: Progress) -> Verification:
    """With what the pictures themselves say."""
    try:
        read = read_file(found.path, progress)
    except UnderstudyError as error:
        if found.state == "absent":
            raise
        return replace(found, problems=(*found.problems, f"no watermark could be looked for: {error}"))
    if read.reading is None:
        return replace(found, searched=True)
    payload = read.reading.payload
    projects = (manifest.mark.project for manifest in found.history if manifest.mark)
    seen = WatermarkSeen(
        payload=payload.project,
        version=payload.version,
        score=read.reading.score,
        chance=read.chance,
        spans=_spans([(second.start, second.stop) for second in read.seconds if second.payload == payload]),
        share=read.share,
        project=next((project for project in projects if payload_of(project).project == payload.project), None),
    )
    return replace(found, searched=True, watermark=seen)


def _spans(seconds: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Seconds that follow one another as one."""
    spans: list[tuple[float, float]] = []
    for start, stop in seconds:
        if spans and spans[-1][1] >= start:
            spans[-1] = (spans[-1][0], stop)
        else:
            spans.append((start, stop))
    return tuple(spans)


def _by_credentials(path: Path, context: c2pa.Context) -> Verification:
    """By its own credentials, or those of the sequence that it is a picture of."""
    found = _own(path, context)
    listing = path.parent / LISTING
    if found.state != "absent" or path.suffix.lower() not in IMAGE_SUFFIXES or not listing.is_file():
        return found
    digests = read_listing(listing)
    if path.name not in digests:
        return found
    found = replace(_own(listing, context), path=path, listing=listing)
    whole = found.state in ("valid", "untrusted")
    return _compared(found, differences(path.parent, digests, [path.name])) if whole else found


def _compared(found: Verification, faults: list[str]) -> Verification:
    return replace(found, state="tampered", problems=(*found.problems, *_shortened(faults))) if faults else found


def _shortened(problems: list[str]) -> tuple[str, ...]:
    more = [f"and {len(problems) - _TOLD} more"] if len(problems) > _TOLD else []
    return (*problems[:_TOLD], *more)


def _own(path: Path, context: c2pa.Context) -> Verification:
    """By the credentials inside the file or in the sidecar of its name."""
    found = _told_by_library(path, context)
    if found.state == "tampered" or (found.history and not found.history[0].mark):
        return found  # what another program wrote is taken as the library takes it
    sidecar = current_sidecar(path)
    try:
        fault = slack_fault(path) or (slack_fault(sidecar) if sidecar.is_file() else None) or _other_type(path, found)
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
    return replace(found, state="tampered", problems=(*found.problems, fault)) if fault else found


def _other_type(path: Path, found: Verification) -> str | None:
    """Whether the file says that it is of another type than when it was signed."""
    own = found.history[0].mark if found.history else None
    signed = own.file_type_sha256 if own else None
    return "the file's type was changed" if signed is not None and signed != file_type_digest(path) else None


def _told_by_library(path: Path, context: c2pa.Context) -> Verification:
    sidecar = current_sidecar(path)
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
    history = read_history(store)
    if not history:
        return Verification(path, "tampered", problems=("the credentials name a manifest that they do not hold",))
    results = store.get("validation_results", {})
    failures = list(results.get("activeManifest", {}).get("failure", []))
    for delta in results.get("ingredientDeltas") or []:
        failures += delta.get("validationDeltas", {}).get("failure", [])
    broken = [f for f in failures if f.get("code") not in _SIGNER_ONLY]
    trusted = store.get("validation_state") == "Trusted"
    state: State = "tampered" if broken else "valid" if trusted else "untrusted"
    trust: Trust = "nobody"
    if trusted:
        trust = "this computer" if results.get("trustListUri") == "user_anchors" else "trust list"
    # Ours may be an editor's ingredient: the nearest one tells where the picture came from.
    marked = next((manifest for manifest in history if manifest.mark), history[0])
    step = marked.telling_step()
    return Verification(
        path,
        state,
        signer=history[0].signer,
        trust=trust,
        when=history[0].signed or parse_time(step.when if step else None),
        clock=_clock(results) if history[0].signed else "signer",
        source_type=step.source_type if step else None,
        mark=marked.mark,
        history=history,
        problems=tuple(f"{f.get('code')}: {f.get('explanation', '')}" for f in failures if f.get("code") != _UNTRUSTED),
    )


def _clock(results: dict[str, Any]) -> Clock:
    passed = {entry.get("code") for entry in results.get("activeManifest", {}).get("success", [])}
    return "timestamp authority" if "timeStamp.trusted" in passed else "unknown timestamp authority"


def _context(trust_list: Path | None) -> c2pa.Context:
    trust = {}
    if (issuer := local_issuer()) is not None:
        trust["user_anchors"] = issuer
    if (issuers := trusted_issuers(trust_list)) is not None:
        trust["trust_anchors"] = issuers
    return c2pa.Context.from_dict(OFFLINE | ({"trust": trust} if trust else {}))
