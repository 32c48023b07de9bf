"""Reads hostile PDF files: a strict reader, and the signatures in a file whichever way they hide.

Owns what counts as a signature in a file: every filled signature field, also one of a kind that nobody here can
judge, and one that a later revision took away again. Refuses to judge any of them.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko.pdf_utils.generic import Reference, pdf_string
from pyhanko.pdf_utils.misc import PdfError, PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import CMSExtractionError, SignedDataCerts, SigningError, extract_certificate_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, extract_contents

from vanthu.pades.certificates import certificate
from vanthu.pades.errors import PdfDamaged, PdfEncrypted
from vanthu.pades.growing import PIECE, beginnings_of
from vanthu.pades.spared import LargeStream, Sparing, fetched_later, may_be_large

READING_PROBLEMS = (
    PdfError,
    SigningError,
    CMSExtractionError,
    SignatureValidationError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    OverflowError,
    UnicodeError,
    EOFError,
    OSError,
    InvalidSignature,
    UnsupportedAlgorithm,
)
"""What reading a hostile file may raise out of pyHanko, asn1crypto, cryptography and zlib."""

MOST_SIGNATURES = 60
"""Each one costs an analysis of all that follows it: a file with more is an attack on the validator."""

_RANGE = b"/ByteRange"
_JUDGED = {"/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/ETSI.RFC3161"}


_SIGNATURE_VALUE = re.compile(rb"[^(%<>]*<<[^(%<>]*/Contents\s*<([0-9A-Fa-f]{1000,})>")
"""The long string at the top level of an object's dictionary, nothing before it that could hide another one."""

_FIRST_LOOK = 1000
_LARGEST_SIGNATURE = 200_000


class Reader(PdfFileReader):
    """A reader that parses each object of each revision once, and the long hexadecimal strings of signatures at once.

    The difference analysis asks for the same objects again for every signature, and pyHanko reads such a string
    character by character; together they took most of a validation. Large streams stay in the file (``spared``).
    Whoever reads through it changes no object.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._parsed: dict[Any, Any] = {}
        self._beginnings = beginnings_of(stream)
        super().__init__(stream, strict=True)

    def hashed(self, algorithm: str, end: int) -> hashlib._Hash:
        """The hash of the file up to ``end``, to go on with. Raises EOFError when the file is shorter."""
        return self._beginnings.hashed(algorithm, self.stream, end)

    def _read_object(self, ref: Any, marker: Any, *args: Any, **kwargs: Any) -> Any:
        place = (marker, ref.idnum, ref.generation, args, *sorted(kwargs.items()))
        if marker is None or place not in self._parsed:
            found = self._read_long(ref, marker, *args, **kwargs) if isinstance(marker, int) else None
            self._parsed[place] = found or super()._read_object(ref, marker, *args, **kwargs)
        return self._parsed[place]

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """See PdfFileReader."""
        known = self._historical_resolver_cache
        if revision not in known:
            known[revision] = _Earlier(self, revision)
        return known[revision]

    def _read_long(self, ref: Any, marker: int, *args: Any, **kwargs: Any) -> Any:
        """An object with a signature or with a large stream; None for any other."""
        whole = self.stream
        whole.seek(marker)
        text = whole.read(_FIRST_LOOK)
        if b"/Contents" in text:
            return self._read_signature(ref, marker, text, *args, **kwargs)
        if not may_be_large(text):
            return None
        self.stream = Sparing(whole)
        try:
            return fetched_later(super()._read_object(ref, marker, *args, **kwargs))
        finally:
            self.stream = whole

    def _read_signature(self, ref: Any, marker: int, text: bytes, *args: Any, **kwargs: Any) -> Any:
        """The object at ``marker`` read with its long string left out, and that put in; None when it is not like a
        signature's."""
        whole = self.stream
        whole.seek(marker + len(text))
        text += whole.read(_LARGEST_SIGNATURE)
        found = _SIGNATURE_VALUE.match(text)
        if found is None:
            return None
        self.stream = io.BytesIO(text[: found.start(1)] + text[found.end(1) :])
        try:
            read = super()._read_object(ref, 0, *args, **kwargs)
        finally:
            self.stream = whole
        value = bytes.fromhex(found.group(1).decode() + "0" * (len(found.group(1)) % 2))
        read["/Contents"] = pdf_string(value)
        return read


class _Earlier(HistoricalResolver):
    """An earlier revision; its large streams stay in the file too."""

    def _subsume_object(self, obj: Any) -> Any:
        if not isinstance(obj, LargeStream):
            plain: Any = super()
            return plain._subsume_object(obj)
        ref: Any = obj.get_container_ref()
        large = LargeStream(
            {key: self._subsume_object(value) for key, value in obj.items()}, encoded_data=obj._kept
        )
        large.container_ref = Reference(ref.idnum, ref.generation, pdf=self)
        return large


def _feed(state: hashlib._Hash, stream: BinaryIO, start: int, length: int) -> None:
    stream.seek(start)
    while length > 0:
        piece = stream.read(min(length, PIECE))
        if not piece:
            raise PdfReadError("the signed range ends behind the file")
        state.update(piece)
        length -= len(piece)


