"""evidence: hash-chained logs, receipts and their offline verification, on one canonical JSON.

Pure and usable alone, without the site that made the evidence. Refuses to store anything.
"""

from vanthu.evidence.canonical import canonical
from vanthu.evidence.chain import GENESIS, ChainVerdict, Link, append, link_hash, verify_chain
from vanthu.evidence.errors import BadKey, EvidenceError, NotCanonical, ReceiptInvalid
from vanthu.evidence.keys import Key, new_key, private_key, private_key_file, private_pem, public_jwk
from vanthu.evidence.receipts import Receipt, issue_receipt, verify_receipt

__all__ = [
    "GENESIS",
    "BadKey",
    "ChainVerdict",
    "EvidenceError",
    "Key",
    "Link",
    "NotCanonical",
    "Receipt",
    "ReceiptInvalid",
    "append",
    "canonical",
    "issue_receipt",
    "link_hash",
    "new_key",
    "private_key",
    "private_key_file",
    "private_pem",
    "public_jwk",
    "verify_chain",
    "verify_receipt",
]
