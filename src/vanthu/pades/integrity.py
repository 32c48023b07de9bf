"""Are the signatures in a file still whole, and what happened to the file after each of them?

Owns the cryptographic check and the difference analysis, without any question of trust. The signing side uses
it as a guard before and after writing, the validating side as its first half. Tools that only check byte
ranges call a file good whose content was changed by an incremental update, so nothing here relies on the byte
range alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from asn1crypto import x509
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.status import SignatureCoverageLevel

from vanthu.pades.differences import POLICY
from vanthu.pades.errors import SignatureBroken
from vanthu.pades.growing import is_remembered, sha256_of
from vanthu.pades.opening import Pdf, beginning
from vanthu.pades.reading import READING_PROBLEMS, Reader, Signature, find_signatures, open_reader


class Changes(Enum):
    """What was added to a file after a signature; ordered from nothing to forbidden."""

    NONE = "NONE"
    MAINTENANCE = "MAINTENANCE"
    """Timestamps and revocation data only."""
    PERMITTED = "PERMITTED"
    """Form fields filled, further signatures."""
    FORBIDDEN = "FORBIDDEN"


_CHANGES = {
    ModificationLevel.NONE: Changes.NONE,
    ModificationLevel.LTA_UPDATES: Changes.MAINTENANCE,
    ModificationLevel.FORM_FILLING: Changes.PERMITTED,
}


_MOST_KNOWN = 200
_known: dict[str, tuple[Wholeness, ...]] = {}


@dataclass(frozen=True)
class Wholeness:
    """One signature's state as far as bytes can tell."""

    field: str
    is_timestamp: bool
    readable: bool
    intact: bool
    genuine: bool
    changes: Changes
    allowed: bool
    """The later changes are those that this signature's own lock permits."""
    covers_whole_file: bool
    covers_its_revision: bool
    signed_revision: int

    @property
    def unbroken(self) -> bool:
        """Everything that can be said without knowing whom to trust."""
        good_cover = self.covers_whole_file or self.covers_its_revision
        return (
            self.intact
            and self.genuine
            and self.allowed
            and good_cover
            and self.changes is not Changes.FORBIDDEN
        )


def closed(found: Sequence[Wholeness]) -> bool:
    """Whether nothing but signature maintenance follows the last signature, not even stray bytes."""
    people = [state for state in found if not state.is_timestamp]
    return all(
        state.covers_whole_file or state.changes is Changes.MAINTENANCE
        for state in (*people[-1:], *found[-1:])
    )


def wholeness(signature: Signature) -> Wholeness:
    """The state of one signature or document timestamp; a signature that cannot be read is not intact."""
    is_timestamp = str(signature.sig_object_type) == "/DocTimeStamp"
    try:
        untyped: Any = signature
        untyped.compute_integrity_info(diff_policy=POLICY)
        summary = signature.summarise_integrity_info()
        intact, genuine = _genuine(signature, is_timestamp)
        gap = signature.hole_is_signature()
    except READING_PROBLEMS:
        return _unreadable(signature, is_timestamp)
    whole = summary["coverage"] == SignatureCoverageLevel.ENTIRE_FILE
    return Wholeness(
        field=str(signature.field_name),
        is_timestamp=is_timestamp,
        readable=True,
        intact=intact,
        genuine=genuine,
        changes=_changes(summary, whole),
        allowed=bool(summary["docmdp_ok"]),
        covers_whole_file=whole and gap,
        covers_its_revision=summary["coverage"] == SignatureCoverageLevel.ENTIRE_REVISION and gap,
        signed_revision=int(signature.signed_revision),
    )


def _unreadable(signature: Signature, is_timestamp: bool) -> Wholeness:
    return Wholeness(
        field=str(signature.field_name),
        is_timestamp=is_timestamp,
        readable=False,
        intact=False,
        genuine=False,
        changes=Changes.FORBIDDEN,
        allowed=False,
        covers_whole_file=False,
        covers_its_revision=False,
        signed_revision=int(signature.signed_revision),
    )


def _changes(summary: dict[str, Any], whole: bool) -> Changes:
    if whole:
        return Changes.NONE
    level = getattr(summary["diff_result"], "modification_level", ModificationLevel.OTHER)
    return _CHANGES.get(level, Changes.FORBIDDEN)


def _genuine(signature: Signature, is_timestamp: bool) -> tuple[bool, bool]:
    """(the signed bytes are unchanged, the certificate's key made the signature)."""
    encapsulated = signature.signed_data["encap_content_info"]
    digest = signature.compute_digest()
    if is_timestamp:
        return _genuine_timestamp(signature)
    intact, valid = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type=encapsulated["content_type"].native,
        actual_digest=digest,
    )
    return bool(intact), bool(valid)


def _genuine_timestamp(signature: Signature) -> tuple[bool, bool]:
    content = signature.signed_data["encap_content_info"]["content"]
    imprint = content.parsed["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    stamped = imprint["hashed_message"].native == signature.compute_digest(algorithm)
    intact, valid = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type="tst_info",
        actual_digest=_digest(bytes(content), signature.signer_info["digest_algorithm"]["algorithm"].native),
    )
    return bool(stamped and intact), bool(valid)


def _digest(data: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, data, usedforsecurity=True).digest()


def states(reader: Reader, found: Sequence[Signature]) -> list[tuple[Signature, Wholeness]]:
    """The signatures of a file, all that ``find_signatures`` found to judge, with their states.

    They follow from the file's bytes alone: of a file whose hash is at hand (``growing``) they are remembered, for it
    is looked at again as soon as it was signed.
    """
    if not is_remembered(reader.stream):
        return [(signature, wholeness(signature)) for signature in found]
    sha256 = sha256_of(reader.stream)
    known = _known.get(sha256)
    if known is None:
        known = tuple(wholeness(signature) for signature in found)
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[sha256] = known
    return list(zip(found, known, strict=True))


def signer_name(certificate: x509.Certificate) -> str:
    """The common name, or the whole subject when there is none."""
    name = certificate.subject.native.get("common_name")
    return str(name[0] if isinstance(name, list) else name or certificate.subject.human_friendly)


def require_unbroken(pdf: Pdf) -> list[Wholeness]:
    """The states of the signatures in ``pdf``, all unbroken and nothing unsigned behind the last one.

    Raises SignatureBroken, PdfDamaged, PdfEncrypted.
    """
    found = []
    reader = open_reader(beginning(pdf))
    everything = find_signatures(reader)
    for field in (*everything.unknown, *everything.removed):
        raise SignatureBroken(signer=f"ô {field}", why="chữ ký đã bị gỡ khỏi tệp hoặc không đọc được")
    for signature, state in states(reader, everything.judged):
        if not state.unbroken:
            raise SignatureBroken(signer=signer_name(signature.signer_cert), why=why_broken(state))
        found.append(state)
    if not closed(found):
        raise SignatureBroken(
            signer=f"ô {found[-1].field}",
            why="tệp đã bị thay đổi sau chữ ký cuối cùng",
            field=found[-1].field,
        )
    return found


def why_broken(state: Wholeness) -> str:
    """A plain Vietnamese clause."""
    if not state.readable:
        return "không đọc được chữ ký số"
    if not state.intact:
        return "nội dung đã ký bị thay đổi"
    if not state.genuine:
        return "giá trị chữ ký không khớp với chứng thư số"
    return "tệp bị thay đổi sau khi ký theo cách không được phép"
