"""Document types: the 29 administrative ones of NĐ 30/2020 and the legal normative ones, with abbreviations.

Abbreviations are case-sensitive and compared exactly after NFC (QyĐ is not QĐ, DA is not ĐA). ``edxml_type``
and ``edxml_detail`` are the numbers of QCVN 102:2016; detail 0 means that the standard's list has no such
entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from vanthu.vietnamese.text import fold, nfc


class Family(Enum):
    """Which law governs the making of a document."""

    ADMINISTRATIVE = "Văn bản hành chính"
    LEGAL_NORMATIVE = "Văn bản quy phạm pháp luật"

    @property
    def label(self) -> str:
        """Vietnamese name."""
        return self.value


@dataclass(frozen=True)
class DocumentType:
    """One type of document.

    ``code`` is a stable ASCII identifier, ``name`` what is printed on the page, ``abbreviation`` what stands
    in the notation (empty for công văn, thư công). ``issuable`` is False for types that may arrive or be
    cited but that agencies working here do not issue (Luật; Chỉ thị as a legal normative type, dropped by the
    law of 2015).
    """

    code: str
    name: str
    abbreviation: str
    family: Family
    edxml_type: int
    edxml_detail: int
    issuable: bool = True

    @property
    def label(self) -> str:
        """Name that tells apart types printed alike: ``Quyết định (quy phạm pháp luật)``."""
        if self.family is Family.LEGAL_NORMATIVE and self.name in _NAMES_IN_BOTH_FAMILIES:
            return f"{self.name} (quy phạm pháp luật)"
        return self.name

    @property
    def heads_subject(self) -> bool:
        """Whether the page prints the type above its subject; công văn prints "V/v …", thư công nothing."""
        return self.code not in {"CONG_VAN", "THU_CONG"}


_EDXML_LEGAL_NORMATIVE = 1
_EDXML_ADMINISTRATIVE = 2
_NAMES_IN_BOTH_FAMILIES = frozenset({"Nghị quyết", "Quyết định", "Chỉ thị"})

# Phụ lục III, mục I of NĐ 30/2020 in its order; công văn and thư công (Điều 7) carry no abbreviation.
_ADMINISTRATIVE: tuple[tuple[str, str, str, int], ...] = (
    ("NGHI_QUYET", "Nghị quyết", "NQ", 1),
    ("QUYET_DINH", "Quyết định", "QĐ", 2),
    ("CHI_THI", "Chỉ thị", "CT", 3),
    ("QUY_CHE", "Quy chế", "QC", 4),
    ("QUY_DINH", "Quy định", "QyĐ", 5),
    ("THONG_CAO", "Thông cáo", "TC", 6),
    ("THONG_BAO", "Thông báo", "TB", 7),
    ("HUONG_DAN", "Hướng dẫn", "HD", 8),
    ("CHUONG_TRINH", "Chương trình", "CTr", 9),
    ("KE_HOACH", "Kế hoạch", "KH", 10),
    ("PHUONG_AN", "Phương án", "PA", 11),
    ("DE_AN", "Đề án", "ĐA", 12),
    ("DU_AN", "Dự án", "DA", 13),
    ("BAO_CAO", "Báo cáo", "BC", 14),
    ("BIEN_BAN", "Biên bản", "BB", 15),
    ("TO_TRINH", "Tờ trình", "TTr", 16),
    ("HOP_DONG", "Hợp đồng", "HĐ", 17),
    ("CONG_VAN", "Công văn", "", 18),
    ("CONG_DIEN", "Công điện", "CĐ", 19),
    ("BAN_GHI_NHO", "Bản ghi nhớ", "BGN", 20),
    ("BAN_THOA_THUAN", "Bản thỏa thuận", "BTT", 22),
    ("GIAY_UY_QUYEN", "Giấy ủy quyền", "GUQ", 24),
    ("GIAY_MOI", "Giấy mời", "GM", 25),
    ("GIAY_GIOI_THIEU", "Giấy giới thiệu", "GGT", 26),
    ("GIAY_NGHI_PHEP", "Giấy nghỉ phép", "GNP", 27),
    ("PHIEU_GUI", "Phiếu gửi", "PG", 30),
    ("PHIEU_CHUYEN", "Phiếu chuyển", "PC", 31),
    ("PHIEU_BAO", "Phiếu báo", "PB", 0),
    ("THU_CONG", "Thư công", "", 32),
)

_LEGAL_NORMATIVE: tuple[tuple[str, str, str, int, bool], ...] = (
    ("LUAT", "Luật", "", 2, False),
    ("PHAP_LENH", "Pháp lệnh", "", 3, False),
    ("LENH", "Lệnh", "L", 4, False),
    ("NGHI_QUYET_QPPL", "Nghị quyết", "NQ", 5, True),
    ("NGHI_QUYET_LIEN_TICH", "Nghị quyết liên tịch", "NQLT", 6, True),
    ("NGHI_DINH", "Nghị định", "NĐ", 7, True),
    ("QUYET_DINH_QPPL", "Quyết định", "QĐ", 8, True),
    ("THONG_TU", "Thông tư", "TT", 9, True),
    ("THONG_TU_LIEN_TICH", "Thông tư liên tịch", "TTLT", 10, True),
    ("CHI_THI_QPPL", "Chỉ thị", "CT", 11, False),
)


def _all_types() -> dict[str, DocumentType]:
    administrative = [
        DocumentType(code, name, short, Family.ADMINISTRATIVE, _EDXML_ADMINISTRATIVE, detail)
        for code, name, short, detail in _ADMINISTRATIVE
    ]
    normative = [
        DocumentType(code, name, short, Family.LEGAL_NORMATIVE, _EDXML_LEGAL_NORMATIVE, detail, issuable)
        for code, name, short, detail, issuable in _LEGAL_NORMATIVE
    ]
    return {kind.code: kind for kind in administrative + normative}


DOCUMENT_TYPES: Mapping[str, DocumentType] = MappingProxyType(_all_types())
"""Every known type by its code, administrative ones first, in the decree's order."""

