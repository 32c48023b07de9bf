"""Are the signatures those of the agency that sent the document, and of the person it names?

Owns the comparison of certificates with a sender: pure, so that every case can be shown. Names are compared without
accents, case and the usual abbreviations, codes in all their generations. Refuses to decide whether to accept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from vanthu.identifiers import qcvn_to_qd20_guess
from vanthu.pades import SignatureKind, SignatureReport
from vanthu.vietnamese import fold

_SHORT = {
    "ubnd": "uy ban nhan dan",
    "hdnd": "hoi dong nhan dan",
    "tp": "thanh pho",
    "vp": "van phong",
    "tw": "trung uong",
    "tt": "thi tran",
    "kt": "kinh te",
}


@dataclass(frozen=True)
class Sender:
    """Whom the packet names: the agency under all its ``names`` and ``codes``, and the ``signer`` (may be empty)."""

    names: frozenset[str]
    codes: frozenset[str]
    signer: str = ""


class Fit(Enum):
    """How the signatures fit a sender."""

    AGENCY_SIGNED = "AGENCY_SIGNED"
    AGENCY_MISSING = "AGENCY_MISSING"
    OTHER_AGENCY = "OTHER_AGENCY"
    """Somebody else's seal, told by a code or a name."""
    SIGNER_SIGNED = "SIGNER_SIGNED"
    SIGNER_MISSING = "SIGNER_MISSING"
    SIGNER_OF_ANOTHER_AGENCY = "SIGNER_OF_ANOTHER_AGENCY"


def fits(signatures: Iterable[SignatureReport], sender: Sender) -> list[tuple[Fit, str]]:
    """What the certificates say of the sender, each with the name it is about. Source: R65; NĐ 23/2025 Đ13, Đ16."""
    items = list(signatures)
    agencies = [item for item in items if item.kind is SignatureKind.AGENCY]
    people = [item for item in items if item.kind is SignatureKind.PERSON]
    found = [_agency_fit(agencies, sender)]
    if sender.signer:
        found.append(_signer_fit(people, sender))
    return found


def _agency_fit(agencies: list[SignatureReport], sender: Sender) -> tuple[Fit, str]:
    own = next((item for item in agencies if is_of(item, sender)), None)
    if own is not None:
        return Fit.AGENCY_SIGNED, own.signer_name
    if agencies:
        return Fit.OTHER_AGENCY, agencies[-1].signer_name
    return Fit.AGENCY_MISSING, ""


def _signer_fit(people: list[SignatureReport], sender: Sender) -> tuple[Fit, str]:
    named = [item for item in people if plain_name(item.signer_name) == plain_name(sender.signer)]
    if not named:
        return Fit.SIGNER_MISSING, sender.signer
    of_sender = [item for item in named if not item.organization or _belongs(item.organization, sender)]
    return (Fit.SIGNER_SIGNED if of_sender else Fit.SIGNER_OF_ANOTHER_AGENCY), sender.signer


def is_of(signature: SignatureReport, sender: Sender) -> bool:
    """Whether an agency's certificate is the sender's: by the code that it bears, or by name."""
    if signature.subject_serial and generations([signature.subject_serial]) & generations(sender.codes):
        return True
    names = {plain_name(name) for name in sender.names}
    return bool({plain_name(signature.signer_name), plain_name(signature.organization)} & names)


def _belongs(organization: str, sender: Sender) -> bool:
    """A leader's certificate may name the agency, or its office or a unit of it."""
    plain = plain_name(organization)
    return any(name in plain or plain in name for name in map(plain_name, sender.names) if name)


def generations(codes: Iterable[str]) -> set[str]:
    """The codes and what each was called in the generation after (QCVN 102 → QĐ 20/2020)."""
    known = {code.strip().upper() for code in codes if code.strip()}
    return known | {guess for guess in map(qcvn_to_qd20_guess, known) if guess}


def plain_name(name: str) -> str:
    """A name as it is compared: no accents, case, punctuation; usual abbreviations written out."""
    words = re.findall(r"[a-z0-9]+", fold(name).lower())
    return " ".join(_SHORT.get(word, word) for word in words)
