"""XML signatures (XML-DSig, XAdES): reads hostile XML, checks the signature value and every reference.

Owns a short list of canonicalizations, transforms and algorithms; whatever is not on it is not checked and said to
be so. What is reported is what the digests were computed over, never what the file looks like: an element that is
referenced by an identifier that occurs twice is refused. Refuses DTDs, entities and every address outside the file
but those that the caller answers. Source: W3C XML Signature 1.1; ETSI EN 319 132-1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from asn1crypto import cms, x509
from cryptography import x509 as crypto_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from vanthu.pades.judging import ImprintOf, instant

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
LARGEST_XML = 64 << 20
MOST_SIGNATURES, MOST_REFERENCES = 20, 2000
MANIFEST = f"{{{DS}}}Manifest"
SIGNED_PROPERTIES = "SignedProperties"

_C14N = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    "http://www.w3.org/2006/12/xml-c14n11": (False, False),
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True),
}
"""Algorithm → (exclusive, with comments)."""
_PLAIN_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_EXCLUSIVE_NS = "http://www.w3.org/2001/10/xml-exc-c14n#"

_DIGESTS = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-256": "sha3_256",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-384": "sha3_384",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-512": "sha3_512",
}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_SIGNATURES = {
    f"{DS}rsa-sha1": ("rsa", "sha1"),
    **{f"{_MORE}rsa-{name}": ("rsa", name) for name in ("sha256", "sha384", "sha512")},
    f"{_MORE}ecdsa-sha1": ("ecdsa", "sha1"),
    **{f"{_MORE}ecdsa-{name}": ("ecdsa", name) for name in ("sha256", "sha384", "sha512")},
    **{
        f"http://www.w3.org/2007/05/xmldsig-more#{name}-rsa-MGF1": ("pss", name)
        for name in ("sha256", "sha384", "sha512")
    },
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - read, judged weak
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ENVELOPED = f"{DS}enveloped-signature"
_BASE64 = f"{DS}base64"
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_ALL_BUT_SIGNATURES = re.compile(r"^\s*not\(\s*ancestor-or-self::([\w.-]+):Signature\s*\)\s*$")
_IDS = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
_XML_ATTRIBUTE = "{http://www.w3.org/XML/1998/namespace}"

Element = Any
DigestOf = Callable[[str, Sequence[Element], str], "bytes | None"]
"""The digest of what an address outside the file names, after its transforms, by the name of the hash function; None
when it is not there. May raise :class:`NotChecked`."""


class NotChecked(ValueError):
    """The signature uses something that is not on the lists here."""


class Ambiguous(ValueError):
    """An identifier occurs more than once: what was signed cannot be told."""


class Unreadable(ValueError):
    """No XML signature as the standard writes it."""


@dataclass(frozen=True)
class Reference:
    """One thing that a signature covers. ``target`` is the element of the file (its root for the whole file), None
    outside; ``removed``: signatures were left out of the digest. ``present`` false: it is not there."""

    uri: str
    type: str
    target: Element | None
    intact: bool
    present: bool = True
    whole_document: bool = False
    digest: str = "sha256"


@dataclass(frozen=True)
class XmlSignature:
    """A signature element, checked but not trusted."""

    element: Element
    certificates: tuple[x509.Certificate, ...]
    certificate: x509.Certificate | None
    """The one whose key made the signature; None when there is no certificate; the first when none fits."""
    genuine: bool
    references: tuple[Reference, ...]
    weakest: str
    claimed: datetime | None
    stamps: tuple[tuple[cms.SignedData, ImprintOf], ...]


def parse(data: bytes) -> Any:
    """The tree of a hostile file. Raises :class:`Unreadable`, also for any DTD."""
    if len(data) > LARGEST_XML:
        raise Unreadable("too large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Unreadable(str(problem)) from problem
    tree: Any = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise Unreadable("DTD")
    return tree


def signatures_of(tree: Any) -> list[Element]:
    """The signature elements of a file, without counter-signatures on them. Raises :class:`Unreadable`."""
    found = [
        one
        for one in tree.iter(f"{{{DS}}}Signature")
        if not any(etree.QName(above).localname == "UnsignedProperties" for above in one.iterancestors())
    ]
    if len(found) > MOST_SIGNATURES:
        raise Unreadable("too many signatures")
    return found


def check(tree: Any, signature: Element, outside: DigestOf) -> XmlSignature:
    """Check a signature of the tree. Raises :class:`NotChecked`, :class:`Ambiguous`, :class:`Unreadable`."""
    signed_info = _one(signature, "SignedInfo")
    method = _algorithm(_one(signed_info, "SignatureMethod"))
    if method not in _SIGNATURES:
        raise NotChecked(method)
    kind, digest = _SIGNATURES[method]
    signed = _canonical(signed_info, _one(signed_info, "CanonicalizationMethod"))
    value = _decoded(_one(signature, "SignatureValue").text)
    certificates = tuple(_certificates(signature))
    maker = next((one for one in certificates if _made_by(one, kind, digest, value, signed)), None)
    references = tuple(_references(tree, signature, signed_info, outside))
    names_maker = maker is not None and _names_certificate(signature, references, maker)
    return XmlSignature(
        element=signature,
        certificates=certificates,
        certificate=maker or (certificates[0] if certificates else None),
        genuine=names_maker,
        references=references,
        weakest=min([digest, *(one.digest for one in references)], key=_strength),
        claimed=_claimed(signature, references),
        stamps=tuple(_stamps(signature)),
    )


def canonical(
    element: Element, algorithm: str, prefixes: Sequence[str] = (), *, document: bool = False
) -> bytes:
    """The canonical octets of an element (with all that its ancestors declare), or of its whole document."""
    if algorithm not in _C14N:
        raise NotChecked(algorithm)
    exclusive, comments = _C14N[algorithm]
    node = element.getroottree() if document else _apart(element, inherit=not exclusive)
    made: bytes = etree.tostring(
        node,
        method="c14n",
        exclusive=exclusive,
        with_comments=comments,
        inclusive_ns_prefixes=list(prefixes) or None,
    )
    return made


def algorithms_of(reference: Element) -> list[Element]:
    """The transforms of a reference, in order."""
    transforms = reference.find(f"{{{DS}}}Transforms")
    return [] if transforms is None else list(transforms.iterchildren(f"{{{DS}}}Transform"))


def after_c14n(element: Element, transforms: Sequence[Element]) -> bytes:
    """The octets of a whole part of another file after transforms that are canonicalizations only."""
    if len(transforms) != 1:
        raise NotChecked("transforms")
    return canonical(element, _algorithm(transforms[0]), _prefixes(transforms[0]), document=True)


def _references(tree: Any, signature: Element, within: Element, outside: DigestOf) -> Iterator[Reference]:
    """Every reference of SignedInfo and of the manifests that it covers."""
    found = list(within.iterchildren(f"{{{DS}}}Reference"))
    if not found or len(found) > MOST_REFERENCES:
        raise Unreadable("references")
    for one in found:
        reference = _reference(tree, signature, one, outside)
        yield reference
        for manifest in _manifests(reference, within):
            yield from _references(tree, signature, manifest, outside)


def _manifests(reference: Reference, within: Element) -> list[Element]:
    """The manifests inside what a reference of SignedInfo covers; manifests of manifests are not followed."""
    if reference.target is None or reference.whole_document or within.tag == MANIFEST:
        return []
    return list(reference.target.iter(MANIFEST))


def _reference(tree: Any, signature: Element, one: Element, outside: DigestOf) -> Reference:
    uri, kind = one.get("URI"), one.get("Type", "")
    if uri is None:
        raise NotChecked("reference without address")
    method = _algorithm(_one(one, "DigestMethod"))
    if method not in _DIGESTS:
        raise NotChecked(method)
    digest, wanted = _DIGESTS[method], _decoded(_one(one, "DigestValue").text)
    transforms = algorithms_of(one)
    if uri == "" or uri.startswith("#"):
        target = tree.getroot() if uri == "" else _named(tree, unquote(uri[1:]))
        data = _transformed(signature, target, uri == "", transforms)
        intact = hashlib.new(digest, data).digest() == wanted
        return Reference(uri, kind, target, intact, whole_document=uri == "", digest=digest)
    found = outside(uri, transforms, digest)
    return Reference(uri, kind, None, intact=found == wanted, present=found is not None, digest=digest)


def _named(tree: Any, name: str) -> Element:
    """The one element with this identifier. Raises :class:`Ambiguous`, :class:`Unreadable`."""
    wrapped = re.fullmatch(r"xpointer\(id\(['\"]([^'\"]+)['\"]\)\)", name)
    name = wrapped.group(1) if wrapped else name
    found = [one for one in tree.iter(etree.Element) if any(one.get(attribute) == name for attribute in _IDS)]
    if len(found) > 1:
        raise Ambiguous(name)
    if not found:
        raise Unreadable("reference to nothing")
    return found[0]


def _transformed(signature: Element, target: Element, document: bool, transforms: Sequence[Element]) -> bytes:
    """The octets that a reference into the file is about."""
    left_out: list[Element] = []
    for number, one in enumerate(transforms):
        algorithm = _algorithm(one)
        if algorithm == _ENVELOPED:
            left_out.append(signature)
        elif algorithm == _XPATH and _is_all_but_signatures(one):
            left_out += target.iter(f"{{{DS}}}Signature")
        elif algorithm in _C14N and number == len(transforms) - 1:
            node = _without(target, left_out)
            return canonical(node, algorithm, _prefixes(one), document=document)
        elif algorithm == _BASE64 and number == len(transforms) - 1:
            return _decoded("".join(_without(target, left_out).itertext()))
        else:
            raise NotChecked(algorithm)
    return canonical(_without(target, left_out), _PLAIN_C14N, document=document)


def _without(target: Element, left_out: Sequence[Element]) -> Element:
    """The element in a copy of its document from which these elements, but not the text behind them, are gone."""
    inside = [one for one in left_out if any(above is target for above in one.iterancestors())]
    if not inside:
        return target
    tree = target.getroottree()
    places = {id(one): place for place, one in enumerate(tree.getroot().iter())}
    twins = list(parse(etree.tostring(tree)).getroot().iter())
    for one in inside:
        _remove(twins[places[id(one)]])
    return twins[places[id(target)]]


def _remove(element: Element) -> None:
    parent, tail = element.getparent(), element.tail
    if parent is None:
        return
    before = element.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _apart(element: Element, *, inherit: bool) -> Element:
    """The element as the root of a document of its own, with the namespaces in scope; where the canonicalization
    wants it (C14N 1.0, 2.4) with the attributes of the xml namespace too."""
    alone = etree.fromstring(
        etree.tostring(element, with_tail=False), etree.XMLParser(resolve_entities=False)
    )
    if inherit:
        for above in element.iterancestors():
            for name, value in above.attrib.items():
                if str(name).startswith(_XML_ATTRIBUTE) and name not in alone.attrib:
                    alone.set(name, value)
    return alone.getroottree()


def _is_all_but_signatures(transform: Element) -> bool:
    expression = transform.find(f"{{{DS}}}XPath")
    found = None if expression is None else _ALL_BUT_SIGNATURES.match(expression.text or "")
    return found is not None and expression.nsmap.get(found.group(1)) == DS


def _canonical(element: Element, method: Element) -> bytes:
    return canonical(element, _algorithm(method), _prefixes(method))


def _prefixes(method: Element) -> list[str]:
    included = method.find(f"{{{_EXCLUSIVE_NS}}}InclusiveNamespaces")
    return [] if included is None else (included.get("PrefixList") or "").split()


def _algorithm(element: Element) -> str:
    return str(element.get("Algorithm") or "")


def _one(element: Element, name: str) -> Element:
    """The one child with this name. Raises :class:`Unreadable`."""
    found = list(element.iterchildren(f"{{{DS}}}{name}"))
    if len(found) != 1:
        raise Unreadable(name)
    return found[0]


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Unreadable("base64") from problem


def _certificates(signature: Element) -> Iterator[x509.Certificate]:
    path = f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate"
    for one in signature.findall(path)[:20]:
        try:
            found = x509.Certificate.load(_decoded(one.text), strict=True)
            found.native  # noqa: B018 - parses all of it
        except (ValueError, TypeError, KeyError, OverflowError) as problem:
            raise Unreadable("certificate") from problem
        yield found


def _made_by(certificate: x509.Certificate, kind: str, digest: str, value: bytes, signed: bytes) -> bool:
    try:
        key = crypto_x509.load_der_x509_certificate(certificate.dump()).public_key()
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, padding.PKCS1v15(), _HASHES[digest])
        elif kind == "pss" and isinstance(key, rsa.RSAPublicKey):
            size = _HASHES[digest].digest_size
            key.verify(value, signed, padding.PSS(padding.MGF1(_HASHES[digest]), size), _HASHES[digest])
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            half = (key.curve.key_size + 7) // 8
            if len(value) != 2 * half:
                return False
            both = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(*both), signed, ec.ECDSA(_HASHES[digest]))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _names_certificate(signature: Element, references: Sequence[Reference], maker: x509.Certificate) -> bool:
    """Whether the signed properties that name the signer's certificate, where there are some, name this one."""
    for properties in _properties(signature, references):
        for name in ("SigningCertificate", "SigningCertificateV2"):
            for cert in properties.findall(f".//{{{XADES}}}{name}/{{{XADES}}}Cert")[:1]:
                digest = cert.find(f"{{{XADES}}}CertDigest")
                method = "" if digest is None else _algorithm(_one(digest, "DigestMethod"))
                if digest is None or method not in _DIGESTS:
                    raise NotChecked(method)
                named = _decoded(_one(digest, "DigestValue").text)
                if hashlib.new(_DIGESTS[method], maker.dump()).digest() != named:
                    return False
    return True


