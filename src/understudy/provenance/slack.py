"""The few bytes of credentials that neither a hash nor the signature covers, held to what an honest writer leaves.

The hash of a file leaves its credentials out, and within these the signature leaves out the boxes' own framing (ISO/IEC
19566-5) and the padding behind the signature (RFC 9052 as C2PA uses it). Whoever changes them changes nothing that the
credentials say, but the file is no longer as it was signed, and so it is told.
"""

import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from understudy.provenance.origin import Digest

_BMFF = {".mp4", ".m4v", ".mov"}
_PNG = b"\x89PNG\r\n\x1a\n"
_BMFF_ID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_KIND_END = bytes.fromhex("00110010800000aa00389b71")
_NAMES: dict[bytes, tuple[bytes, ...]] = {  # of the boxes that make up credentials; manifests have their own
    b"c2ma": (),
    b"c2um": (),
    b"c2as": (b"c2pa.assertions",),
    b"c2cl": (b"c2pa.claim", b"c2pa.claim.v2"),
    b"c2cs": (b"c2pa.signature",),
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names}
_HEADERS = {"pad", "pad2", "sigTst", "sigTst2", "rVals", "x5chain", 33}  # what C2PA has in the unsigned header
_NULL = ("simple", 22)
_LARGEST = 1 << 26  # bytes of credentials
_LARGEST_SIGNATURE = 1 << 20  # bytes
_MOST_BOXES = 1 << 20
_PEEK = 256
_DEPTH = 16


class _DamageError(ValueError):
    pass


def slack_fault(path: Path) -> str | None:
    """What is wrong with the unsigned bytes of the credentials in `path`, in a few words; None where nothing is.

    Looks into PNG, MP4 and MOV files and `.c2pa` files; of others it says None. It asks for what the C2PA library of
    this program writes: another's credentials may be framed differently, and be as good.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for store in _stores(path, file):
                _check_store(store)
    except _DamageError as fault:
        return str(fault)
    return None


def file_type_digest(path: Path) -> Digest | None:
    """SHA-256 of the first box of an MP4 or MOV file, which C2PA's hash leaves out; None for other files.

    Raises:
        OSError: the file cannot be read.
    """
    if path.suffix.lower() not in _BMFF:
        return None
    with path.open("rb") as file:
        head = file.read(8)
        if head[4:] != b"ftyp":
            return None
        size = int.from_bytes(head[:4])
        return hashlib.sha256(head + file.read(min(max(size - 8, 0), _PEEK))).hexdigest()


def _stores(path: Path, file: BinaryIO) -> Iterator[bytes]:
    suffix = path.suffix.lower()
    if suffix == ".png" and file.read(8) == _PNG:
        yield from _png_stores(file)
    elif suffix in _BMFF:
        yield from _bmff_stores(file)
    elif suffix == ".c2pa":
        yield file.read(_LARGEST)


def _png_stores(file: BinaryIO) -> Iterator[bytes]:
    for _ in range(_MOST_BOXES):
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = int.from_bytes(head[:4]), head[4:]
        peek = file.read(min(length, _PEEK))
        if kind == b"caBX" or b"jumb" in peek[:8]:
            data = peek + file.read(min(length, _LARGEST) - len(peek))
            if kind != b"caBX" or zlib.crc32(kind + data) != int.from_bytes(file.read(4)):
                raise _DamageError("the chunk that holds the credentials is damaged")
            yield data
        else:
            file.seek(length - len(peek) + 4, io.SEEK_CUR)


def _bmff_stores(file: BinaryIO) -> Iterator[bytes]:
    end = file.seek(0, io.SEEK_END)
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        peek = file.read(_PEEK)
        size, start = int.from_bytes(peek[:4]), 8
        if size == 1:
            size, start = int.from_bytes(peek[8:16]), 16
        size = size or end - at
        if size < start:
            return
        if peek[4:8] == b"uuid" and peek[start : start + 16] == _BMFF_ID:
            file.seek(at + start)
            # Identifier, version and flags, purpose, place of a box with further hashes, and the store.
            box = file.read(min(size - start, _LARGEST))
            file.seek(min(int.from_bytes(box[29:37]) + 4, end))
            is_store, at_hashes = box[20:29] == b"manifest\0", file.read(4) == b"uuid"
            if any(box[16:20]) or (is_store and any(box[29:37]) and not at_hashes):
                raise _DamageError("the box that holds the credentials is damaged")
            if is_store:
                yield box[37:]
        elif peek[4:8] not in (b"mdat", b"moov") and b"jumdc2pa" in peek[:size]:
            raise _DamageError("the box that holds the credentials is damaged")
        at += size


def _check_store(store: bytes) -> None:
    """The last manifest is the file's own; those before it are its ingredients', which it has hashes of."""
    outer = next(_boxes(store, 0, len(store)), (b"", 0, 0))
    inside = list(_boxes(store, *outer[1:]))
    if outer[0] != b"jumb" or len(inside) < 2:
        raise _DamageError("the credentials' boxes do not make up a store")
    described = store[inside[0][1] : inside[0][2]]
    if outer[2] != len(store) or described != b"c2pa" + _KIND_END + b"\x03c2pa\0":
        raise _DamageError("the credentials' boxes do not make up a store")
    for _, start, end in inside[1:]:
        _check_boxes(store, start - 8, end, _DEPTH, own=end == outer[2])


def _check_boxes(store: bytes, start: int, end: int, depth: int, *, own: bool) -> None:
    """Superboxes whose sizes add up, of the kinds that their names ask for, and nothing in the padding."""
    if depth == 0:
        raise _DamageError("the credentials' boxes lie too deep in each other")
    for box, inner, after in _boxes(store, start, end):
        if box != b"jumb":
            continue
        first = next(_boxes(store, inner, after), None)
        if first is None or first[0] != b"jumd":
            raise _DamageError("a box of the credentials says nothing of what it is")
        described, content = store[first[1] : first[2]], first[2]
        kind, rest, toggles, name = described[:4], described[4:16], described[16:17], described[17:].split(b"\0")[0]
        if _KINDS.get(name, kind) != kind:
            raise _DamageError("a box of the credentials is of another kind than its name says")
        if kind not in _NAMES:
            continue  # an assertion, which the claim has a hash of
        if _NAMES[kind] and name not in _NAMES[kind]:
            raise _DamageError("a box of the credentials has a name that is not its own")
        if own and (rest != _KIND_END or toggles != b"\x03"):
            raise _DamageError("a box of the credentials is not described as it must be")
        if kind == b"c2cs" and own:
            for inside, first_byte, last in _boxes(store, content, after):
                if inside == b"cbor":
                    _check_unsigned_header(store[first_byte:last])
        else:
            _check_boxes(store, content, after, depth - 1, own=own)


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first content byte and end of each box."""
    while at < end:
        size, kind, start = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16]), at + 16
        if size < start - at or at + size > end:
            raise _DamageError("the sizes of the credentials' boxes do not add up")
        yield kind, start, at + size
        at += size


