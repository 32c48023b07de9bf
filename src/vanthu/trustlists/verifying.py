"""Checks that the expected scheme operator signed a list, then reads it.

Owns the rule of acceptance: exactly one signature, directly under the root, over the whole document, by a certificate
whose fingerprint the keeper of the site entered, with algorithms that are fit. The certificate's own chain is not asked
for: operators sign with certificates that stand in no list but their own (TS 119 612 section 5.7.1), so the fingerprint
is the trust. Refuses lists of the future.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from vanthu.cms import xmldsig
from vanthu.cms.xmldsig import Ambiguous, NotChecked, Unreadable, XmlSignature
from vanthu.pades import policy
from vanthu.pades.confined import Ask
from vanthu.trustlists import reading
from vanthu.trustlists.errors import (
    ListNotSigned,
    ListUnreadable,
    ListWrongSigner,
    ListYoungerThanNow,
    TrustListProblem,
)
from vanthu.trustlists.model import TrustedList

LARGEST_LIST = 12 << 20
"""Bytes; the largest national lists known are half of it."""
CONFINED = "vanthu.trustlists.verifying:confined"
"""For ``pades.confined.run_confined``, with (fingerprints, instant) as argument."""
_CLOCKS_DIFFER = timedelta(hours=1)
_PROBLEMS = {one.code: one for one in (ListUnreadable, ListNotSigned, ListWrongSigner, ListYoungerThanNow)}


def read_list(data: bytes, signers: Collection[str], *, at: datetime) -> TrustedList:
    """The list in ``data``, signed by one of the certificates with these SHA-256 (hex, lower case), as it stands at the
    instant ``at``. Raises :class:`TrustListProblem`. Source: TS 119 612 V2.1.1 sections 5.7 and 6.1.
    """
    if len(data) > LARGEST_LIST:
        raise ListUnreadable(what=f"> {LARGEST_LIST >> 20} MB")
    try:
        tree = xmldsig.parse(data)
    except Unreadable as problem:
        raise ListUnreadable(what="XML") from problem
    root = tree.getroot()
    if root.tag != reading.ROOT:
        raise ListUnreadable(what="TrustServiceStatusList")
    signer = _signer(tree, signers, at)
    found = reading.read(root, signer)
    if found.issued > at + _CLOCKS_DIFFER:
        raise ListYoungerThanNow(when=f"{found.issued:%d/%m/%Y}")
    return found


def confined(stream: BinaryIO, argument: Any, _ask: Ask) -> dict[str, Any]:
    """:func:`read_list` for a process of its own; a refusal is an answer too."""
    signers, at = argument
    try:
        return {"list": read_list(stream.read(LARGEST_LIST + 1), signers, at=at).as_dict()}
    except TrustListProblem as problem:
        return {"refused": problem.code, "details": problem.details}


def from_confined(answer: dict[str, Any]) -> TrustedList:
    """What :func:`confined` found. Raises :class:`TrustListProblem`."""
    if "refused" in answer:
        raise _PROBLEMS[answer["refused"]](**answer["details"])
    return TrustedList.from_dict(answer["list"])


def _signer(tree: Any, signers: Collection[str], at: datetime) -> str:
    """The fingerprint of who signed all of the list."""
    root = tree.getroot()
    places = root.findall(f"{{{xmldsig.DS}}}Signature")
    if len(places) != 1:
        raise ListNotSigned(what=f"ds:Signature × {len(places)}")
    try:
        found = xmldsig.check(tree, places[0], lambda *_: None)
    except (NotChecked, Ambiguous, Unreadable) as problem:
        raise ListNotSigned(what=str(problem)[:200]) from problem
    if found.certificate is None:
        raise ListNotSigned(what="X509Certificate")
    if not all(one.intact for one in found.references):
        raise ListNotSigned(what="DigestValue")
    if not found.genuine:
        raise ListNotSigned(what="SignatureValue")
    if not _covers_all(root, found):
        raise ListNotSigned(what="URI")
    if policy.fitness(found.certificate, found.weakest, at) is not policy.Fitness.FIT:
        raise ListNotSigned(what="DigestMethod, SignatureMethod")
    fingerprint = str(found.certificate.sha256.hex())
    if fingerprint not in signers:
        raise ListWrongSigner(fingerprint=fingerprint)
    return fingerprint


def _covers_all(root: Any, found: XmlSignature) -> bool:
    return any(one.whole_document or one.target is root for one in found.references)
