"""XML files with signatures: enveloped, enveloping, or detached beside the file that they are about.

Owns the question whether a signature covers all that a reader sees. A signature over a part is not called valid: the
rest may be anybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from vanthu.cms import xmldsig
from vanthu.cms.reporting import report_on
from vanthu.cms.signeddata import Beside
from vanthu.cms.xmldsig import (
    DS,
    XADES,
    Ambiguous,
    DigestOf,
    Element,
    NotChecked,
    Unreadable,
    XmlSignature,
)
from vanthu.pades.judging import Claim, Inquiry
from vanthu.pades.report import ValidationReport

Covers = Callable[[Any, XmlSignature], bool]
"""Whether a signature covers all that a reader of the file sees."""


def judge(tree: Any, inquiry: Inquiry, beside: Sequence[Beside] = ()) -> ValidationReport:
    """The judgement on the signatures of an XML file; ``beside`` are the files that came along."""
    found = xmldsig.signatures_of(tree)
    outside = among(beside)
    claims = [
        claim_of(tree, one, str(number), inquiry, covers_file, outside) for number, one in enumerate(found, 1)
    ]
    return report_on(claims, inquiry)


def among(beside: Sequence[Beside]) -> DigestOf:
    """Answers addresses with the files that came along, by their names; of these only the digests are known."""
    by_name = {file.name: file for file in beside}

    def digest_of(uri: str, transforms: Sequence[Element], digest: str) -> bytes | None:
        file = by_name.get(unquote(uri).rsplit("/", 1)[-1])
        if file is None:
            return None
        if transforms or digest not in file.digests:
            raise NotChecked(uri)
        return file.digests[digest]

    return digest_of


def claim_of(
    tree: Any, element: Element, name: str, inquiry: Inquiry, covers: Covers, outside: DigestOf
) -> Claim:
    """What is found of one signature; never raises for what a hostile file holds."""
    try:
        found = xmldsig.check(tree, element, outside)
    except NotChecked:
        return Claim(name, None, ("UNKNOWN_SIGNATURE_KIND",))
    except Ambiguous:
        return Claim(name, None, ("AMBIGUOUS_REFERENCE",))
    except Unreadable:
        return Claim(name, None, ("SIGNATURE_UNREADABLE",))
    inquiry.others.extend(found.certificates)
    codes = list(_broken(found))
    whole = covers(tree, found)
    if not whole and not codes:
        codes.append("PARTLY_SIGNED")
    return Claim(
        name=name,
        certificate=found.certificate,
        codes=tuple(codes),
        digest=found.weakest,
        claimed=found.claimed,
        stamps=found.stamps,
        whole=whole,
    )


def _broken(found: XmlSignature) -> Iterator[str]:
    if any(not one.present for one in found.references):
        yield "SIGNED_FILE_ABSENT"
    elif any(not one.intact for one in found.references):
        yield "CONTENT_CHANGED"
    elif found.certificate is not None and not found.genuine:
        yield "SIGNATURE_FORGED"


def covers_file(tree: Any, found: XmlSignature) -> bool:
    """Whether nothing in an XML file is outside the signature but signatures themselves."""
    root = tree.getroot()
    if any(one.whole_document or one.target is root for one in found.references):
        return True
    if root is not found.element:
        return False
    targets = [one.target for one in found.references if one.target is not None]
    contents = [one for one in root.iterchildren(f"{{{DS}}}Object") if not _only_properties(one)]
    covered = all(one in targets or _held_by(one) in targets for one in contents)
    return covered and (bool(contents) or any(one.target is None for one in found.references))


def _only_properties(held: Element) -> bool:
    return all(child.tag == f"{{{XADES}}}QualifyingProperties" for child in held.iterchildren("*"))


def _held_by(held: Element) -> Element | None:
    """The one element in an Object that holds nothing else."""
    children = list(held.iterchildren("*"))
    words = (held.text or "") + "".join(child.tail or "" for child in children)
    return children[0] if len(children) == 1 and not words.strip() else None
