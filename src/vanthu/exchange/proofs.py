"""The sender systems' signatures over status packets: checked with the sender's key, kept beside the status.

Owns the rows that say "signed by the system of the sender". Refuses to hold anything up for want of a signature:
axes and systems without the modern door have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog

from vanthu.base import clock
from vanthu.errors import VanthuError
from vanthu.evidence import verifying_key
from vanthu.exchange import lines
from vanthu.exchange.axes import Axis
from vanthu.exchange.models import SenderProof
from vanthu.relay import SignedRow, check_proof
from vanthu.vxp import ReceivedRow, VxpUnreachable

log = structlog.get_logger(__name__)


def keep(axis: Axis, row: ReceivedRow) -> None:
    """Check and keep the signature that came with a packet, if one came; one that does not hold is not kept.

    Twice is as good as once. Raises ``VxpUnreachable`` when the axis cannot be asked for the key.
    """
    if not isinstance(row, SignedRow) or row.proof is None:
        return
    proof = row.proof
    try:
        jwk = lines.relay(axis).key_of(proof.key_id, row.sender)
        said = check_proof(proof, verifying_key(jwk)) if jwk else None
    except VxpUnreachable:
        raise
    except VanthuError as error:
        log.warning("sender_signature_not_valid", doc_id=row.doc_id, error=error.text)
        return
    if jwk is None or said is None or (said.sha256, said.sender) != (row.sha256, row.sender):
        log.warning("sender_signature_of_something_else", doc_id=row.doc_id)
        return
    SenderProof.objects.get_or_create(
        sha256=said.sha256,
        sender_code=said.sender,
        defaults={
            "axis": axis.name,
            "jwk": dict(jwk),
            "proof": proof.as_json(),
            "signed_at": said.signed_at,
            "checked_at": clock.now(),
        },
    )


def signed(hashes: Iterable[str]) -> dict[str, datetime]:
    """Which of these packets the sender's system signed, and when, in one query."""
    found = SenderProof.objects.filter(sha256__in=set(filter(None, hashes)))
    return dict(found.values_list("sha256", "signed_at"))
