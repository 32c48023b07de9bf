"""Identifiers of documents (mã định danh văn bản): made by one rule, read by none.

A foreign identifier is an opaque text (UUIDs, numbers, several vendors' habits): kept exactly, compared after
Unicode normalisation, never taken apart, never made into a file name.
"""

from __future__ import annotations

import unicodedata
from datetime import date


def document_id(organ_id: str, promulgated: date, code: str) -> str:
    """``OrganId,yyyy/MM/dd,number/notation`` (QCVN 102:2016/BTTTT).

    ``promulgated`` is the date of issue, ``code`` number and notation as shown (``7816/VPCP-TTĐT``). The
    result is NFC and trimmed. Raises ``ValueError`` when a part is empty.
    """
    parts = (normal(organ_id), normal(code))
    if not all(parts):
        raise ValueError("agency code and document code must not be empty")
    day = f"{promulgated.year:04d}/{promulgated.month:02d}/{promulgated.day:02d}"
    return f"{parts[0]},{day},{parts[1]}"


def same(one: str, other: str) -> bool:
    """Whether two identifiers (of documents or agencies) are the same text after NFC and trimming."""
    return normal(one) == normal(other)


def normal(identifier: str) -> str:
    """The form in which identifiers are compared and indexed: NFC, trimmed, case kept."""
    return unicodedata.normalize("NFC", identifier).strip()
