"""C2PA content credentials: what they say, and signing them into a file or beside it."""

import datetime
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import c2pa
import numpy as np
from PIL import Image

import understudy
from understudy.media.images import IMAGE_SUFFIXES
from understudy.project.errors import UnderstudyError
from understudy.provenance.keys import SigningSettings, load_signing_key
from understudy.provenance.origin import Digest, Mark, Origin, make_mark
from understudy.provenance.sequence import LISTING
from understudy.provenance.sidecar import current_sidecar, read_sidecar
from understudy.provenance.slack import file_type_digest
from understudy.provenance.watermark import payload_of

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term for a picture of which a part was made by a trained model."""

MARK_LABEL = "org.understudy.replacement"
"""Label of the assertion that holds the project's own `Mark`."""

OFFLINE: dict[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "core": {"allowed_network_hosts": [], "backing_store_memory_threshold_in_mb": 64},
}
"""Settings of the C2PA library for every use of it: it never reaches for the network."""

# The library could embed in AVI too, but holds the whole file in memory for it.
_EMBEDS = {
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".m4v": "video/x-m4v",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
}
_PICTURES = 200  # of a folder, whose own credentials are carried on
_OPAQUE = "application/octet-stream"


def embeds(path: Path) -> bool:
    """Whether files of that suffix carry credentials inside; the others have them in a `.c2pa` file beside them."""
    return path.suffix.lower() in _EMBEDS


def media_type(path: Path) -> str:
    """The MIME type by which the C2PA library knows files of that suffix; others are bytes to it."""
    return _EMBEDS.get(path.suffix.lower(), _OPAQUE)


class Credentials:
    """Signs any number of files that come from one `Origin`.

    Clips are read once, here: their own credentials, where they have any, are carried into every file signed.

    Attributes:
        notes: clips whose own credentials are lost, one line each.
    """

    def __init__(self, origin: Origin, signing: SigningSettings, *, label: str | None) -> None:
        """Prepare to sign; `label` is the text shown in the pictures, None where there is none.

        Raises:
            UnderstudyError: a clip cannot be read, or the key or certificate cannot sign; better said before a
                night's rendering than after it.
        """
        key = load_signing_key(signing)
        self._mark = make_mark(origin, label=label)
        self.notes: list[str] = []
        where = signing.certificate or "the local certificate"
        with _clearly(f"cannot sign with {where}"):
            authority = signing.timestamp_authority
            signer = c2pa.Signer.from_info(
                c2pa.C2paSignerInfo(
                    key.algorithm.encode(), key.chain.encode(), key.key, authority.encode() if authority else None
                )
            )
            settings = {
                **OFFLINE,
                "core": {**OFFLINE["core"], "allowed_network_hosts": [urlsplit(authority).netloc] if authority else []},
                "builder": {
                    "thumbnail": {"enabled": False},
                    "created_assertion_labels": ["c2pa.actions.v2", MARK_LABEL],
                },
            }
            self._context = c2pa.Context(c2pa.Settings.from_dict(settings), signer)
            self._try_out()
        clips = (*origin.dst_clips, *origin.src_clips)
        self._ingredients = [part for number, path in enumerate(clips) for part in self._clip(number, path)]

    def embed(self, source: Path, target: Path) -> None:
        """Copy `source` to `target` with credentials inside.

        Raises:
            UnderstudyError: the file cannot be read, written or signed.
        """
        with _clearly(f"cannot sign {target}"), source.open("rb") as reader, target.open("w+b") as writer:
            self._builder(file_type_digest(source)).sign(media_type(source), reader, writer)

    def detached(self, source: Path) -> bytes:
        """The credentials of `source` as the content of a sidecar, bound to every byte of the file.

        Raises:
            UnderstudyError: the file cannot be read or signed.
        """
        builder = self._builder()
        builder.set_no_embed()
        with _clearly(f"cannot sign {source}"), source.open("rb") as reader, Path(os.devnull).open("r+b") as nowhere:
            manifest: bytes = builder.sign(_OPAQUE, reader, nowhere)
            return manifest

    def _builder(self, file_type: Digest | None = None) -> Any:
        mark = self._mark.model_copy(update={"file_type_sha256": file_type})
        builder = c2pa.Builder(_manifest(mark), context=self._context)
        for archive in self._ingredients:
            builder.add_ingredient_from_archive(io.BytesIO(archive))
        return builder

    def _clip(self, number: int, path: Path) -> Iterator[bytes]:
        """One clip and, where it is a folder, those of its pictures that have credentials of their own."""
        title, relationship = self._mark.clips[number].title, _relationship(number, self._mark)
        entry = {"label": _ingredient_id(number), "title": title, "relationship": relationship}
        if not path.is_dir():
            yield self._ingredient(entry, path)
        elif (path / LISTING).is_file():
            yield self._ingredient(entry, path / LISTING)
        else:
            yield self._packed(entry, None)
            signed = [picture for picture in sorted(path.iterdir()) if self._is_signed(picture)]
            if len(signed) > _PICTURES:
                self.notes.append(f"{len(signed)} pictures of {path} have credentials: {_PICTURES} are carried on")
            for place, picture in enumerate(signed[:_PICTURES], 1):
                of_it = {"label": f"{entry['label']}-{place}", "title": f"{title}, picture {place}"}
                yield self._ingredient(of_it | {"relationship": "inputTo"}, picture)

    def _is_signed(self, picture: Path) -> bool:
        if picture.suffix.lower() not in IMAGE_SUFFIXES or not picture.is_file():
            return False
        if not embeds(picture):
            return current_sidecar(picture).is_file()
        try:
            with picture.open("rb") as file, c2pa.Reader(media_type(picture), file, context=self._context):
                return True
        except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
            return False
        except c2pa.C2paError:
            return True  # it has some that cannot be read, which is told when they are packed

    def _ingredient(self, entry: dict[str, Any], path: Path) -> bytes:
        """One file, with the credentials it came with, in the C2PA library's own packing."""
        with _clearly(f"cannot name {path} in the credentials"):
            try:
                return self._packed(entry, path)
            except c2pa.C2paError as error:
                self.notes.append(f"{path.name} has credentials that cannot be read and are not carried on: {error}")
                return self._packed(entry, None)

    def _packed(self, entry: dict[str, Any], clip: Path | None) -> bytes:
        """An ingredient as the library archives it, with the credentials of `clip`."""
        builder, archive = c2pa.Builder(_manifest(self._mark), context=self._context), io.BytesIO()
        if clip is None:
            builder.add_ingredient(entry, _OPAQUE, io.BytesIO())
        else:
            with clip.open("rb") as file:
                builder.add_ingredient(entry | _carried(clip, builder, self._context), media_type(clip), file)
        builder.write_ingredient_archive(entry["label"], archive)
        return archive.getvalue()

    def _try_out(self) -> None:
        """Sign a picture of one pixel and read it back."""
        unsigned, signed = io.BytesIO(), io.BytesIO()
        Image.fromarray(np.zeros((1, 1, 3), np.uint8)).save(unsigned, "png")
        manifest = _manifest(self._mark.model_copy(update={"clips": ()}))
        c2pa.Builder(manifest, context=self._context).sign("image/png", unsigned, signed)
        with c2pa.Reader("image/png", signed, context=self._context) as reader:
            failures = reader.get_validation_results()["activeManifest"]["failure"]
        for failure in failures:
            if failure["code"] != "signingCredential.untrusted":  # who trusts it is for the recipient to say
                raise c2pa.C2paError(failure.get("explanation", failure["code"]))


