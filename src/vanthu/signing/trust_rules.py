"""Pure decisions about trusted lists and the authorities behind certificates, and their errors; no queries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from asn1crypto import pem, x509

from vanthu.errors import MustAct, VanthuError
from vanthu.legal.certificates import CITATION, Bound
from vanthu.pades import Category
from vanthu.signing.rules import growing_gap

LOOK_EVERY = timedelta(hours=6)
CLAIM = timedelta(minutes=10)
"""How long a list that a worker is looking at is left alone by the others."""

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class NotTrustKeeper(VanthuError):
    """The trusted lists are the whole site's; one agency's administrators keep them."""

    code = "NOT_TRUST_KEEPER"
    message = (
        "Danh sách tin cậy dùng chung cho mọi cơ quan trên hệ thống; chỉ quản trị của cơ quan được giao "
        "(VANTHU_TRUST_KEEPER) hoặc người vận hành (lệnh vanthu trust) được thay đổi."
    )
    must_act = MustAct.ADMINISTRATOR
    http_status = 403


class TrustListUnknown(VanthuError):
    """No such list is in use."""

    code = "TRUST_LIST_NOT_FOUND"
    message = "Không tìm thấy danh sách tin cậy này, hoặc danh sách đã ngừng dùng."
    must_act = MustAct.ADMINISTRATOR
    http_status = 404


class TrustListNamed(VanthuError):
    """Two lists in use may not have one name."""

    code = "TRUST_LIST_NAME_TAKEN"
    message = "Đã có danh sách tin cậy tên “{name}”. Hãy chọn tên khác hoặc cập nhật danh sách đó."
    must_act = MustAct.ADMINISTRATOR
    http_status = 409


class TrustListFieldsWrong(VanthuError):
    """What was entered about a list does not do."""

    code = "TRUST_LIST_FIELDS_WRONG"
    message = "{problem}"
    must_act = MustAct.ADMINISTRATOR


class TrustListUnreachable(VanthuError):
    """The address gave no list."""

    code = "TRUST_LIST_UNREACHABLE"
    message = "Không tải được danh sách tin cậy từ {url} ({why}). Hệ thống vẫn dùng bản đã có và sẽ thử lại."
    must_act = MustAct.ADMINISTRATOR


class TrustListOlder(VanthuError):
    """A list goes forward only: whoever offers an older one may want a withdrawn service back."""

    code = "TRUST_LIST_OLDER"
    message = "Danh sách tin cậy có số thứ tự {found}, cũ hơn bản đang dùng (số {kept}); giữ bản đang dùng."
    must_act = MustAct.ADMINISTRATOR
    rule = "ETSI TS 119 612 5.3.2"


class CertificatePublic(VanthuError):
    """An agency's and its people's own keys come from the public-duty service."""

    code = "ENROL_CERTIFICATE_PUBLIC"
    message = (
        "Chứng thư số “{subject}” do tổ chức chứng thực công cộng cấp; cơ quan nhà nước phải dùng chứng thư số chuyên "
        "dùng công vụ do Ban Cơ yếu Chính phủ cấp. Hãy đăng ký chứng thư chuyên dùng."
    )
    must_act = MustAct.ADMINISTRATOR
    rule = CITATION


def fingerprints(entered: Iterable[str]) -> tuple[str, ...]:
    """SHA-256 fingerprints however people write them (colons, spaces, capitals).

    Raises :class:`TrustListFieldsWrong`."""
    found = [re.sub(r"[\s:]", "", one).lower() for one in entered if one.strip()]
    if not all(map(_FINGERPRINT.fullmatch, found)):
        raise TrustListFieldsWrong(
            problem="Dấu vân tay phải là SHA-256 của chứng thư số: 64 chữ số thập lục phân."
        )
    return tuple(dict.fromkeys(found))


def fingerprints_in(file: bytes) -> tuple[str, ...]:
    """Those of the certificates in a PEM or DER file; none of an empty one. Raises :class:`TrustListFieldsWrong`."""
    if not file:
        return ()
    try:
        ders = [der for _, _, der in pem.unarmor(file, multiple=True)] if pem.detect(file) else [file]
        certificates = [x509.Certificate.load(der, strict=True) for der in ders]
        return tuple(one.sha256.hex() for one in certificates if one.native)
    except (ValueError, TypeError, KeyError, OverflowError) as problem:
        raise TrustListFieldsWrong(problem="Tệp không phải là chứng thư số (.cer, .pem).") from problem


def require_forward(found: tuple[int, datetime], kept: tuple[int, datetime]) -> None:
    """Raise :class:`TrustListOlder` unless a list (sequence number, date of issue) may take the place of another."""
    if found[0] < kept[0] or found[1] < kept[1]:
        raise TrustListOlder(found=found[0], kept=kept[0])


def look_again(now: datetime, failures: int) -> datetime:
    """When to look at the address again after so many failed looks in a row."""
    return now + (min(growing_gap(failures), LOOK_EVERY) if failures else LOOK_EVERY)


def overdue(next_update: datetime | None, now: datetime) -> bool:
    """Whether a list is older than it says it may become; one that is closed for good always is."""
    return next_update is None or next_update < now


def refuses_public(category: Category | None, owner: Bound) -> bool:
    """Whether a certificate is not for an agency that is to sign with it (R104)."""
    return category is Category.PUBLIC and owner is not Bound.NO