def _properties(signature: Element, references: Sequence[Reference]) -> list[Element]:
    """The signed properties of this signature: only those that it really covers."""
    covered = [one.target for one in references if one.target is not None and one.intact]
    return [
        one
        for one in covered
        if one.tag == f"{{{XADES}}}{SIGNED_PROPERTIES}"
        and any(above is signature for above in one.iterancestors())
    ]


def _claimed(signature: Element, references: Sequence[Reference]) -> datetime | None:
    for properties in _properties(signature, references):
        found = properties.find(f".//{{{XADES}}}SigningTime")
        if found is not None:
            try:
                return instant(datetime.fromisoformat((found.text or "").strip()))
            except ValueError:
                return None
    return None


def _stamps(signature: Element) -> Iterator[tuple[cms.SignedData, ImprintOf]]:
    """Time-stamps over the signature value (XAdES SignatureTimeStamp)."""
    path = f".//{{{XADES}}}UnsignedSignatureProperties/{{{XADES}}}SignatureTimeStamp"
    for stamp in signature.findall(path)[:5]:
        method = stamp.find(f"{{{DS}}}CanonicalizationMethod")
        token = stamp.find(f"{{{XADES}}}EncapsulatedTimeStamp")
        if token is None:
            raise NotChecked("time-stamp without token")
        algorithm = _PLAIN_C14N if method is None else _algorithm(method)
        value = canonical(_one(signature, "SignatureValue"), algorithm)
        try:
            held = cms.ContentInfo.load(_decoded(token.text))["content"]
        except (ValueError, TypeError, KeyError) as problem:
            raise Unreadable("time-stamp") from problem
        yield held, _imprint_of(value)


def _imprint_of(value: bytes) -> ImprintOf:
    return lambda name: hashlib.new(name, value).digest()


def _strength(digest: str) -> int:
    return 0 if digest == "sha1" else hashlib.new(digest).digest_size