def _manifest(mark: Mark) -> dict[str, Any]:
    """The manifest definition: dst was opened, then edited with what a model learned from src."""
    agent = {"name": "Understudy", "version": understudy.__version__}
    dst = [_ingredient_id(number) for number, clip in enumerate(mark.clips) if clip.role == "dst"]
    src = [_ingredient_id(number) for number, clip in enumerate(mark.clips) if clip.role == "src"]
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    edited: dict[str, Any] = {
        "action": "c2pa.edited",
        "when": now,
        "softwareAgent": agent,
        "digitalSourceType": SOURCE_TYPE,
        "description": "The face was replaced by one that a trained model made.",
        "parameters": {
            "org.understudy.model": {
                "name": mark.model,
                "version": mark.model_version or "unknown",
                "sha256": mark.model_sha256,
            },
            "org.understudy.settings": {"sha256": mark.settings_sha256},
            "org.understudy.consent": {"sha256": mark.consent_sha256},
        },
    }
    if mark.further_models:
        further = [
            {"name": model.name, "version": model.version or "unknown", "sha256": model.sha256}
            for model in mark.further_models
        ]
        edited["parameters"]["org.understudy.further_models"] = further
    if src:
        edited["parameters"]["ingredientIds"] = src
    actions: list[dict[str, Any]] = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": dst[:1]}}
        if dst
        else {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE}
    ]
    if dst[1:]:
        actions.append({"action": "c2pa.placed", "parameters": {"ingredientIds": dst[1:]}})
    payload = payload_of(mark.project)
    watermarked = {
        "action": "c2pa.watermarked.unbound",
        "softwareAgent": agent,
        "description": "An invisible mark of the project was put into the pictures.",
        "parameters": {"org.understudy.watermark": {"payload": payload.project, "version": payload.version}},
    }
    actions += [edited, watermarked]
    return {
        "claim_generator_info": [agent],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": MARK_LABEL, "data": mark.model_dump(mode="json")},
        ],
    }


def _ingredient_id(number: int) -> str:
    return f"clip-{number}"


def _relationship(number: int, mark: Mark) -> str:
    """C2PA allows one parent; the result is the first dst clip edited, with the others put behind it."""
    if mark.clips[number].role == "src":
        return "inputTo"
    return "parentOf" if number == 0 else "componentOf"


def _carried(path: Path, builder: Any, context: Any) -> dict[str, Any]:
    """What makes an ingredient of a clip keep the credentials that lie in a sidecar beside it."""
    sidecar = current_sidecar(path)
    if embeds(path) or not sidecar.is_file():
        return {}
    store = read_sidecar(sidecar)
    with path.open("rb") as file, c2pa.Reader(_OPAQUE, file, store, context=context) as reader:
        label = reader.get_active_manifest()["label"]
        results = reader.get_validation_results()
    builder.add_resource(sidecar.name, io.BytesIO(store))
    return {
        "format": _OPAQUE,
        "active_manifest": label,
        "validation_results": results,
        "manifest_data": {"format": "application/c2pa", "identifier": sidecar.name},
    }


@contextmanager
def _clearly(what: str) -> Iterator[None]:
    try:
        yield
    except c2pa.C2paError as error:
        raise UnderstudyError(f"{what}: {error}") from error
    except OSError as error:
        raise UnderstudyError(f"{what}: {error.strerror or error}") from error
