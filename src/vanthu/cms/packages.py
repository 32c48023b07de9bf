"""Signed office files: Open Packaging (DOCX, XLSX, PPTX; ISO/IEC 29500-2) and OpenDocument (ODF 1.2 part 3).

Owns reading hostile ZIP packages within limits, the digests of their parts, and the question whether a signature
covers every part that an office program shows or follows: both forms let a signature leave parts out, and programs
show them all the same. Refuses packages in which a name occurs twice.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from vanthu.cms import xmldsig
from vanthu.cms.reporting import report_on
from vanthu.cms.xmldsig import DigestOf, Element, NotChecked, Unreadable, XmlSignature
from vanthu.cms.xmlfiles import claim_of
from vanthu.pades.judging import Claim, Inquiry
from vanthu.pades.report import ValidationReport

MOST_PARTS = 10_000
LARGEST_PARTS = 1 << 30
"""Bytes of all parts together, unpacked."""

_CHUNK = 1 << 20
_RELATIONSHIP_TRANSFORM = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DIGITAL_SIGNATURE = "http://schemas.openxmlformats.org/package/2006/digital-signature"
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SIGNATURE_TYPE = "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"
_UNSIGNED_RELATIONSHIPS = (
    f"{_RELATIONSHIPS}/digital-signature/",
    f"{_RELATIONSHIPS}/metadata/",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
)
"""Relationships that office programs leave out of their signatures: signatures themselves, the file's properties."""
_OPEN_SIGNATURES = "META-INF/documentsignatures.xml"


class Package:
    """A ZIP package, read within limits. Raises :class:`Unreadable`; ``twice``: a name occurs more than once."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as problem:
            raise Unreadable("zip") from problem
        entries = [one for one in self._zip.infolist() if not one.is_dir()]
        if len(entries) > MOST_PARTS or sum(one.file_size for one in entries) > LARGEST_PARTS:
            raise Unreadable("too large")
        self._entries = {one.filename: one for one in entries}
        self.twice = len({name.casefold() for name in self._entries}) != len(entries)

    @property
    def names(self) -> list[str]:
        """The parts."""
        return list(self._entries)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's bytes in pieces. Raises :class:`Unreadable`."""
        try:
            with self._zip.open(self._entries[name]) as part:
                left = self._entries[name].file_size
                while chunk := part.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise Unreadable("larger than said")
                    yield chunk
        except (
            zipfile.BadZipFile,
            RuntimeError,
            NotImplementedError,
            EOFError,
            OSError,
            ValueError,
        ) as problem:
            raise Unreadable(name) from problem

    def tree(self, name: str) -> Any:
        """A part as XML. Raises :class:`Unreadable`."""
        if self._entries[name].file_size > xmldsig.LARGEST_XML:
            raise Unreadable("too large")
        return xmldsig.parse(b"".join(self.chunks(name)))

    def digest(self, name: str, algorithm: str) -> bytes:
        """A part's digest."""
        found = hashlib.new(algorithm)
        for chunk in self.chunks(name):
            found.update(chunk)
        return found.digest()

    def __contains__(self, name: object) -> bool:
        return name in self._entries


def judge_open_document(package: Package, inquiry: Inquiry) -> ValidationReport:
    """The judgement on an OpenDocument file."""
    if _OPEN_SIGNATURES not in package:
        return report_on([], inquiry)
    if package.twice:
        return report_on([], inquiry, ["AMBIGUOUS_REFERENCE"])
    tree = package.tree(_OPEN_SIGNATURES)
    wanted = {name for name in package.names if not name.startswith("META-INF/") and name != "mimetype"}

    def covers(_: Any, found: XmlSignature) -> bool:
        signed = {unquote(one.uri) for one in found.references if one.target is None}
        return wanted <= signed

    def digest_of(uri: str, transforms: Sequence[Element], digest: str) -> bytes | None:
        name = unquote(uri)
        if name not in package:
            return None
        if not transforms:
            return package.digest(name, digest)
        data = xmldsig.after_c14n(package.tree(name).getroot(), transforms)
        return hashlib.new(digest, data).digest()

    elements = xmldsig.signatures_of(tree)
    claims = [
        claim_of(tree, one, str(number), inquiry, covers, digest_of) for number, one in enumerate(elements, 1)
    ]
    return report_on(claims, inquiry)


def judge_open_packaging(package: Package, inquiry: Inquiry) -> ValidationReport:
    """The judgement on a DOCX, XLSX or PPTX file."""
    if package.twice:
        return report_on([], inquiry, ["AMBIGUOUS_REFERENCE"])
    types = _Types.of(package)
    parts = [name for name in package.names if types.of_part(name) == _SIGNATURE_TYPE]
    claims = [_office_claim(package, types, part, inquiry) for part in parts[: xmldsig.MOST_SIGNATURES]]
    lost = [] if parts or not _names_signatures(package) else ["SIGNATURE_UNREADABLE"]
    return report_on(claims, inquiry, lost)


