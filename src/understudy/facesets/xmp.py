"""A JSON document inside a JPEG's XMP packet, where image tools look for metadata and keep it.

XMP: ISO 16684-1; its place in JPEG files: one APP1 segment after the JFIF header, at most 65,533 bytes.
"""

from html import escape
from xml.etree import ElementTree

_MARKER = b"http://ns.adobe.com/xap/1.0/\0"
_NAMESPACE = "urn:understudy:face:1#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about="" xmlns:understudy="{_NAMESPACE}">'
    "<understudy:face>{document}</understudy:face>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)
_SOI, _APP0, _APP1, _SOS = 0xD8, 0xE0, 0xE1, 0xDA
_SEGMENT_LIMIT = 65_533


def embed(jpeg: bytes, document: str) -> bytes:
    """Put `document` into the XMP packet of a JPEG; a packet already there is replaced.

    Raises:
        ValueError: not a JPEG, or the document is too long for one packet.
    """
    payload = _MARKER + _PACKET.format(document=escape(document, quote=False)).encode()
    if len(payload) > _SEGMENT_LIMIT:
        raise ValueError(f"the document takes {len(payload)} bytes, more than an XMP packet holds")
    segment = bytes((0xFF, _APP1)) + (len(payload) + 2).to_bytes(2, "big") + payload
    kept, insert_at = bytearray(jpeg[:2]), 2
    end = 2
    for code, start, stop in _segments(jpeg):
        if not (code == _APP1 and jpeg[start + 4 : stop].startswith(_MARKER)):
            kept += jpeg[start:stop]
        if code == _APP0:
            insert_at = len(kept)
        end = stop
    return bytes(kept[:insert_at]) + segment + bytes(kept[insert_at:]) + jpeg[end:]


def extract(jpeg: bytes) -> str | None:
    """The document in the XMP packet of a JPEG (its beginning up to the pixels is enough), or None.

    Raises:
        ValueError: a damaged JPEG header or packet.
    """
    for code, start, stop in _segments(jpeg):
        body = jpeg[start + 4 : stop]
        if code == _APP1 and body.startswith(_MARKER):
            document = _document(body[len(_MARKER) :])
            if document is not None:
                return document
    return None


def _segments(jpeg: bytes) -> list[tuple[int, int, int]]:
    """(marker code, start, end) of every segment before the scan."""
    if jpeg[:2] != bytes((0xFF, _SOI)):
        raise ValueError("not a JPEG file")
    found: list[tuple[int, int, int]] = []
    at = 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise ValueError("damaged JPEG header")
        code = jpeg[at + 1]
        if code == 0xFF:  # a fill byte
            at += 1
            continue
        if code == _SOS:
            return found
        stop = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if stop < at + 4 or stop > len(jpeg):
            raise ValueError("the JPEG header is cut off")
        found.append((code, at, stop))
        at = stop
    raise ValueError("the JPEG header is cut off")


def _document(packet: bytes) -> str | None:
    # Entity declarations are the one thing in XML that can make a small packet expand without bound.
    if b"<!" in packet:
        raise ValueError("the XMP packet declares entities")
    try:
        root = ElementTree.fromstring(packet)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ValueError(f"the XMP packet is not XML: {error}") from error
    node = root.find(f".//{{{_NAMESPACE}}}face")
    return None if node is None else node.text
