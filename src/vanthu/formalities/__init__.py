"""What an administrative document is: types, number and notation, urgency, and how its page is read.

Follows NĐ 30/2020/NĐ-CP. Refuses to hand out numbers, to sign and to store: it only knows forms. The modules
that open PDF files (``placement``, ``reading``, ``conversion``) are imported on their own.
"""

from __future__ import annotations

from vanthu.formalities.letterhead import printed_name
from vanthu.formalities.marks import CirculationRestriction, CopyForm, Steering, Urgency
from vanthu.formalities.notation import (
    BadNotation,
    DocumentCode,
    check_abbreviation,
    code,
    notation,
    number_text,
    parse_code,
)
from vanthu.formalities.types import (
    DOCUMENT_TYPES,
    DocumentType,
    Family,
    find_by_name,
    find_by_notation,
    types_of,
)

__all__ = [
    "DOCUMENT_TYPES",
    "BadNotation",
    "CirculationRestriction",
    "CopyForm",
    "DocumentCode",
    "DocumentType",
    "Family",
    "Steering",
    "Urgency",
    "check_abbreviation",
    "code",
    "find_by_name",
    "find_by_notation",
    "notation",
    "number_text",
    "parse_code",
    "printed_name",
    "types_of",
]
