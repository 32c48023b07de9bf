"""Proof files: a receipt or refusal with everything that shows it stood in the axis' log, in one JSON file.

The file holds the statement, the log's entries about its packet with their paths, the signed headers of their
batches, the time-stamps over these, the time-stamping authority's certificates, and the axis' public keys. It is
canonical JSON under a last signature of the axis over the whole, so that no byte of it can be changed unnoticed.
Verification needs the file and nothing else; ``Trust`` says in whom the reader believes anyway. Refuses to ask any
network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vanthu.evidence.batches import Header, covers, read_header
from vanthu.evidence.canonical import canonical
from vanthu.evidence.errors import BadKey, EvidenceError, ProofInvalid
from vanthu.evidence.keys import Key, KeySource, public_jwk, verifying_key
from vanthu.evidence.receipts import (
    RECEIPT,
    REFUSAL,
    Receipt,
    Refusal,
    instant,
    verify_receipt,
    verify_refusal,
    written,
)
from vanthu.evidence.statements import header_of, issue, verify
from vanthu.evidence.timestamps import Stamp, certificates_of, check_stamp

FORMAT = "vanthu-evidence"
SEAL = "vanthu-seal"
VERSION = 1
LARGEST_FILE = 64 << 20
_PARTS = {"batches", "certificates", "entries", "format", "keys", "seal", "statement", "version"}


@dataclass(frozen=True)
class Entry:
    """One entry of the log: its canonical JSON, the batch it is in, its place there (from 0), its path."""

    content: bytes
    batch: int
    position: int
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class SealedBatch:
    """A batch's signed header and its time-stamp token (DER; empty where the axis has no authority)."""

    header: str
    token: bytes = b""


@dataclass(frozen=True)
class Trust:
    """Whom the reader of a proof believes: keys of axes (by thumbprint), roots of time-stamping (DER).

    Empty means: not asked.
    """

    key_ids: frozenset[str] = frozenset()
    roots: tuple[bytes, ...] = ()
    helpers: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class ProvedEntry:
    """An entry that stands in the log. ``sequence`` counts the log from 1; ``stamp`` is that of its batch."""

    sequence: int
    content: Mapping[str, Any]
    batch: Header
    stamp: Stamp | None


@dataclass(frozen=True)
class Proof:
    """What a verified proof file shows.

    ``key_trusted`` is None where the reader named no key. ``key_id`` is the key of the statement.
    """

    statement: Receipt | Refusal
    entries: tuple[ProvedEntry, ...]
    key_id: str
    key_trusted: bool | None
    issued_at: datetime
    notes: tuple[str, ...] = field(default=())

    @property
    def packet_sha256(self) -> str:
        """The packet that it is about; empty for a refusal before the packet was read."""
        return self.statement.packet_sha256


def write_proof(
    key: Key,
    *,
    statement: str,
    entries: Sequence[Entry],
    batches: Sequence[SealedBatch],
    keys: Sequence[Mapping[str, Any]],
    certificates: Sequence[bytes] = (),
    issued_at: datetime,
) -> bytes:
    """The file. ``keys`` are the axis' public JWKs, ``certificates`` (DER) those behind its time-stamps.

    What the statement, the entries and the batches do not need is left out; raises ``ProofInvalid`` when the result
    would not verify.
    """
    used = {str(header_of(text)["kid"]) for text in (statement, *(batch.header for batch in batches))}
    used.add(key.thumbprint())
    content: dict[str, Any] = {
        "batches": [{"header": batch.header, "token": _base64(batch.token)} for batch in batches],
        "certificates": [_base64(der) for der in certificates],
        "entries": [
            {
                "batch": entry.batch,
                "content": json.loads(entry.content),
                "path": [step.hex() for step in entry.path],
                "position": entry.position,
            }
            for entry in entries
        ],
        "format": FORMAT,
        "keys": sorted((dict(jwk) for jwk in keys if jwk["kid"] in used), key=lambda jwk: str(jwk["kid"])),
        "statement": statement,
        "version": VERSION,
    }
    digest = hashlib.sha256(canonical(content)).hexdigest()
    content["seal"] = issue(key, SEAL, {"issuedAt": written(issued_at), "sha256": digest})
    data = canonical(content)
    verify_proof(data)
    return data


