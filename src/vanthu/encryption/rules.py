"""Pure decisions about certificates to encrypt to, and the room's errors; no queries."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from asn1crypto import pem, x509

from vanthu.encryption.models import Standing
from vanthu.errors import MustAct, VanthuError

RULE = "QĐ 33/2019/QĐ-UBND Đ13"
USABLE = frozenset({Standing.GOOD, Standing.UNKNOWN})
"""An authority that cannot be asked does not stop a document; a revocation that it told does."""
LARGEST_CERTIFICATE = 100_000
LARGEST_KEY_FILE = 200_000


class CertificateUnreadable(VanthuError):
    """The file is no certificate."""

    code = "ENCRYPTION_CERTIFICATE_UNREADABLE"
    message = "Tệp không phải là chứng thư số (.cer, .crt, .pem). Hãy chọn lại tệp."


class CertificateOfAnother(VanthuError):
    """The certificate's subject is not the agency it was given for."""

    code = "ENCRYPTION_CERTIFICATE_OF_ANOTHER"
    message = "Chứng thư số “{subject}” không phải của {agency}; kiểm tra lại tệp và cơ quan."
    rule = RULE


class StatementOfAnother(VanthuError):
    """An axis lists a statement under an agency that is about another, or from the future."""

    code = "ENCRYPTION_STATEMENT_OF_ANOTHER"
    message = "Bản công bố chứng thư số mã hóa mà trục đưa cho {code} không phải của cơ quan này."
    must_act = MustAct.AXIS_OPERATOR
    rule = RULE


class CertificateNotUsable(VanthuError):
    """Revoked, expired, untrusted …"""

    code = "ENCRYPTION_CERTIFICATE_NOT_USABLE"
    message = "Không dùng được chứng thư số “{subject}” để mã hóa: {why}."
    must_act = MustAct.ADMINISTRATOR
    rule = RULE


class NotOnDevice(VanthuError):
    """The chosen certificate is not on the device any more."""

    code = "ENCRYPTION_KEY_NOT_ON_DEVICE"
    message = "Không thấy khóa đã chọn trên thiết bị của máy chủ; hãy tải lại trang và chọn lại."
    must_act = MustAct.ADMINISTRATOR


class TrialNotOpened(VanthuError):
    """The token did not open what was encrypted to its certificate, or too late."""

    code = "ENCRYPTION_TRIAL_NOT_OPENED"
    message = "Thiết bị không mở được tệp thử nên chưa đăng ký khóa. Hãy đọc lại thiết bị và làm lại."
    http_status = 409


class KeyElsewhere(VanthuError):
    """The key that opens is not within this site's reach."""

    code = "ENCRYPTION_KEY_ELSEWHERE"
    message = (
        "Khóa nằm trên thiết bị của người giữ khóa; mở trang văn bản trên máy có cắm thiết bị đó rồi mở khóa."
    )
    http_status = 409


class NoAgencyKey(VanthuError):
    """The agency has no key that could open anything."""

    code = "ENCRYPTION_NO_KEY"
    message = "Cơ quan chưa đăng ký khóa mã hóa; văn thư đăng ký ở mục Khóa mã hóa."
    must_act = MustAct.CLERK
    rule = RULE


class LacksCertificate(VanthuError):
    """Recipients that nothing can be encrypted to, and nobody said what then."""

    code = "ENCRYPTION_LACKS_CERTIFICATE"
    message = (
        "Chưa có chứng thư số mã hóa của: {names}. Hãy bổ sung chứng thư số, hoặc chọn gửi bản giấy hay gửi không "
        "mã hóa cho những nơi này."
    )
    must_act = MustAct.CLERK
    rule = RULE
    http_status = 409


class TooLateToChoose(VanthuError):
    """It has gone out."""

    code = "ENCRYPTION_TOO_LATE"
    message = "Văn bản đã phát hành nên không đổi được cách mã hóa."
    http_status = 409


def read_certificate(data: bytes) -> x509.Certificate:
    """The certificate in a DER or PEM file. Raises :class:`CertificateUnreadable`."""
    if len(data) > LARGEST_CERTIFICATE:
        raise CertificateUnreadable
    try:
        der = pem.unarmor(data)[2] if pem.detect(data) else data
        found = x509.Certificate.load(der, strict=True)
        found.native  # noqa: B018 - parses all of it
    except (ValueError, TypeError, KeyError, OverflowError) as problem:
        raise CertificateUnreadable from problem
    return found


def belongs_to(certificate: x509.Certificate, names: Iterable[str], codes: Collection[str]) -> bool:
    """Whether the subject is the agency with these names and identifiers: by its serialNumber, else by its name.

    So nobody who passes certificates on can put one of their own in its place.
    """
    subject = certificate.subject.native
    number = _first(subject, "serial_number")
    if number:
        return number in codes
    called = {_plain(_first(subject, part)) for part in ("common_name", "organization_name")}
    return bool(called & {_plain(name) for name in names if name})


def called(name: x509.Name) -> str:
    """What people call the holder of a name: the common name, with the organisation where it says more."""
    parts = name.native
    common, organization = _first(parts, "common_name"), _first(parts, "organization_name")
    if not common or _plain(common) == _plain(organization):
        return (common or organization or name.human_friendly)[:500]
    return (f"{common}, {organization}" if organization else common)[:500]


def may_encrypt(standing: str, valid_from: datetime, valid_to: datetime, at: datetime) -> bool:
    """Whether contents are encrypted to a certificate at the instant ``at``."""
    return standing in USABLE and valid_from <= at <= valid_to


def _first(subject: dict[str, Any], part: str) -> str:
    value = subject.get(part, "")
    return str(value[0] if isinstance(value, list) else value)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
