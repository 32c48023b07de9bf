"""Pure decisions about certificates: whose one is, whom to warn when, what the page shows in which tone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from vanthu.errors import MustAct, VanthuError
from vanthu.legal.authority import WARNING_DAYS
from vanthu.vietnamese import fold

_CODE = re.compile(r"[\w.]+")

LOOK_AGAIN = timedelta(days=1)
"""How long what is known about a certificate's revocation is current enough for the inventory."""


class CertificateOfAnother(VanthuError):
    """The certificate names somebody else than the one it is enrolled for (R65)."""

    code = "KEY_CERTIFICATE_OF_ANOTHER"
    message = (
        "Chứng thư số mang tên “{found}”, không phải của “{owner}”; hãy chọn đúng chứng thư hoặc đúng người."
    )
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 23/2025 Đ13; QĐ 33/2019/QĐ-UBND Đ3"


class RequestUnknown(VanthuError):
    """No such request of the agency."""

    code = "CERTIFICATE_REQUEST_NOT_FOUND"
    message = "Không tìm thấy đề nghị này trong sổ của cơ quan."
    http_status = 404


class RequestOpen(VanthuError):
    """The authority was asked for the same already."""

    code = "CERTIFICATE_REQUEST_OPEN"
    message = "Đã có đề nghị như vậy chưa được trả lời; hãy xem mục Đề nghị gửi nơi cấp chứng thư."
    http_status = 409


def require_owner(subject: Mapping[str, Any], *, names: Iterable[str], codes: Collection[str]) -> None:
    """Raise :class:`CertificateOfAnother` unless the subject is one of ``names`` or carries one of ``codes``.

    ``subject`` as asn1crypto gives it. The name is looked for in the common name alone: the organisation stands in
    its people's certificates too (NĐ 23/2025 Đ13).
    """
    owners = list(names)
    common = " ".join(_texts(subject, "common_name"))
    numbers = " ".join(_texts(subject, "serial_number", "organization_identifier", "user_id"))
    named = any(fold(owner) in fold(common) for owner in owners)
    if not named and not set(codes) & set(_CODE.findall(numbers)):
        raise CertificateOfAnother(found=common or "?", owner=", ".join(owners))


def _texts(subject: Mapping[str, Any], *kinds: str) -> list[str]:
    found: list[str] = []
    for kind in kinds:
        value = subject.get(kind, ())
        found += [value] if isinstance(value, str) else [str(one) for one in value]
    return found


def days_left(valid_to: datetime, now: datetime) -> int:
    """Whole days until the certificate ends; negative once it has ended."""
    return (valid_to - now) // timedelta(days=1)


def warning_due(valid_to: datetime, now: datetime) -> int | None:
    """The threshold that has been reached: the least of 60, 30, 15, 7 days not below what is left; None before.

    Only the last threshold reached is told: who was away for a month is not told four times (R189).
    """
    left = days_left(valid_to, now)
    return min((days for days in WARNING_DAYS if left <= days), default=None)