def verify_proof(data: bytes, trust: Trust = Trust(), *, packet_sha256: str | None = None) -> Proof:
    """What the file proves.

    ``packet_sha256`` (lower-case hex) is that of the packet at hand, to be the one that the proof is about. Raises
    :class:`ProofInvalid` with the first reason.
    """
    content = _opened(data)
    try:
        keys = _keys(content["keys"])
        sealed = _unsealed(content, keys)
        statement, token = _statement(content["statement"], keys), str(content["statement"])
        proof = Proof(
            statement=statement,
            entries=_entries(content, keys, trust),
            key_id=str(header_of(token)["kid"]),
            key_trusted=_all_trusted(keys, trust),
            issued_at=sealed,
        )
        _belong_together(proof, token)
    except ProofInvalid:
        raise
    except EvidenceError as problem:
        raise ProofInvalid(reason=problem.details.get("reason", problem.text)) from problem
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
        raise ProofInvalid(reason="thiếu hoặc thừa phần, hoặc sai kiểu") from problem
    if proof.key_trusted is False:
        raise ProofInvalid(reason="khóa ký không phải của trục được tin cậy")
    if packet_sha256 is not None and packet_sha256 != proof.packet_sha256:
        raise ProofInvalid(reason="gói tin không phải gói mà bằng chứng nói tới")
    return proof


def _opened(data: bytes) -> dict[str, Any]:
    """The content, if it is written as this module writes it and holds what it should and no more."""
    if len(data) > LARGEST_FILE:
        raise ProofInvalid(reason="tệp quá lớn")
    try:
        content = json.loads(data)
        written_so = canonical(content)
    except (ValueError, RecursionError, EvidenceError):
        raise ProofInvalid(reason="không phải JSON của tệp bằng chứng") from None
    if not isinstance(content, dict) or written_so != data:
        raise ProofInvalid(reason="cách viết bị thay đổi")
    if set(content) != _PARTS or content["format"] != FORMAT or content["version"] != VERSION:
        raise ProofInvalid(reason="không phải tệp bằng chứng của phiên bản này")
    return content


def _keys(listed: Any) -> dict[str, Any]:
    """The public keys as a JWK set; each under its own thumbprint, written as it is published."""
    for jwk in listed:
        if public_jwk(verifying_key(dict(jwk))) != jwk:
            raise BadKey
    return {"keys": list(listed)}


def _unsealed(content: Mapping[str, Any], keys: KeySource) -> datetime:
    """When the file was issued, if its last signature covers all the rest."""
    said = verify(str(content["seal"]), keys, SEAL)
    rest = {name: value for name, value in content.items() if name != "seal"}
    if said["sha256"] != hashlib.sha256(canonical(rest)).hexdigest():
        raise ProofInvalid(reason="nội dung khác với lúc cấp")
    return instant(said["issuedAt"])


def _statement(token: str, keys: KeySource) -> Receipt | Refusal:
    kind = header_of(token).get("typ")
    if kind == RECEIPT:
        return verify_receipt(token, keys)
    if kind == REFUSAL:
        return verify_refusal(token, keys)
    raise ProofInvalid(reason="không có biên nhận")


def _entries(content: Mapping[str, Any], keys: KeySource, trust: Trust) -> tuple[ProvedEntry, ...]:
    certificates = [base64.b64decode(text, validate=True) for text in content["certificates"]]
    batches = {}
    for item in content["batches"]:
        header = read_header(item["header"], keys)
        batches[header.number] = (header, _stamp(item, certificates, trust))
    if not content["entries"] or {entry["batch"] for entry in content["entries"]} != set(batches):
        raise ProofInvalid(reason="các sự kiện và các lô không khớp nhau")
    proved = []
    for entry in content["entries"]:
        header, stamp = batches[entry["batch"]]
        path = [bytes.fromhex(step) for step in entry["path"]]
        if not covers(header, canonical(entry["content"]), entry["position"], path):
            raise ProofInvalid(reason=f"sự kiện không nằm trong lô {header.number}")
        proved.append(ProvedEntry(header.first + entry["position"], entry["content"], header, stamp))
    return tuple(proved)


def _stamp(batch: Mapping[str, Any], certificates: Sequence[bytes], trust: Trust) -> Stamp | None:
    token = base64.b64decode(batch["token"], validate=True)
    if not token:
        if trust.roots:
            raise ProofInvalid(reason="lô không có dấu thời gian")
        return None
    helpers = (*trust.helpers, *certificates, *certificates_of(token))
    stamp = check_stamp(token, str(batch["header"]).encode(), roots=trust.roots, helpers=helpers)
    if trust.roots and not stamp.trusted:
        raise ProofInvalid(reason="dấu thời gian không do tổ chức được tin cậy cấp")
    return stamp


def _all_trusted(keys: Mapping[str, Any], trust: Trust) -> bool | None:
    if not trust.key_ids:
        return None
    return {str(jwk["kid"]) for jwk in keys["keys"]} <= trust.key_ids


def _belong_together(proof: Proof, token: str) -> None:
    """The first entry records this very statement; all entries are about its packet."""
    first, statement = proof.entries[0].content, proof.statement
    about = statement.doc_id if isinstance(statement, Receipt) else statement.refusal_id
    if first.get("statement") != hashlib.sha256(token.encode()).hexdigest():
        raise ProofInvalid(reason="biên nhận không phải biên nhận ghi trong nhật ký")
    if any(entry.content.get("about") != about for entry in proof.entries):
        raise ProofInvalid(reason="có sự kiện của gói tin khác")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
