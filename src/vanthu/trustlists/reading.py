"""Reads the elements of a trusted list whose signature holds.

Owns the limits (how many services, certificates, names) and the way from elements to the model. Reads by fixed paths
from the root, never inside a signature, which no digest covers. Comments are covered by none either: text is read past
them, so that a comment cannot cut a word short.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from asn1crypto import x509
from lxml import etree

from vanthu.trustlists.errors import ListUnreadable
from vanthu.trustlists.model import LIST_OF_LISTS, Pointer, Service, Status, TrustedList

NAMESPACE = "http://uri.etsi.org/02231/v2#"
ROOT = f"{{{NAMESPACE}}}TrustServiceStatusList"
VERSIONS = {5, 6}
MOST_SERVICES, MOST_HISTORY, MOST_CERTIFICATES, MOST_POINTERS = 5000, 200, 20, 200
LONGEST_NAME, LONGEST_ADDRESS = 300, 500
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_FOR = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/For"
_FOR_DOCUMENTS = {f"{_FOR}eSignatures", f"{_FOR}eSeals"}
_FOR_WEBSITES = f"{_FOR}WebSiteAuthentication"

Element = Any


def read(root: Element, signer: str) -> TrustedList:
    """The list under ``root``, signed by the certificate with the SHA-256 ``signer``. Raises :class:`ListUnreadable`.

    Source: TS 119 612 V2.1.1 section 5.
    """
    if root.tag != ROOT:
        raise ListUnreadable(what="TrustServiceStatusList")
    scheme = _one(root, "SchemeInformation")
    if _number(scheme, "TSLVersionIdentifier") not in VERSIONS:
        raise ListUnreadable(what="TSLVersionIdentifier")
    update = _one(scheme, "NextUpdate").find(_tag("dateTime"))
    return TrustedList(
        operator=_name(_one(scheme, "SchemeOperatorName")),
        scheme=_name(_one(scheme, "SchemeName")),
        territory=_optional(scheme, "SchemeTerritory"),
        sequence=_number(scheme, "TSLSequenceNumber"),
        issued=_instant(_one(scheme, "ListIssueDateTime")),
        next_update=None if update is None else _instant(update),
        signer=signer,
        services=tuple(_services(root)),
        pointers=tuple(_pointers(scheme)),
        of_lists=_words(_one(scheme, "TSLType")).endswith(LIST_OF_LISTS),
    )


def _services(root: Element) -> Iterator[Service]:
    count = 0
    for provider in _children(root, "TrustServiceProviderList", "TrustServiceProvider"):
        name = _name(_one(_one(provider, "TSPInformation"), "TSPName"))
        for service in _children(provider, "TSPServices", "TSPService"):
            count += 1
            if count > MOST_SERVICES:
                raise ListUnreadable(what="TSPService")
            yield _service(name, service)


def _service(provider: str, service: Element) -> Service:
    present = _one(service, "ServiceInformation")
    earlier = _children(service, "ServiceHistory", "ServiceHistoryInstance")
    if len(earlier) > MOST_HISTORY:
        raise ListUnreadable(what="ServiceHistory")
    history = sorted(map(_status, (present, *earlier)), key=lambda one: one.since, reverse=True)
    if history[0] != _status(present):
        raise ListUnreadable(what="StatusStartingTime")
    return Service(
        provider=provider,
        name=_name(_one(present, "ServiceName")),
        certificates=tuple(_certificates(_one(present, "ServiceDigitalIdentity"))),
        history=tuple(history),
        for_websites=_for_websites(present),
    )


def _status(held: Element) -> Status:
    return Status(
        uri=_words(_one(held, "ServiceStatus")),
        since=_instant(_one(held, "StatusStartingTime")),
        type=_words(_one(held, "ServiceTypeIdentifier")),
    )


def _for_websites(held: Element) -> bool:
    """Whether the list says of the service that its certificates are for web sites, and not for documents."""
    said = {
        _words(uri)
        for extension in _children(held, "ServiceInformationExtensions", "Extension")
        for uri in extension.findall(f"{_tag('AdditionalServiceInformation')}/{_tag('URI')}")
    }
    return _FOR_WEBSITES in said and not said & _FOR_DOCUMENTS


def _pointers(scheme: Element) -> Iterator[Pointer]:
    found = _children(scheme, "PointersToOtherTSL", "OtherTSLPointer")
    if len(found) > MOST_POINTERS:
        raise ListUnreadable(what="OtherTSLPointer")
    for one in found:
        signers = [
            x509.Certificate.load(der).sha256.hex()
            for identity in _children(one, "ServiceDigitalIdentities", "ServiceDigitalIdentity")
            for der in _certificates(identity)
        ]
        told = one.findall(
            f"{_tag('AdditionalInformation')}/{_tag('OtherInformation')}/{_tag('SchemeTerritory')}"
        )
        territory = _words(told[0])[:20] if told else ""
        yield Pointer(_words(_one(one, "TSLLocation")), territory, tuple(dict.fromkeys(signers)))


def _certificates(identity: Element) -> Iterator[bytes]:
    """The certificates among the ways in which a service is named; other ways are not used."""
    found = identity.findall(f"{_tag('DigitalId')}/{_tag('X509Certificate')}")
    if len(found) > MOST_CERTIFICATES:
        raise ListUnreadable(what="X509Certificate")
    for one in found:
        try:
            der = base64.b64decode("".join(_words(one, longest=200_000).split()), validate=True)
            x509.Certificate.load(der, strict=True).native  # noqa: B018 - parses all of it
        except (binascii.Error, ValueError, TypeError, KeyError, OverflowError) as problem:
            raise ListUnreadable(what="X509Certificate") from problem
        yield der


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _one(above: Element, name: str) -> Element:
    found = above.findall(_tag(name))
    if len(found) != 1:
        raise ListUnreadable(what=name)
    return found[0]


def _children(above: Element, group: str, name: str) -> list[Element]:
    """The elements of an optional group."""
    groups = above.findall(_tag(group))
    if len(groups) > 1:
        raise ListUnreadable(what=group)
    return groups[0].findall(_tag(name)) if groups else []


def _words(element: Element, longest: int = LONGEST_ADDRESS) -> str:
    """All of an element's own text, comments in it left out."""
    parts = [element.text or ""]
    for child in element:
        if child.tag is not etree.Comment:
            raise ListUnreadable(what=etree.QName(element).localname)
        parts.append(child.tail or "")
    text = "".join(parts).strip()
    if len(text) > longest:
        raise ListUnreadable(what=etree.QName(element).localname)
    return text


def _optional(above: Element, name: str) -> str:
    return _words(_one(above, name))[:20] if above.find(_tag(name)) is not None else ""


def _name(held: Element) -> str:
    """In Vietnamese, else in English, else as it comes first."""
    names = {one.get(_LANGUAGE, ""): _words(one, 5000) for one in reversed(held.findall(_tag("Name")))}
    if not names:
        raise ListUnreadable(what=etree.QName(held).localname)
    return (names.get("vi") or names.get("en") or list(names.values())[-1])[:LONGEST_NAME]


def _number(above: Element, name: str) -> int:
    text = _words(_one(above, name))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ListUnreadable(what=name)
    return int(text)


def _instant(element: Element) -> datetime:
    """An instant; the standard wants UTC (section 5.1.4)."""
    try:
        moment = datetime.fromisoformat(_words(element))
    except ValueError as problem:
        raise ListUnreadable(what=etree.QName(element).localname) from problem
    return moment.astimezone(UTC) if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)
