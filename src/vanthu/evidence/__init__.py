"""evidence: signed statements, hash-chained logs, sealed batches, and proof files that are checked offline.

Pure and usable alone, without the site that made the evidence. Refuses to store anything. Proof files and
time-stamps are in :mod:`vanthu.evidence.proofs` and :mod:`vanthu.evidence.timestamps`.
"""

from vanthu.evidence.canonical import canonical
from vanthu.evidence.chain import GENESIS, ChainVerdict, Link, append, link_hash, verify_chain
from vanthu.evidence.errors import (
    BadKey,
    EvidenceError,
    NotCanonical,
    ProofInvalid,
    ReceiptInvalid,
    StampInvalid,
    StatementInvalid,
)
from vanthu.evidence.keys import (
    Key,
    made_key_file,
    new_key,
    private_key,
    private_key_file,
    private_pem,
    public_jwk,
    verifying_key,
)
from vanthu.evidence.receipts import (
    Receipt,
    Refusal,
    issue_receipt,
    issue_refusal,
    verify_receipt,
    verify_refusal,
)
from vanthu.evidence.statements import issue, verify

__all__ = [
    "GENESIS",
    "BadKey",
    "ChainVerdict",
    "EvidenceError",
    "Key",
    "Link",
    "NotCanonical",
    "ProofInvalid",
    "Receipt",
    "ReceiptInvalid",
    "Refusal",
    "StampInvalid",
    "StatementInvalid",
    "append",
    "canonical",
    "issue",
    "issue_receipt",
    "issue_refusal",
    "link_hash",
    "made_key_file",
    "new_key",
    "private_key",
    "private_key_file",
    "private_pem",
    "public_jwk",
    "verify",
    "verify_chain",
    "verify_receipt",
    "verify_refusal",
    "verifying_key",
]
