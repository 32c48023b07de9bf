"""Attachment bytes: from base64 text to the file itself, whatever wrapping it came in; and back for sending.

Owns decoding, recognising what is inside, undoing transport ZIPs within limits, and telling damage done on
the way. Refuses to use the names inside a ZIP for anything.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import struct
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from vanthu.edxml.content import CHUNK, Content, Spool, SpoolFile
from vanthu.edxml.damage import destroyed_as_text, other_kind
from vanthu.edxml.errors import AttachmentBomb, TooManyAttachments
from vanthu.edxml.limits import Limits
from vanthu.edxml.media import (
    ARCHIVE_EXTENSIONS,
    PACKAGE_EXTENSIONS,
    extension,
    transport_type,
)
from vanthu.edxml.notes import NoteCode

_ZIP_MARK = b"PK\x03\x04"
_END_MARK = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_END_SIZE = 22
_LONGEST_COMMENT = 0xFFFF
_LARGEST_DIRECTORY = 128 * 1024
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(range(256)).translate(None, _BASE64)
_SPACE = b" \t\r\n"
_UUID_ZIP = re.compile(r"[0-9a-fA-F-]{32,36}\.zip")
_MOST_WRAPPINGS = 4
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_LONGEST_ADDRESS = 256
_MOST_PADDINGS = 10_000
_DATA_ADDRESS = re.compile(rb"data:[^,]{0,200};base64,")


@dataclass
class Payload:
    """One decoded base64 text; ``broken`` when characters had to be dropped or the end is missing."""

    content: Content
    broken: bool


class PayloadStore:
    """Decodes the base64 of attachments as it streams in (an ``xmlstream.PayloadSink``)."""

    def __init__(self, limits: Limits, shared: SpoolFile) -> None:
        self._limits = limits
        self._shared = shared
        self._spool = Spool(shared=shared)
        self._first: bytes | None = b""
        self._rest = b""
        self._broken = False
        self._paddings = 0
        self.payloads: list[Payload] = []

    def begin(self) -> int:
        """A payload starts; raises ``TooManyAttachments``."""
        if len(self.payloads) >= self._limits.max_attachments:
            raise TooManyAttachments(limit=self._limits.max_attachments)
        self._spool = Spool(shared=self._shared)
        self._first = b""
        self._rest = b""
        self._broken = False
        self._paddings = 0
        return len(self.payloads)

    def feed(self, raw: bytes) -> None:
        """More base64 text, cut anywhere; the alphabet of web addresses is understood too."""
        if self._first is None and self._decode_clean(raw):
            return
        raw = raw.translate(_URL_SAFE, _SPACE)
        if self._first is not None:
            raw = self._behind_address(raw)
        letters = raw.translate(None, _NOT_BASE64)
        if len(letters) != len(raw):
            self._broken = True
        letters = self._rest + letters
        whole = len(letters) - len(letters) % 4
        self._rest = letters[whole:]
        self._decode(letters[:whole])

    def _decode_clean(self, raw: bytes) -> bool:
        """The quick way for text that holds nothing but letters of base64; false when it must be looked at.

        The decoder passes over foreign letters in silence: only their absence gives the full number of bytes.
        """
        letters = self._rest + raw
        whole = len(letters) - len(letters) % 4
        rest = letters[whole:]
        if self._paddings or b"=" in letters or rest.translate(None, _NOT_BASE64) != rest:
            return False
        try:
            data = binascii.a2b_base64(letters[:whole])
        except binascii.Error:
            return False
        if len(data) * 4 != whole * 3:
            return False
        self._rest = rest
        self._spool.write(data)
        return True

    def end(self) -> None:
        """The payload is complete; a missing padding is forgiven."""
        if self._first:
            waiting, self._first = self._first, None
            self.feed(waiting)
        rest = self._rest.rstrip(b"=")
        if len(rest) == 1:
            self._broken = True
        elif rest:
            self._decode(rest + b"=" * (4 - len(rest)))
        self.payloads.append(Payload(self._spool.finish(), self._broken))

    def add_bytes(self, pieces: Iterable[bytes]) -> int:
        """A payload that came as it is, not as base64; returns its number. Raises ``TooManyAttachments``."""
        number = self.begin()
        for piece in pieces:
            self._spool.write(piece)
        self.end()
        return number

    def of(self, number: int | None) -> Payload:
        """The payload with that number; an empty one for ``None``."""
        return Payload(Content.of(b""), broken=False) if number is None else self.payloads[number]

    def _behind_address(self, raw: bytes) -> bytes:
        """The text without a ``data:application/pdf;base64,`` that some web forms leave before it."""
        assert self._first is not None
        self._first += raw
        start = self._first[:5]
        if (
            start == b"data:"[: len(start)]
            and b"," not in self._first
            and len(self._first) < _LONGEST_ADDRESS
        ):
            return b""
        text, self._first = self._first, None
        found = _DATA_ADDRESS.match(text)
        return text[found.end() :] if found else text

    def _decode(self, letters: bytes) -> None:
        """Whole groups of four. Behind a padding begins another text, as encoders that work piecewise leave it."""
        start = 0
        while start < len(letters):
            self._broken = self._broken or self._paddings > 0
            if self._paddings > _MOST_PADDINGS:
                return
            padding = letters.find(b"=", start)
            if padding == -1:
                self._spool.write(binascii.a2b_base64(letters[start:]))
                return
            group = padding - padding % 4
            self._paddings += 1
            try:
                self._spool.write(binascii.a2b_base64(letters[start:group]))
                self._spool.write(binascii.a2b_base64(letters[group : group + 4]))
            except binascii.Error:
                self._broken = True
            start = group + 4


@dataclass
class Unwrapped:
    """The file itself and what was found on the way to it."""

    content: Content
    damaged: bool = False
    codes: list[NoteCode] = field(default_factory=list)


@dataclass
class Unwrapper:
    """Undoes transport wrapping; counts the unpacked bytes of the whole packet against the limit."""

    limits: Limits
    shared: SpoolFile
    unpacked: int = 0

    def unwrap(self, name: str, payload: Payload, declared: str) -> Unwrapped:
        """The attachment called ``name`` out of its payload; ``declared`` is its content type label.

        Raises ``AttachmentBomb``.
        """
        found = Unwrapped(payload.content)
        if payload.broken:
            found.damaged = True
            found.codes.append(NoteCode.BROKEN_BASE64)
        if payload.content.size == 0:
            found.damaged = True
            found.codes.append(NoteCode.EMPTY_ATTACHMENT)
            return found
        levels = self._peel(name, found)
        if levels > 1:
            found.codes.append(NoteCode.DOUBLE_ZIP)
        if _mislabelled(name, declared, levels):
            found.codes.append(NoteCode.MISLABELLED)
        if not found.codes and other_kind(found.content, name):
            found.codes.append(NoteCode.OTHER_KIND)
        if any(destroyed_as_text(content, name) for content in {found.content, payload.content}):
            found.damaged = True
            found.codes.append(NoteCode.DAMAGED)
        return found

    def _peel(self, name: str, found: Unwrapped) -> int:
        levels = 0
        while levels < _MOST_WRAPPINGS and found.content.head(4) == _ZIP_MARK:
            inner = self._open_wrapper(name, found)
            if inner is None:
                break
            found.content = inner
            levels += 1
        if levels == _MOST_WRAPPINGS and found.content.head(4) == _ZIP_MARK:
            found.codes.append(NoteCode.UNEXPECTED_ARCHIVE)
        return levels

    def _open_wrapper(self, name: str, found: Unwrapped) -> Content | None:
        """What one level of ZIP holds, or ``None`` when this ZIP is the file itself (or broken)."""
        ending = extension(name)
        archive = ending in ARCHIVE_EXTENSIONS
        with found.content.open() as handle:
            entries = _count_entries(handle)
            if entries == 1:
                return self._only_entry(handle, name, found)
        if archive or (entries is not None and ending in PACKAGE_EXTENSIONS):
            return None
        if entries is None:
            found.damaged = True
            found.codes.append(NoteCode.BROKEN_ZIP)
        else:
            found.codes.append(NoteCode.UNEXPECTED_ARCHIVE)
        return None

    def _only_entry(self, handle: BinaryIO, name: str, found: Unwrapped) -> Content | None:
        ending = extension(name)
        try:
            with zipfile.ZipFile(handle) as archive:
                entry = _plain_entry(archive)
                if ending in ARCHIVE_EXTENSIONS and not _UUID_ZIP.fullmatch(entry.filename):
                    return None
                inner = self._extract(archive, entry, name)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, RuntimeError):
            # RuntimeError: encrypted; NotImplementedError is one: a method that no packet uses.
            if ending not in ARCHIVE_EXTENSIONS:
                found.damaged = True
                found.codes.append(NoteCode.BROKEN_ZIP)
            return None
        if ending in ARCHIVE_EXTENSIONS | PACKAGE_EXTENSIONS and inner.head(4) != _ZIP_MARK:
            return None
        return inner

    def _extract(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Content:
        spool = Spool(shared=self.shared)
        packed = max(entry.compress_size, 1)
        with archive.open(entry) as source:
            while chunk := source.read(CHUNK):
                spool.write(chunk)
                self.unpacked += len(chunk)
                swollen = spool.size > self.limits.ratio_from and spool.size > packed * self.limits.max_ratio
                if swollen or self.unpacked > self.limits.max_unpacked:
                    raise AttachmentBomb(name=name)
        return spool.finish()


def _plain_entry(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = archive.infolist()
    if len(entries) != 1 or entries[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # LZMA's dictionary may claim gigabytes of memory before the first byte.
        raise zipfile.BadZipFile
    return entries[0]


def _count_entries(handle: BinaryIO) -> int | None:
    """Entries that the ZIP's end record claims, without loading its directory; ``None`` when it has none.

    A directory too large for one entry, or of the 64-bit kind, counts as several: ``zipfile`` would load it.
    """
    size = handle.seek(0, io.SEEK_END)
    handle.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = handle.read()
    handle.seek(0)
    at = tail.rfind(_END_MARK)
    if at == -1 or len(tail) - at < _END_SIZE:
        return None
    total, directory_size = struct.unpack_from("<HI", tail, at + 10)
    if _ZIP64_LOCATOR in tail[max(0, at - 20) : at] or directory_size > _LARGEST_DIRECTORY:
        return max(int(total), 2)
    return int(total)


def _mislabelled(name: str, declared: str, levels: int) -> bool:
    """Whether the label is neither the transport form found nor a name of the file's own type."""
    if not declared:
        return False
    label = declared.split(";", maxsplit=1)[0].strip().lower()
    is_zip_label = "zip" in label
    if levels:
        return not is_zip_label
    return is_zip_label and extension(name) not in ARCHIVE_EXTENSIONS


