"""Whether a certificate is a qualified one, by a trusted list and by what the certificate says of itself.

Owns the determination after ETSI TS 119 615 section 4.4 as far as it concerns certificates of signatures and seals, and
its sentences. It is information: the law of Viet Nam asks whether a signature is a specialised one of the public
service or one of a licensed public authority (Luật Giao dịch điện tử 20/2023/QH15 Đ22; NĐ 23/2025; NĐ 68/2024), never
whether another country calls the certificate qualified, so no verdict rests on it. Refuses to ask anybody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from asn1crypto import core, x509

from vanthu.pades.listings import Assertion, Criteria, Listing, Period, Use

ISSUER_OF_QUALIFIED = "CA/QC"
_EIDAS = datetime(2016, 7, 1, tzinfo=UTC)
"""From here on a certificate says by statements alone what it is (Regulation (EU) 910/2014)."""
_QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
_COMPLIANCE, _DEVICE, _TYPE = (f"0.4.0.1862.1.{last}" for last in (1, 4, 6))
_USES = {f"{_TYPE}.1": Use.SIGNATURE, f"{_TYPE}.2": Use.SEAL, f"{_TYPE}.3": Use.WEBSITE}
_QCP_PLUS, _QCP = "0.4.0.1456.1.1", "0.4.0.1456.1.2"
_BY_QUALIFIER = {
    "QCForESig": Use.SIGNATURE,
    "QCForESeal": Use.SEAL,
    "QCForWSA": Use.WEBSITE,
    "QCForLegalPerson": Use.SEAL,
}
_WITH_DEVICE = {"QCWithQSCD", "QCWithSSCD", "QCQSCDManagedOnBehalf"}
_WITHOUT_DEVICE = {"QCNoQSCD", "QCNoSSCD"}


class Rank(Enum):
    """What a certificate is called."""

    QUALIFIED = "QUALIFIED"
    NOT_QUALIFIED = "NOT_QUALIFIED"
    """A list knows the service, and not as one whose certificates, or this one, are qualified."""
    CLAIMED = "CLAIMED"
    """The certificate says so of itself, and no list confirms it."""
    UNCLEAR = "UNCLEAR"
    """The list or the certificate contradicts itself."""


@dataclass(frozen=True)
class Qualification:
    """The determination. ``device``: whether the key lies in a certified device that only its owner commands
    (QSCD, SSCD); None where nothing is said."""

    rank: Rank
    use: Use | None = None
    device: bool | None = None

    @property
    def text(self) -> str:
        """For people, in Vietnamese."""
        return " ".join(self.sentences)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same, sentence by sentence."""
        more: list[str] = []
        if self.rank in (Rank.QUALIFIED, Rank.CLAIMED):
            more += [_FOR[self.use]] if self.use else []
            more += [_KEPT[self.device]] if self.device is not None else []
        return (_RANKS[self.rank], *more, ONLY_INFORMATION)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "rank": self.rank.value,
            "use": self.use.value if self.use else None,
            "device": self.device,
            "text": self.text,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Qualification:
        """What ``as_dict`` wrote."""
        return cls(Rank(kept["rank"]), Use(kept["use"]) if kept["use"] else None, kept["device"])


_RANKS = {
    Rank.QUALIFIED: "Chứng thư số đủ điều kiện (qualified) theo danh sách tin cậy.",
    Rank.NOT_QUALIFIED: "Chứng thư số không thuộc loại đủ điều kiện (qualified) theo danh sách tin cậy.",
    Rank.CLAIMED: "Chứng thư số tự ghi là loại đủ điều kiện (qualified), chưa có danh sách tin cậy nào xác nhận.",
    Rank.UNCLEAR: "Danh sách tin cậy và chứng thư số ghi mâu thuẫn về loại đủ điều kiện (qualified).",
}
_FOR = {
    Use.SIGNATURE: "Cấp cho chữ ký của cá nhân.",
    Use.SEAL: "Cấp cho con dấu điện tử của tổ chức.",
    Use.WEBSITE: "Cấp cho trang thông tin điện tử.",
}
_KEPT = {
    True: "Khóa nằm trong thiết bị ký được chứng nhận.",
    False: "Khóa không nằm trong thiết bị ký được chứng nhận.",
}
ONLY_INFORMATION = "Chỉ là thông tin: pháp luật Việt Nam không lấy làm điều kiện (Luật 20/2023/QH15 Điều 22)."


@dataclass(frozen=True)
class Claims:
    """What a certificate says of itself (EN 319 412-5; ETSI TS 101 456 before 2016)."""

    compliant: bool = False
    device: bool = False
    uses: frozenset[Use] = frozenset()


class _Statement(core.Sequence):  # type: ignore[misc]
    _fields = [("id", core.ObjectIdentifier), ("info", core.Any, {"optional": True})]


