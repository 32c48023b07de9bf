"""Trusted lists (ETSI TS 119 612): who provides trust services, and from when until when each was recognised.

Owns reading a hostile list, checking that the expected scheme operator signed it, and what its services are trusted
for. Refuses to fetch anything, to follow lists that a list points to, and to judge whether a certificate is a
qualified one.
"""

from vanthu.trustlists.errors import (
    ListNotSigned,
    ListUnreadable,
    ListWrongSigner,
    ListYoungerThanNow,
    TrustListProblem,
)
from vanthu.trustlists.model import Pointer, Service, Status, TrustedList
from vanthu.trustlists.verifying import LARGEST_LIST, read_list

__all__ = [
    "LARGEST_LIST",
    "ListNotSigned",
    "ListUnreadable",
    "ListWrongSigner",
    "ListYoungerThanNow",
    "Pointer",
    "Service",
    "Status",
    "TrustListProblem",
    "TrustedList",
    "read_list",
]