# --- sending ---


def encoded(name: str, content: Content, content_id: str) -> Iterator[bytes]:
    """The one-line base64 of an attachment in transport form, piece by piece."""
    _label, wrap = transport_type(name)
    pieces = _zipped(name, content, content_id) if wrap else content.chunks()
    rest = b""
    for piece in pieces:
        waiting = rest + piece
        whole = len(waiting) - len(waiting) % 3
        rest = waiting[whole:]
        if whole:
            yield base64.b64encode(waiting[:whole])
    if rest:
        yield base64.b64encode(rest)


def _zipped(name: str, content: Content, content_id: str) -> Iterator[bytes]:
    """A ZIP with one deflated entry, streamed (sizes follow the data, as in the classic kit).

    The entry's name derives from the content id and its time is fixed: sending again gives the same bytes.
    """
    ending = extension(name)
    ascii_ending = ending if ending.isascii() and ending.isalnum() else "bin"
    entry = zipfile.ZipInfo(f"{uuid.uuid5(uuid.NAMESPACE_OID, content_id)}.{ascii_ending}")
    entry.compress_type = zipfile.ZIP_DEFLATED
    out = _Outlet()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(entry, "w", force_zip64=content.size >= 0x7FFF0000) as target:
            for chunk in content.chunks():
                target.write(chunk)
                yield out.take()
        yield out.take()
    yield out.take()


class _Outlet(io.RawIOBase):
    """A write-only pipe end that cannot seek: makes ``zipfile`` write data descriptors."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._held += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken
