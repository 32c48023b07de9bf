"""Reads the elements of a trusted list whose signature holds.

Owns the limits (how many services, certificates, names) and the way from elements to the model. Reads by fixed paths
from the root, never inside a signature, which no digest covers.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime

from asn1crypto import x509
from lxml import etree

from vanthu.pades.listings import Use
from vanthu.trustlists import qualifying
from vanthu.trustlists.elements import Element, children, only, tag, words
from vanthu.trustlists.errors import ListUnreadable
from vanthu.trustlists.model import LIST_OF_LISTS, Pointer, Service, Status, TrustedList

ROOT = tag("TrustServiceStatusList")
VERSIONS = {5, 6}
MOST_SERVICES, MOST_HISTORY, MOST_CERTIFICATES, MOST_POINTERS = 5000, 200, 20, 200
LONGEST_NAME = 300
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read(root: Element, signer: str) -> TrustedList:
    """The list under ``root``, signed by the certificate with the SHA-256 ``signer``. Raises :class:`ListUnreadable`.

    Source: TS 119 612 V2.1.1 section 5.
    """
    if root.tag != ROOT:
        raise ListUnreadable(what="TrustServiceStatusList")
    scheme = only(root, "SchemeInformation")
    if _number(scheme, "TSLVersionIdentifier") not in VERSIONS:
        raise ListUnreadable(what="TSLVersionIdentifier")
    update = only(scheme, "NextUpdate").find(tag("dateTime"))
    return TrustedList(
        operator=_name(only(scheme, "SchemeOperatorName")),
        scheme=_name(only(scheme, "SchemeName")),
        territory=_optional(scheme, "SchemeTerritory"),
        sequence=_number(scheme, "TSLSequenceNumber"),
        issued=_instant(only(scheme, "ListIssueDateTime")),
        next_update=None if update is None else _instant(update),
        signer=signer,
        services=tuple(_services(root)),
        pointers=tuple(_pointers(scheme)),
        of_lists=words(only(scheme, "TSLType")).endswith(LIST_OF_LISTS),
    )


def _services(root: Element) -> Iterator[Service]:
    count = 0
    for provider in children(root, "TrustServiceProviderList", "TrustServiceProvider"):
        name = _name(only(only(provider, "TSPInformation"), "TSPName"))
        for service in children(provider, "TSPServices", "TSPService"):
            count += 1
            if count > MOST_SERVICES:
                raise ListUnreadable(what="TSPService")
            yield _service(name, service)


def _service(provider: str, service: Element) -> Service:
    present = only(service, "ServiceInformation")
    earlier = children(service, "ServiceHistory", "ServiceHistoryInstance")
    if len(earlier) > MOST_HISTORY:
        raise ListUnreadable(what="ServiceHistory")
    history = sorted(map(_status, (present, *earlier)), key=lambda one: one.since, reverse=True)
    if history[0] != _status(present):
        raise ListUnreadable(what="StatusStartingTime")
    return Service(
        provider=provider,
        name=_name(only(present, "ServiceName")),
        certificates=tuple(_certificates(only(present, "ServiceDigitalIdentity"))),
        history=tuple(history),
        for_websites=qualifying.uses(present) == {Use.WEBSITE},
    )


def _status(held: Element) -> Status:
    return Status(
        uri=words(only(held, "ServiceStatus")),
        since=_instant(only(held, "StatusStartingTime")),
        type=words(only(held, "ServiceTypeIdentifier")),
        uses=qualifying.uses(held),
        qualifiers=qualifying.qualifiers(held),
    )


def _pointers(scheme: Element) -> Iterator[Pointer]:
    found = children(scheme, "PointersToOtherTSL", "OtherTSLPointer")
    if len(found) > MOST_POINTERS:
        raise ListUnreadable(what="OtherTSLPointer")
    for one in found:
        signers = [
            x509.Certificate.load(der).sha256.hex()
            for identity in children(one, "ServiceDigitalIdentities", "ServiceDigitalIdentity")
            for der in _certificates(identity)
        ]
        told = one.findall(
            f"{tag('AdditionalInformation')}/{tag('OtherInformation')}/{tag('SchemeTerritory')}"
        )
        territory = words(told[0])[:20] if told else ""
        yield Pointer(words(only(one, "TSLLocation")), territory, tuple(dict.fromkeys(signers)))


def _certificates(identity: Element) -> Iterator[bytes]:
    """The certificates among the ways in which a service is named; other ways are not used."""
    found = identity.findall(f"{tag('DigitalId')}/{tag('X509Certificate')}")
    if len(found) > MOST_CERTIFICATES:
        raise ListUnreadable(what="X509Certificate")
    for one in found:
        try:
            der = base64.b64decode("".join(words(one, longest=200_000).split()), validate=True)
            x509.Certificate.load(der, strict=True).native  # noqa: B018 - parses all of it
        except (binascii.Error, ValueError, TypeError, KeyError, OverflowError) as problem:
            raise ListUnreadable(what="X509Certificate") from problem
        yield der


def _optional(above: Element, name: str) -> str:
    return words(only(above, name))[:20] if above.find(tag(name)) is not None else ""


def _name(held: Element) -> str:
    """In Vietnamese, else in English, else as it comes first."""
    names = {one.get(_LANGUAGE, ""): words(one, 5000) for one in reversed(held.findall(tag("Name")))}
    if not names:
        raise ListUnreadable(what=etree.QName(held).localname)
    return (names.get("vi") or names.get("en") or list(names.values())[-1])[:LONGEST_NAME]


def _number(above: Element, name: str) -> int:
    text = words(only(above, name))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ListUnreadable(what=name)
    return int(text)


def _instant(element: Element) -> datetime:
    """An instant; the standard wants UTC (section 5.1.4)."""
    try:
        moment = datetime.fromisoformat(words(element))
    except ValueError as problem:
        raise ListUnreadable(what=etree.QName(element).localname) from problem
    return moment.astimezone(UTC) if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)