class Signature(EmbeddedPdfSignature):
    """A signature that may stand in a file with hybrid cross-references, as word processors write them.

    pyHanko refuses all of these because old viewers see another file than new ones; here only those are refused that
    came after the signature, for what came before was signed with it.
    """

    def _enforce_hybrid_xref_policy(self) -> None:
        xrefs = self.reader.xrefs
        later = range(int(self.signed_revision) + 1, int(xrefs.total_revisions))
        if any(xrefs.get_xref_data(revision).hybrid is not None for revision in later):
            raise SignatureValidationError("hybrid cross-references after the signature")

    def _init_cert_info(self) -> SignedDataCerts:
        """The certificate that the signature names as its signer's, and the others beside it. Whether the signed
        attributes name it too is checked with the signature's value."""
        if self._sd_cert_info is None:
            found = extract_certificate_info(self.signed_data)
            others = [certificate(other.dump()) for other in found.other_certs]
            signer = certificate(found.signer_cert.dump())
            self._sd_cert_info = SignedDataCerts(signer, others, found.attribute_certs)
        return self._sd_cert_info

    def compute_digest(self, hash_algo: str | None = None) -> bytes:
        """See EmbeddedPdfSignature; what several signatures begin with alike is hashed once."""
        algorithm = hash_algo or self.external_md_algorithm
        if algorithm not in self.external_digests:
            numbers = [int(number) for number in self.byte_range]
            if not self._usual(numbers) or algorithm not in hashlib.algorithms_available:
                return bytes(super().compute_digest(algorithm))
            reader: Any = self.reader
            state = reader.hashed(algorithm, numbers[1])
            _feed(state, self.reader.stream, numbers[2], numbers[3])
            self.external_digests[algorithm] = state.digest()
        return bytes(self.external_digests[algorithm])

    @staticmethod
    def _usual(numbers: list[int]) -> bool:
        """``[0 a b c]``: from the beginning to a hole, from behind it to an end."""
        return len(numbers) == 4 and numbers[0] == 0 and 0 < numbers[1] < numbers[2] and numbers[3] >= 0

    def hole_is_signature(self) -> bool:
        """Whether the one gap in the signed range is exactly this signature's hexadecimal string.

        The range is ``[0 a b c]``; what lies between ``a`` and ``b`` is not signed, so it may hold nothing else.
        """
        numbers = [int(number) for number in self.byte_range]
        if not self._usual(numbers):
            return False
        self.reader.stream.seek(numbers[1])
        hole = bytes(self.reader.stream.read(numbers[2] - numbers[1]))
        return hole[:1] == b"<" and hole[-1:] == b">" and hole[1:-1].lower() == self._hexadecimal()

    def _hexadecimal(self) -> bytes:
        return bytes(self.pkcs7_content).hex().encode()


@dataclass(frozen=True)
class FoundSignatures:
    """The signatures of a file, oldest first; the names of fields whose signature is of a kind that cannot be judged
    here, or was taken away by a later revision."""

    judged: tuple[Signature, ...]
    unknown: tuple[str, ...]
    removed: tuple[str, ...]


def open_reader(stream: BinaryIO) -> Reader:
    """A strict reader. Raises PdfDamaged, PdfEncrypted."""
    try:
        reader = Reader(stream)
        encrypted = reader.encrypted
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem
    if encrypted:
        raise PdfEncrypted
    return reader


def find_signatures(reader: PdfFileReader) -> FoundSignatures:
    """Everything in the file that is or was a signature. Raises PdfDamaged."""
    judged: list[Signature] = []
    unknown: list[str] = []
    try:
        for name, value, field in enumerate_sig_fields(reader, filled_status=True):
            if str(value.get_object().get("/SubFilter", "")) in _JUDGED:
                judged.append(Signature(reader, field, name))
            else:
                unknown.append(str(name))
            if len(judged) + len(unknown) > MOST_SIGNATURES:
                raise PdfDamaged
        present = {signature.pkcs7_content for signature in judged}
        removed = _removed(reader, present, set(unknown))
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem
    judged.sort(key=lambda signature: int(signature.signed_revision))
    return FoundSignatures(tuple(judged), tuple(unknown), removed)


def mentions_signature(stream: BinaryIO) -> bool:
    """Whether a signature's range of bytes stands anywhere in the file, also where no cross-reference leads."""
    stream.seek(0)
    tail = b""
    while piece := stream.read(PIECE):
        if _RANGE in tail + piece:
            return True
        tail = piece[-len(_RANGE) :]
    return False


def _removed(reader: PdfFileReader, present: set[bytes], unknown: set[str]) -> tuple[str, ...]:
    """Names of the fields whose signature of an earlier revision is no longer in the file."""
    names: dict[str, None] = {}
    for revision in range(int(reader.xrefs.total_revisions) - 1):
        earlier = reader.get_historical_resolver(revision)
        for name, value, _ in enumerate_sig_fields(earlier, filled_status=True):
            if str(name) not in unknown and extract_contents(value.get_object()) not in present:
                names[str(name)] = None
    return tuple(names)