class _Statements(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Statement


class _Identifiers(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.ObjectIdentifier


def claims_of(certificate: x509.Certificate) -> Claims:
    """What a certificate says of itself; nothing where its statements cannot be read."""
    try:
        said = _statements(certificate)
        kinds = _Identifiers.load(said[_TYPE].dump()) if _TYPE in said else []
        uses = frozenset(_USES[one.dotted] for one in kinds if one.dotted in _USES)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Claims()
    early = set(policies_of(certificate)) if certificate.not_valid_before < _EIDAS else set()
    return Claims(
        compliant=_COMPLIANCE in said or bool(early & {_QCP, _QCP_PLUS}),
        device=_DEVICE in said or _QCP_PLUS in early,
        uses=uses,
    )


def _statements(certificate: x509.Certificate) -> dict[str, Any]:
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted == _QC_STATEMENTS:
            found = _Statements.load(bytes(extension["extn_value"]))
            return {one["id"].dotted: one["info"] for one in found}
    return {}


def policies_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The certificate's policies (RFC 5280 section 4.2.1.4), as object identifiers."""
    held = certificate.certificate_policies_value
    return tuple(one["policy_identifier"].dotted for one in held) if held is not None else ()


def qualification(
    certificate: x509.Certificate, listing: Listing | None, moment: datetime
) -> Qualification | None:
    """What the certificate is called for a signature made at ``moment`` (aware), by its issuer's ``listing``.

    The list has to say so both when the certificate was issued and at ``moment``. None: neither a list nor the
    certificate says anything of it, as certificates in Viet Nam do not. Source: TS 119 615 sections 4.4 and 4.6.
    """
    claims = claims_of(certificate)
    if listing is None:
        use = next(iter(claims.uses), Use.SIGNATURE) if len(claims.uses) < 2 else None
        return Qualification(Rank.CLAIMED, use, claims.device) if claims.compliant else None
    if not claims.compliant and all(one.type != ISSUER_OF_QUALIFIED for one in listing.periods):
        return None
    found = [
        determined(claims, listing.at(when), certificate) for when in (certificate.not_valid_before, moment)
    ]
    return _both(*found)


def determined(claims: Claims, period: Period | None, certificate: x509.Certificate) -> Qualification:
    """What the list's entry for one instant makes of a certificate that says ``claims`` of itself."""
    if period is None or not period.granted or period.type != ISSUER_OF_QUALIFIED:
        return Qualification(Rank.NOT_QUALIFIED)
    named = qualifiers_of(period, certificate)
    if named is None or _contradict(named):
        return Qualification(Rank.UNCLEAR)
    if "NotQualified" in named or not (claims.compliant or "QCStatement" in named):
        return Qualification(Rank.NOT_QUALIFIED)
    uses = {_BY_QUALIFIER[one] for one in named if one in _BY_QUALIFIER} or claims.uses or {Use.SIGNATURE}
    if len(uses) > 1:
        return Qualification(Rank.UNCLEAR)
    [use] = uses
    if period.uses and use not in period.uses:
        return Qualification(Rank.NOT_QUALIFIED)
    return Qualification(Rank.QUALIFIED, use, _device(named, claims))


def qualifiers_of(period: Period, certificate: x509.Certificate) -> frozenset[str] | None:
    """The qualifiers that are about a certificate; None when that cannot be told."""
    found: set[str] = set()
    for one in period.qualifiers:
        about = met(one.criteria, certificate)
        if about is None:
            return None
        found |= set(one.names) if about else set()
    return frozenset(found)


def met(criteria: Criteria, certificate: x509.Certificate) -> bool | None:
    """Whether a certificate meets a criteria list; None when a condition of an unknown kind decides it."""
    conditions: list[bool | None] = [
        *(_all_bits(one, certificate) for one in criteria.usages),
        *(set(one) <= set(policies_of(certificate)) for one in criteria.policies),
        *(set(one) <= _purposes(certificate) for one in criteria.purposes),
        *(set(one) <= _attributes(certificate) for one in criteria.attributes),
        *(met(one, certificate) for one in criteria.nested),
        *([None] if criteria.unknown else []),
    ]
    if criteria.assertion is Assertion.ALL:
        return _all(conditions)
    some = _not(_all([_not(one) for one in conditions]))
    return some if criteria.assertion is Assertion.AT_LEAST_ONE else _not(some)


def _all(conditions: Collection[bool | None]) -> bool | None:
    if any(one is False for one in conditions):
        return False
    return None if any(one is None for one in conditions) else True


def _not(condition: bool | None) -> bool | None:
    return None if condition is None else not condition


def _all_bits(wanted: tuple[tuple[str, bool], ...], certificate: x509.Certificate) -> bool:
    usage = certificate.key_usage_value
    held = set(usage.native) if usage is not None else set()
    return all((name in held) is value for name, value in wanted)


def _purposes(certificate: x509.Certificate) -> set[str]:
    held = certificate.extended_key_usage_value
    return {one.dotted for one in held} if held is not None else set()


def _attributes(certificate: x509.Certificate) -> set[str]:
    return {pair["type"].dotted for name in certificate.subject.chosen for pair in name}


def _contradict(named: frozenset[str]) -> bool:
    return (
        {"QCStatement", "NotQualified"} <= named
        or (bool(named & _WITH_DEVICE) and bool(named & _WITHOUT_DEVICE))
        or len({_BY_QUALIFIER[one] for one in named if one in _BY_QUALIFIER}) > 1
    )


def _device(named: frozenset[str], claims: Claims) -> bool:
    if named & _WITH_DEVICE:
        return True
    return False if named & _WITHOUT_DEVICE else claims.device


def _both(issued: Qualification, signed: Qualification) -> Qualification:
    for rank in (Rank.NOT_QUALIFIED, Rank.UNCLEAR):
        if rank in (issued.rank, signed.rank):
            return Qualification(rank)
    if issued.use is not signed.use:
        return Qualification(Rank.UNCLEAR)
    return Qualification(Rank.QUALIFIED, signed.use, bool(issued.device and signed.device))
