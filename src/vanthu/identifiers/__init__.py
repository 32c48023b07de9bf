"""Identifiers on the wire: the three generations of agency codes, and document identifiers.

Owns their shapes; refuses to know which agencies exist (``directory`` does).

    parse("000.00.15.H51").level1                            # "H51"
    qcvn_to_qd20_guess("000.00.15.H51")                      # "H51.15", to be confirmed by the axis' list
    document_id("H41.02", date(2026, 3, 9), "12/QĐ-STC")     # "H41.02,2026/03/09,12/QĐ-STC"
    same(a, b)                                               # equal after NFC and trimming
"""

from vanthu.identifiers.agency import MAX_LENGTH, AgencyCode, CodeKind, parse, qcvn_to_qd20_guess
from vanthu.identifiers.documents import document_id, normal, same

__all__ = [
    "MAX_LENGTH",
    "AgencyCode",
    "CodeKind",
    "document_id",
    "normal",
    "parse",
    "qcvn_to_qd20_guess",
    "same",
]
