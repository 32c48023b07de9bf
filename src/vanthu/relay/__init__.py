"""relay: the modern door of an axis -- message signatures (RFC 9421), proofs of sending, a client.

Pure and usable alone. Owns how a signed call looks on the wire. Refuses to store anything and to read packets.
"""

from vanthu.relay.client import Client
from vanthu.relay.digests import digest_field, digest_of
from vanthu.relay.errors import (
    DigestWrong,
    KeyUnknown,
    RelayError,
    SignatureExpired,
    SignatureMissing,
    SignatureUsed,
    SignatureWrong,
)
from vanthu.relay.line import About, AgencyChanges, Line, OnTheWay, Partner, SignedRow, Waiting
from vanthu.relay.proofs import Proof, Statement, check_proof
from vanthu.relay.publications import (
    Publication,
    PublicationWrong,
    Published,
    check_publication,
    publication,
)
from vanthu.relay.signatures import (
    Claim,
    Message,
    algorithm_of,
    read_claim,
    sign_message,
    signature_base,
    verified,
)

__all__ = [
    "About",
    "AgencyChanges",
    "Claim",
    "Client",
    "DigestWrong",
    "KeyUnknown",
    "Line",
    "Message",
    "OnTheWay",
    "Partner",
    "Proof",
    "Publication",
    "PublicationWrong",
    "Published",
    "RelayError",
    "SignatureExpired",
    "SignatureMissing",
    "SignatureUsed",
    "SignatureWrong",
    "SignedRow",
    "Statement",
    "Waiting",
    "algorithm_of",
    "check_proof",
    "check_publication",
    "digest_field",
    "digest_of",
    "publication",
    "read_claim",
    "sign_message",
    "signature_base",
    "verified",
]
