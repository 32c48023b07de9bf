"""Reads what a list says of a service's certificates beyond its status: their uses, qualifiers and criteria.

Owns the extensions of TS 119 612 sections 5.5.9.2 (Qualifications) and 5.5.9.4 (AdditionalServiceInformation). A
condition of a kind that it does not know is kept as unknown, never left out: what it decides stays undecided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from vanthu.pades.listings import Assertion, Criteria, Qualifiers, Use
from vanthu.trustlists.elements import Element, all_of, children, tag, words
from vanthu.trustlists.errors import ListUnreadable

MOST_QUALIFIERS, MOST_CONDITIONS, DEEPEST = 50, 100, 5
_ECC = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"
_MORE = "http://uri.etsi.org/02231/v2/additionaltypes#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_FOR = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/For"
_USES = {
    f"{_FOR}eSignatures": Use.SIGNATURE,
    f"{_FOR}eSeals": Use.SEAL,
    f"{_FOR}WebSiteAuthentication": Use.WEBSITE,
}
_NAME = re.compile(r"[A-Za-z0-9]{1,60}")
_OID = re.compile(r"(?:urn:oid:)?([0-9]+(?:\.[0-9]+){1,30})")
_BITS = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "non_repudiation",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "crlSign": "crl_sign",
    "encipherOnly": "encipher_only",
    "decipherOnly": "decipher_only",
}
"""The standard's names of the bits, and those of the certificates' reader."""


def uses(held: Element) -> frozenset[Use]:
    """For what the list says that a service's certificates are; empty when it says nothing."""
    said = {
        words(uri)
        for extension in _extensions(held)
        for uri in extension.findall(f"{tag('AdditionalServiceInformation')}/{tag('URI')}")
    }
    return frozenset(_USES[uri] for uri in said if uri in _USES)


def qualifiers(held: Element) -> tuple[Qualifiers, ...]:
    """What the list says of some of a service's certificates. Raises :class:`ListUnreadable`."""
    found = [
        one
        for extension in _extensions(held)
        for one in all_of(extension, _ecc("Qualifications"), _ecc("QualificationElement"))
    ]
    if len(found) > MOST_QUALIFIERS:
        raise ListUnreadable(what="QualificationElement")
    return tuple(map(_element, found))


def _extensions(held: Element) -> list[Element]:
    return children(held, "ServiceInformationExtensions", "Extension")


def _element(element: Element) -> Qualifiers:
    names = [
        one.get("uri", "").rpartition("/")[2]
        for one in all_of(element, _ecc("Qualifiers"), _ecc("Qualifier"))
    ]
    if len(names) > MOST_QUALIFIERS or not all(map(_NAME.fullmatch, names)):
        raise ListUnreadable(what="Qualifier")
    lists = element.findall(_ecc("CriteriaList"))
    if len(lists) != 1:
        raise ListUnreadable(what="CriteriaList")
    return Qualifiers(tuple(names), _criteria(lists[0], DEEPEST))


def _criteria(element: Element, depth: int) -> Criteria:
    if depth == 0 or len(element) > MOST_CONDITIONS:
        raise ListUnreadable(what="CriteriaList")
    others = [one for group in element.findall(_ecc("otherCriteriaList")) for one in _elements(group)]
    known = [*_elements(element), *others]
    try:
        assertion = Assertion(element.get("assert", Assertion.ALL.value))
    except ValueError as problem:
        raise ListUnreadable(what="CriteriaList") from problem
    return Criteria(
        assertion,
        usages=tuple(tuple(_bits(one)) for one in known if one.tag == _ecc("KeyUsage")),
        policies=tuple(_oids(one, _ecc("PolicyIdentifier")) for one in known if one.tag == _ecc("PolicySet")),
        purposes=tuple(
            _oids(one, _more("KeyPurposeId")) for one in others if one.tag == _more("ExtendedKeyUsage")
        ),
        attributes=tuple(
            _oids(one, _more("AttributeOID")) for one in others if one.tag == _more("CertSubjectDNAttribute")
        ),
        nested=tuple(_criteria(one, depth - 1) for one in known if one.tag == _ecc("CriteriaList")),
        unknown=any(one.tag not in _KNOWN for one in known),
    )


def _elements(above: Element) -> list[Element]:
    return [one for one in above if isinstance(one.tag, str)]


def _bits(usage: Element) -> Iterator[tuple[str, bool]]:
    for bit in usage.findall(_ecc("KeyUsageBit")):
        value = words(bit)
        if value not in _VALUES:
            raise ListUnreadable(what="KeyUsageBit")
        yield _BITS.get(bit.get("name", ""), "?"), _VALUES[value]


def _oids(above: Element, name: str) -> tuple[str, ...]:
    found = [_OID.fullmatch(words(one)) for one in above.findall(f"{name}/{{{_XADES}}}Identifier")]
    if not found or len(found) != len(above.findall(name)):
        raise ListUnreadable(what=etree.QName(above).localname)
    return tuple(one.group(1) if one else "?" for one in found)


def _ecc(name: str) -> str:
    return f"{{{_ECC}}}{name}"


def _more(name: str) -> str:
    return f"{{{_MORE}}}{name}"


_VALUES = {"true": True, "1": True, "false": False, "0": False}
_KNOWN: frozenset[Any] = frozenset(
    {
        *map(_ecc, ("KeyUsage", "PolicySet", "CriteriaList", "Description", "otherCriteriaList")),
        *map(_more, ("ExtendedKeyUsage", "CertSubjectDNAttribute")),
    }
)