_NORMATIVE_WORDS = ("quy pham phap luat", "qppl")
_BY_FOLDED_NAME: dict[tuple[Family, str], DocumentType] = {
    (kind.family, fold(kind.name)): kind for kind in DOCUMENT_TYPES.values()
}


def types_of(family: Family) -> tuple[DocumentType, ...]:
    """The types of one family, in the decree's order."""
    return tuple(kind for kind in DOCUMENT_TYPES.values() if kind.family is family)


def find_by_name(name: str, family: Family | None = None) -> DocumentType | None:
    """Type with this name, whatever its case, accents and spacing; None when there is none.

    Understands the bracketed forms "Quyết định (cá biệt)" and "Quyết định (quy phạm pháp luật)". A name that
    both families share means the administrative type, unless the name or ``family`` says otherwise.
    """
    folded = " ".join(fold(name).split())
    if family is None and any(words in folded for words in _NORMATIVE_WORDS):
        family = Family.LEGAL_NORMATIVE
    plain = folded.split("(")[0].strip(" .:")
    families = tuple(Family) if family is None else (family,)
    found = (_BY_FOLDED_NAME.get((candidate, plain)) for candidate in families)
    return next((kind for kind in found if kind is not None), None)


def find_by_notation(notation: str) -> DocumentType | None:
    """Type that a notation tells of: ``QĐ-UBND``, ``2026/QĐ-UBND`` (legal normative), ``UBND-VX`` (công văn).

    None for an empty notation and for one that starts with a year but no known abbreviation.
    """
    year, _, rest = nfc(notation).strip().rpartition("/")
    family = Family.LEGAL_NORMATIVE if year else Family.ADMINISTRATIVE
    first = rest.split("-")[0]
    for kind in types_of(family):
        if kind.abbreviation and kind.abbreviation == first:
            return kind
    return DOCUMENT_TYPES["CONG_VAN"] if rest and not year else None
