"""An axis' receipt for a delivery, checked on the spot: is it genuine, for this packet, and in the axis' log.

Owns what a person is told about it. Refuses to keep a verdict: whoever wants to know asks again, or checks the file
offline (``vanthu evidence verify``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx
from django.conf import settings

from vanthu.errors import VanthuError
from vanthu.evidence import EvidenceError, Receipt, verify_receipt, verifying_key
from vanthu.evidence.proofs import Proof, Trust, verify_proof
from vanthu.evidence.statements import header_of
from vanthu.evidence.timestamps import Stamp
from vanthu.exchange import axes, axis, lines
from vanthu.exchange.axes import Axis
from vanthu.exchange.models import Delivery
from vanthu.exchange.rules import ExchangeError
from vanthu.pades.trust import certificates_in
from vanthu.vxp import VxpBadAnswer, VxpRefused, VxpUnreachable


class ProofNotYet(ExchangeError):
    """The axis has no proof file for the packet, or cannot be asked now."""

    code = "EXCHANGE_PROOF_NOT_YET"
    message = "Chưa lấy được tệp bằng chứng từ trục: {reason}. Hãy thử lại sau ít phút."
    http_status = 503


class Outcome(str, Enum):
    """What the check found; UNKNOWN when the axis' key could not be had."""

    VALID = "VALID"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Checked:
    """The verdict on one receipt.

    ``entries`` is how often the axis' log speaks of the packet, ``stamp`` the time-stamp of the first of its batches;
    ``pending`` says why there is no proof file yet.
    """

    outcome: Outcome
    reason: str = ""
    said: Receipt | None = None
    key_id: str = ""
    entries: int = 0
    stamp: Stamp | None = None
    pending: str = ""


def check(delivery: Delivery) -> Checked:
    """Check the delivery's receipt under the axis' public key, and its place in the axis' log where that is sealed.

    Asks the axis twice at most. The sentences are the errors' own.
    """
    known = axes.by_name(delivery.axis)
    if known is None:
        return Checked(Outcome.UNKNOWN, "Trục đã gửi văn bản này không còn được khai báo.")
    try:
        keys = axis.receipt_keys(known.url)
    except (httpx.HTTPError, ValueError):
        return Checked(Outcome.UNKNOWN, "Chưa lấy được khóa công khai của trục; hãy thử lại sau.")
    try:
        said = verify_receipt(delivery.receipt, keys)
    except EvidenceError as error:
        return Checked(Outcome.INVALID, error.text)
    if delivery.packet is None or said.packet_sha256 != delivery.packet.sha256:
        return Checked(Outcome.INVALID, "Biên nhận nói về một gói tin khác.", said)
    return _with_proof(known, delivery, said, keys)


def proof_file(delivery: Delivery) -> bytes:
    """The axis' proof file for the delivery's packet; it verifies offline. Raises :class:`ProofNotYet`."""
    known = axes.by_name(delivery.axis)
    if known is None:
        raise ProofNotYet(reason="trục không còn được khai báo")
    return _proof_file(known, delivery)


def _with_proof(known: Axis, delivery: Delivery, said: Receipt, keys: Mapping[str, Any]) -> Checked:
    key_id = str(header_of(delivery.receipt).get("kid", ""))
    try:
        data = _proof_file(known, delivery)
    except ProofNotYet as error:
        return Checked(Outcome.VALID, said=said, key_id=key_id, pending=error.text)
    try:
        proof = verify_proof(data, _key_trust(keys), packet_sha256=said.packet_sha256)
    except EvidenceError as error:
        return Checked(Outcome.INVALID, error.text, said, key_id)
    if json.loads(data)["statement"] != delivery.receipt:
        return Checked(Outcome.INVALID, "Tệp bằng chứng của trục chứa một biên nhận khác.", said, key_id)
    return Checked(Outcome.VALID, "", said, key_id, len(proof.entries), _stamp(data, proof))


def _proof_file(known: Axis, delivery: Delivery) -> bytes:
    try:
        return lines.client(known).evidence(delivery.axis_doc_id)
    except (VxpRefused, VxpUnreachable, VxpBadAnswer) as error:
        raise ProofNotYet(reason=_of(error)) from error


def _of(error: VanthuError) -> str:
    return str(error.details.get("reason") or error.text).rstrip(".")


def _stamp(data: bytes, proof: Proof) -> Stamp | None:
    """The first time-stamp; trusted where this site's roots stand behind every one. An axis may have none."""
    with suppress(EvidenceError):
        proof = verify_proof(data, _root_trust())
    stamps = (entry.stamp for entry in proof.entries if entry.stamp)
    return min(stamps, key=lambda stamp: stamp.at, default=None)


def _key_trust(keys: Mapping[str, Any]) -> Trust:
    """The keys that the axis publishes."""
    return Trust(frozenset(verifying_key(jwk).thumbprint() for jwk in keys.get("keys", [])))


def _root_trust() -> Trust:
    """The roots of time-stamping that this site trusts."""
    folder = settings.VANTHU.trust_dir
    roots = tuple(one.dump() for one in certificates_in(folder, "root*.pem"))
    helpers = tuple(one.dump() for one in certificates_in(folder, "intermediate*.pem"))
    return Trust(roots=roots, helpers=helpers)