def _check_unsigned_header(signature: bytes) -> None:
    if len(signature) > _LARGEST_SIGNATURE:
        raise _DamageError("the signature is far too large")
    try:
        cose, end = _cbor(signature, 0, _DEPTH)
    except (IndexError, RecursionError, UnicodeDecodeError, TypeError) as error:
        raise _DamageError("the signature's frame is damaged") from error
    whole = isinstance(cose, list) and len(cose) == 4 and isinstance(cose[1], dict) and cose[2] == _NULL
    if end != len(signature) or not whole:
        raise _DamageError("the signature's frame is damaged")
    for key, value in cose[1].items():
        if key not in _HEADERS:
            raise _DamageError("something unknown stands behind the signature")
        if key in ("pad", "pad2") and (not isinstance(value, bytes) or any(value)):
            raise _DamageError("the padding behind the signature was written into")


def _cbor(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """One data item of RFC 8949, of the kinds that a signature has, and where it ends."""
    if depth == 0:
        raise IndexError(at)
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    if value >= 24:
        width = {24: 1, 25: 2, 26: 4, 27: 8}[value] if value in (24, 25, 26, 27) else 0
        if width == 0 or at + width > len(data):
            raise IndexError(at)
        value, at = int.from_bytes(data[at : at + width]), at + width
    if major in (2, 3):
        if at + value > len(data):
            raise IndexError(at)
        text = data[at : at + value]
        return (text if major == 2 else text.decode()), at + value
    if major in (4, 5):
        if value > len(data):
            raise IndexError(at)
        items = []
        for _ in range(value * (major - 3)):
            item, at = _cbor(data, at, depth - 1)
            items.append(item)
        return (items if major == 4 else dict(zip(items[::2], items[1::2], strict=True))), at
    if major == 6:
        return _cbor(data, at, depth - 1)
    return (value if major == 0 else -1 - value if major == 1 else ("simple", value)), at