@dataclass(frozen=True)
class _Types:
    """What ``[Content_Types].xml`` says of the parts."""

    by_name: dict[str, str]
    by_ending: dict[str, str]

    @classmethod
    def of(cls, package: Package) -> _Types:
        """Read from a package. Raises :class:`Unreadable`."""
        root = package.tree("[Content_Types].xml").getroot()
        names = {
            str(one.get("PartName", "")).lstrip("/").casefold(): str(one.get("ContentType", ""))
            for one in root.iterchildren(f"{{{_CONTENT_TYPES}}}Override")
        }
        endings = {
            str(one.get("Extension", "")).casefold(): str(one.get("ContentType", ""))
            for one in root.iterchildren(f"{{{_CONTENT_TYPES}}}Default")
        }
        return cls(names, endings)

    def of_part(self, name: str) -> str:
        """The type of a part; empty when nothing is said."""
        folded = name.casefold()
        return self.by_name.get(folded) or self.by_ending.get(folded.rpartition(".")[2], "")


def _names_signatures(package: Package) -> bool:
    return any(name.casefold().startswith("_xmlsignatures/") for name in package.names)


def _office_claim(package: Package, types: _Types, part: str, inquiry: Inquiry) -> Claim:
    try:
        tree = package.tree(part)
        (element,) = xmldsig.signatures_of(tree)
    except ValueError:  # Unreadable, or not exactly one signature
        return Claim(part, None, ("SIGNATURE_UNREADABLE",))
    signed = _Signed(package, types)
    return claim_of(tree, element, part, inquiry, lambda _, found: signed.covers(found), signed.digest_of())


class _Signed:
    """The parts and relationships that one signature of an office file covers."""

    def __init__(self, package: Package, types: _Types) -> None:
        self._package, self._types = package, types
        self._parts: set[str] = set()
        self._relationships: dict[str, set[str]] = {}

    def digest_of(self) -> DigestOf:
        """Answers the addresses of parts, and keeps in mind what was asked for."""

        def digest_of(uri: str, transforms: Sequence[Element], digest: str) -> bytes | None:
            address = urlsplit(uri)
            name = unquote(address.path).lstrip("/")
            if address.scheme or address.netloc or name not in self._package:
                return None
            declared = parse_qs(address.query.replace("+", "%2B")).get("ContentType", [""])[0]
            if declared != self._types.of_part(name):
                return b""
            if not transforms:
                self._parts.add(name)
                return self._package.digest(name, digest)
            if str(transforms[0].get("Algorithm")) == _RELATIONSHIP_TRANSFORM:
                return self._related(name, transforms, digest)
            data = xmldsig.after_c14n(self._package.tree(name).getroot(), transforms)
            self._parts.add(name)
            return hashlib.new(digest, data).digest()

        return digest_of

    def _related(self, name: str, transforms: Sequence[Element], digest: str) -> bytes:
        root = self._package.tree(name).getroot()
        kept = _chosen(root, transforms[0])
        self._relationships.setdefault(name, set()).update(str(one.get("Id")) for one in kept)
        return hashlib.new(digest, xmldsig.after_c14n(_normalized(kept), transforms[1:])).digest()

    def covers(self, found: XmlSignature) -> bool:
        """Every part but properties and signatures, and every relationship that leads to such a part."""
        if not all(one.intact for one in found.references):
            return False
        return all(self._is_covered(name) for name in self._package.names)

    def _is_covered(self, name: str) -> bool:
        folded = name.casefold()
        if name in self._parts or folded == "[content_types].xml":
            return True
        if folded.startswith(("_xmlsignatures/", "docprops/")):
            return True
        if not folded.endswith(".rels"):
            return False
        signed = self._relationships.get(name, set())
        root = self._package.tree(name).getroot()
        return all(
            str(one.get("Id")) in signed or str(one.get("Type")).startswith(_UNSIGNED_RELATIONSHIPS)
            for one in root.iterchildren(f"{{{_RELATIONSHIPS}}}Relationship")
        )


def _chosen(root: Element, transform: Element) -> list[Element]:
    """The relationships that a transform names, by identifier or by type (ISO/IEC 29500-2, 13.2.4.24)."""
    names = {
        str(one.get("SourceId"))
        for one in transform.iterchildren(f"{{{_DIGITAL_SIGNATURE}}}RelationshipReference")
    }
    types = {
        str(one.get("SourceType"))
        for one in transform.iterchildren(f"{{{_DIGITAL_SIGNATURE}}}RelationshipsGroupReference")
    }
    found = [
        one
        for one in root.iterchildren(f"{{{_RELATIONSHIPS}}}Relationship")
        if one.get("Id") in names or one.get("Type") in types
    ]
    if len({one.get("Id") for one in found}) != len(found):
        raise xmldsig.Ambiguous("relationship")
    return sorted(found, key=lambda one: str(one.get("Id")))


def _normalized(kept: Sequence[Element]) -> Element:
    root = etree.fromstring(f'<Relationships xmlns="{_RELATIONSHIPS}"/>')
    for one in kept:
        twin = etree.SubElement(root, f"{{{_RELATIONSHIPS}}}Relationship")
        for attribute in ("Id", "Target", "Type"):
            twin.set(attribute, str(one.get(attribute, "")))
        twin.set("TargetMode", str(one.get("TargetMode") or "Internal"))
    return root


__all__ = ["NotChecked", "Package", "judge_open_document", "judge_open_packaging"]
