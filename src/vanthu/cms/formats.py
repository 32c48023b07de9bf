"""Which kind of signed file this is, by its content, and the judgement on it, whatever the kind.

Owns the way in for hostile files that are not PDF: nothing they hold raises here, a form that nobody can check is
said to be unchecked and never valid. Refuses to believe file names.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import BinaryIO

from vanthu.cms import contents, packages, signeddata, xmldsig, xmlfiles
from vanthu.cms.envelopes import is_encrypted
from vanthu.cms.reporting import report_on
from vanthu.cms.signeddata import Beside
from vanthu.pades import Trust, ValidationReport, validate
from vanthu.pades.budgeted import judging
from vanthu.pades.judging import Inquiry
from vanthu.pades.reading import READING_PROBLEMS
from vanthu.pades.times import require_zone

JUDGE = "vanthu.cms.formats:judge_any"
"""For ``pades.validate_within``; ``more`` holds the files that came along, as :class:`Beside`."""

_HEAD = 4096
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


class Form(Enum):
    """Forms of files as far as signatures go."""

    PDF = "PDF"
    CMS = "CMS"
    """CAdES or plain PKCS#7, the content inside or beside it."""
    ENCRYPTED = "ENCRYPTED"
    MAIL = "MAIL"
    """An S/MIME message: recognised, not checked."""
    XML = "XML"
    OFFICE = "OFFICE"
    OPEN_DOCUMENT = "OPEN_DOCUMENT"
    OTHER = "OTHER"


def is_signed(head: bytes) -> bool:
    """Whether a file that begins with these bytes (64 are enough) is a signed CMS content in DER or BER. The mark of a
    PDF may follow soon when one is inside."""
    return head[:1] == b"\x30" and _SIGNED_DATA in head[2:32]


def recognise(content: bytes | BinaryIO) -> Form:
    """The form of a file by what it holds; the stream stands at its beginning afterwards."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    if is_signed(head):
        return Form.CMS
    if b"%PDF-" in head[:1024]:
        return Form.PDF
    if head[:4] == b"PK\x03\x04":
        return _packaged(stream)
    if is_encrypted(head[:64]):
        return Form.ENCRYPTED
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"<":
        return Form.XML
    if (
        _SIGNED_DATA in signeddata.binary(head[: len(head) // 4 * 4])[:64]
        or b"-----BEGIN PKCS7" in head
        or (b"-----BEGIN CMS" in head)
    ):
        return Form.CMS
    mail = b"MIME-Version:" in head and b"application/" in head and b"pkcs7" in head
    return Form.MAIL if mail else Form.OTHER


def validate_any(
    content: bytes | BinaryIO,
    trust: Trust,
    *,
    at: datetime | None = None,
    beside: Sequence[Beside] = (),
) -> ValidationReport:
    """The judgement on a signed file of any form at the instant ``at`` (with a zone; now when None).

    ``beside``: files that came along, among which a detached signature finds its own. UNSIGNED for files without
    signatures; INDETERMINATE for a form that cannot be checked. Raises nothing for any content. Source: NĐ 23/2025
    Đ16; TT 15/2025/TT-BKHCN PL I; EN 319 102-1.
    """
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    checked_at = require_zone(at) if at else datetime.now(UTC)
    form = recognise(stream)
    if form is Form.PDF:
        return validate(stream, trust, at=checked_at)
    inquiry = Inquiry(trust, checked_at)
    try:
        return _judged(form, stream, inquiry, beside)
    except READING_PROBLEMS:
        return report_on([], Inquiry(trust, checked_at), ["SIGNATURE_UNREADABLE"])


def _judged(form: Form, stream: BinaryIO, inquiry: Inquiry, beside: Sequence[Beside]) -> ValidationReport:
    if form in (Form.MAIL, Form.ENCRYPTED):
        return report_on([], inquiry, ["UNKNOWN_SIGNATURE_KIND"] if form is Form.MAIL else [])
    if form is Form.OFFICE:
        return packages.judge_open_packaging(packages.Package(stream), inquiry)
    if form is Form.OPEN_DOCUMENT:
        return packages.judge_open_document(packages.Package(stream), inquiry)
    if form is Form.CMS:
        return _signed(stream, inquiry, beside)
    if form is Form.XML:
        return _xml(stream, inquiry, beside)
    return report_on([], inquiry)


def _signed(stream: BinaryIO, inquiry: Inquiry, beside: Sequence[Beside]) -> ValidationReport:
    data = stream.read(signeddata.LARGEST + 1)
    if len(data) > signeddata.LARGEST:
        return report_on([], inquiry, ["OVER_BUDGET"])
    data = signeddata.binary(data)
    found = signeddata.signed_data(data)
    if found is None:
        return report_on([], inquiry)
    unsigned = [] if contents.is_all_there_is(data) else ["COVERAGE_UNCLEAR"]
    return signeddata.judge(found, inquiry, beside, unsigned)


def _xml(stream: BinaryIO, inquiry: Inquiry, beside: Sequence[Beside]) -> ValidationReport:
    """A file that does not even name the standard holds no signature, whatever else it is (HTML, broken XML)."""
    data = stream.read(xmldsig.LARGEST_XML + 1)
    if not any(xmldsig.DS.encode(encoding) in data for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        return report_on([], inquiry)
    return xmlfiles.judge(xmldsig.parse(data), inquiry, beside)


def _packaged(stream: BinaryIO) -> Form:
    try:
        package = packages.Package(stream)
    except ValueError:
        return Form.OTHER
    finally:
        stream.seek(0)
    if "[Content_Types].xml" in package:
        return Form.OFFICE
    return Form.OPEN_DOCUMENT if "META-INF/manifest.xml" in package and "mimetype" in package else Form.OTHER


judge_any = judging(lambda stream, trust, at, beside=(): validate_any(stream, trust, at=at, beside=beside))
