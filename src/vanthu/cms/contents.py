"""Takes out what a signed CMS file (``.p7m``) holds, so that people can read it (RFC 5652 section 5.2).

Owns finding the content without believing any of it, in pieces and within a limit. Refuses to judge the signature
(``formats`` does) and to guess: a signature beside its file holds nothing.
"""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from asn1crypto import core

from vanthu.cms import ber, signeddata
from vanthu.cms.envelopes import Sink
from vanthu.cms.errors import ContentTooLarge

_SIGNED, _DATA = (core.ObjectIdentifier(f"1.2.840.113549.1.7.{last}").dump() for last in (2, 1))
_OF_PDF = re.compile(rb"%PDF-|startxref|trailer|[0-9]\s+obj")
_SMALL = 1 << 16
_MOST_PIECES = 1 << 20
_LARGEST_TEXT = 64 << 20
"""Of a file written as text, which is decoded in memory."""


def content_of(stream: BinaryIO, target: Sink, *, largest: int = signeddata.LARGEST) -> int | None:
    """Write the content inside a signed CMS file (DER, BER, PEM or base64; seekable) to ``target``; its size in bytes.

    None when there is none: another kind of file, a signature beside its file, or something broken. ``largest`` in
    bytes. Raises :class:`ContentTooLarge`.
    """
    stream.seek(0)
    head = stream.read(1)
    stream.seek(0)
    if head != b"\x30":
        stream = io.BytesIO(signeddata.binary(stream.read(_LARGEST_TEXT)))
    try:
        pieces = _located(stream)
        size = sum(length for _, length in pieces)
        if size > largest:
            raise ContentTooLarge(limit=largest >> 20)
        for chunk in ber.read_strings(stream, pieces):
            target.write(chunk)
    except (ber.Malformed, OSError):
        return None
    return size or None


def is_all_there_is(data: bytes) -> bool:
    """Whether somebody who opens the file ``data`` (DER or BER) itself as a PDF has nothing to see but the content.

    Viewers of PDF look for their objects anywhere in a file, also in those parts of a CMS that no signature covers and
    behind it; so none may lie there.
    """
    stream = io.BytesIO(data)
    try:
        pieces = _located(stream)
    except ber.Malformed:
        pieces = []
    edges = [0, *(edge for begin, size in pieces for edge in (begin, begin + size)), len(data)]
    around = b"\n".join(data[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True))
    return _OF_PDF.search(around) is None


def _located(stream: BinaryIO) -> list[tuple[int, int]]:
    """Where the content lies; nothing for a detached signature. Raises :class:`ber.Malformed`."""
    ber.expect(stream, 0x30)
    if ber.whole(stream, _SMALL) != _SIGNED:
        raise ber.Malformed("not signed data")
    ber.expect(stream, 0xA0)
    ber.expect(stream, 0x30)
    ber.whole(stream, _SMALL)
    ber.skip(stream, ber.expect(stream, 0x31))
    info = ber.expect(stream, 0x30)
    if ber.whole(stream, _SMALL) != _DATA:
        raise ber.Malformed("not a document")
    if info.size is None and ber.at_end(stream):
        return []
    if info.size is not None and stream.tell() >= info.begin + info.size:
        return []
    ber.expect(stream, 0xA0)
    return ber.strings(stream, ber.expect(stream, 0x04, 0x24), _MOST_PIECES)
