"""Named texts inside a picture's XMP, where image tools look for metadata and keep it.

XMP: ISO 16684-1. Its place in JPEG files (XMP Specification, part 3, 1.1.3): one APP1 segment after the JFIF header, at
most 65,533 bytes; what does not fit follows in segments of extended XMP, which the first one announces by its digest.
In PNG files: one iTXt chunk.
"""

import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from xml.etree import ElementTree

from understudy.facesets import jpeg_segments, png_chunks
from understudy.facesets.jpeg_segments import APP0, APP1, Segment
from understudy.facesets.png_chunks import Chunk

MAX_BYTES = 16 << 20
_MARKER = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENSION_MARKER = b"http://ns.adobe.com/xmp/extension/\0"
_PNG_KEYWORD = b"XML:com.adobe.xmp\0"
_NAMESPACE = "urn:understudy:face:1#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_NOTE = "http://ns.adobe.com/xmp/note/"
_META = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
    f'<rdf:Description rdf:about="" xmlns:understudy="{_NAMESPACE}"{{note}}>{{properties}}</rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
)
_PACKET = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{_META}<?xpacket end="w"?>'
_SEGMENT_LIMIT = 65_533
_EXTENSION_HEADER = len(_EXTENSION_MARKER) + 40  # and the digest, the whole length, the offset


def embed(picture: bytes, properties: Mapping[str, str]) -> bytes:
    """Put texts into the XMP of a JPEG or PNG file, in place of any XMP that is there.

    Args:
        properties: by name; in a JPEG those that come first stand in the main packet, as far as they fit.

    Raises:
        ValueError: neither JPEG nor PNG, or more than `MAX_BYTES` of text.
    """
    texts = {name: f"<understudy:{name}>{escape(text, quote=False)}</understudy:{name}>"
             for name, text in properties.items()}  # fmt: skip
    if sum(map(len, texts.values())) > MAX_BYTES:
        raise ValueError("the metadata is larger than a picture may carry")
    if picture[:2] == jpeg_segments.SOI:
        return _embed_in_jpeg(picture, texts)
    _check_kind(picture)
    plain = png_chunks.without(picture, lambda found: _is_packet(found, picture))
    packet = _PACKET.format(properties="".join(texts.values()), note="").encode()
    chunk = png_chunks.chunk(b"iTXt", _PNG_KEYWORD + b"\0\0\0\0" + packet)
    return plain[: png_chunks.HEADER_END] + chunk + plain[png_chunks.HEADER_END :]


def extract(picture: bytes, name: str) -> str | None:
    """One of the texts in the XMP of a JPEG or PNG file (its beginning up to the pixels is enough), or None.

    Raises:
        ValueError: neither JPEG nor PNG, or a damaged header or packet.
    """
    if picture[:2] != jpeg_segments.SOI:
        _check_kind(picture)
        for found in png_chunks.chunks(picture):
            if _is_packet(found, picture):
                return _property(found.body(picture)[len(_PNG_KEYWORD) + 4 :], name)
        return None
    pieces: dict[str, list[bytes]] = {}
    announced: str | None = None
    for segment in _own_segments(picture):
        body = segment.body(picture)
        if body.startswith(_EXTENSION_MARKER):
            digest = body[len(_EXTENSION_MARKER) :][:32].decode("latin1")
            pieces.setdefault(digest, []).append(body[_EXTENSION_HEADER - 8 :])
        elif announced is None:
            root = _parse(body[len(_MARKER) :])
            text = root.findtext(f".//{{{_NAMESPACE}}}{name}")
            if text is not None:
                return text
            announced = next(
                (node.get(f"{{{_NOTE}}}HasExtendedXMP") for node in root.iter(f"{{{_RDF}}}Description")), ""
            )
    return _property(_joined(announced, pieces[announced]), name) if announced and announced in pieces else None


def _check_kind(picture: bytes) -> None:
    if picture[:8] != png_chunks.SIGNATURE:
        raise ValueError("neither a JPEG nor a PNG file")


def _embed_in_jpeg(jpeg: bytes, texts: dict[str, str]) -> bytes:
    own = set(_own_segments(jpeg))
    plain = jpeg_segments.without(jpeg, own.__contains__)
    insert_at = max((s.stop for s in jpeg_segments.segments(plain) if s.code == APP0), default=2)
    note = f' xmlns:xmpNote="{_NOTE}" xmpNote:HasExtendedXMP="{{digest}}"'
    room = _SEGMENT_LIMIT - len(_MARKER) - len(_PACKET.encode()) - len(note) - 32
    within, beyond = "", ""
    for text in texts.values():
        if len((within + text).encode()) <= room:
            within += text
        else:
            beyond += text
    extension = _META.format(properties=beyond, note="").encode() if beyond else b""
    digest = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()
    packet = _PACKET.format(properties=within, note=note.format(digest=digest) if beyond else "").encode()
    added = jpeg_segments.segment(APP1, _MARKER + packet)
    step = _SEGMENT_LIMIT - _EXTENSION_HEADER
    for offset in range(0, len(extension), step):
        place = len(extension).to_bytes(4, "big") + offset.to_bytes(4, "big")
        piece = _EXTENSION_MARKER + digest.encode() + place + extension[offset : offset + step]
        added += jpeg_segments.segment(APP1, piece)
    return plain[:insert_at] + added + plain[insert_at:]


def _own_segments(jpeg: bytes) -> Iterator[Segment]:
    """The segments that hold XMP."""
    for segment in jpeg_segments.segments(jpeg):
        if segment.code == APP1 and segment.body(jpeg).startswith((_MARKER, _EXTENSION_MARKER)):
            yield segment


def _is_packet(chunk: Chunk, png: bytes) -> bool:
    return chunk.name == b"iTXt" and chunk.body(png).startswith(_PNG_KEYWORD)


def _joined(digest: str, pieces: list[bytes]) -> bytes:
    """The extended packet from its pieces, each behind the length of the whole and its own offset."""
    ordered = sorted(pieces, key=lambda piece: piece[4:8])
    whole = b"".join(piece[8:] for piece in ordered)
    if hashlib.md5(whole, usedforsecurity=False).hexdigest().upper() != digest:
        raise ValueError("the extended XMP is damaged")
    return whole


def _property(packet: bytes, name: str) -> str | None:
    return _parse(packet).findtext(f".//{{{_NAMESPACE}}}{name}")


def _parse(packet: bytes) -> ElementTree.Element:
    # Entity declarations are the one thing in XML that can make a small packet expand without bound.
    if b"<!" in packet:
        raise ValueError("the XMP packet declares entities")
    try:
        return ElementTree.fromstring(packet)  # noqa: S314
    except (ElementTree.ParseError, LookupError) as error:  # LookupError: of an unknown encoding
        raise ValueError(f"the XMP packet is not XML: {error}") from error
