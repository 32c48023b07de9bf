"""What an electronic document must carry before it is sent (QĐ 28/2018/QĐ-TTg Đ10, QCVN 102:2016; R108).

Pure: looks at rows that are given. Names each missing element and where it is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vanthu.exchange import rules
from vanthu.exchange.routes import Route
from vanthu.records.models import Document


@dataclass(frozen=True)
class Missing:
    """One element that is not there, and where somebody fills it in."""

    element: str
    where: str


def missing(document: Document, ways: Sequence[Route], *, numbered: bool = True) -> list[Missing]:
    """Every mandatory element that the document lacks; ``numbered`` false leaves out what the clerk's button gives."""
    agency = document.agency
    given = [
        (numbered and not document.document_id, "mã định danh văn bản", "được cấp cùng số văn bản"),
        (numbered and not document.code, "số, ký hiệu", "văn thư cấp số"),
        (numbered and not document.issued_date, "ngày ban hành", "được ghi khi cấp số"),
        (not document.issue_place, "địa danh", "ô Địa danh của dự thảo"),
        (not document.type_code, "tên loại", "ô Tên loại của dự thảo"),
        (not document.subject, "trích yếu", "ô Trích yếu nội dung của dự thảo"),
        (not agency.organ_id, "mã định danh của cơ quan gửi", "quản trị bổ sung trong danh bạ cơ quan"),
        (not agency.name, "tên cơ quan gửi", "quản trị bổ sung trong danh bạ cơ quan"),
        (not document.signer_name, "họ tên người ký", "ô Người ký của dự thảo"),
        (not document.signer_position, "chức vụ người ký", "quản trị bổ sung ở vị trí công tác của người ký"),
        (not document.page_count, "số trang", "tệp văn bản của dự thảo"),
    ]
    found = [Missing(element, where) for lacking, element, where in given if lacking]
    for way in ways:
        if not (way.code and way.agency.name):
            found.append(Missing(f"mã định danh hoặc tên của “{way.agency.name}”", "danh bạ cơ quan"))
    return found


def require(document: Document, ways: Sequence[Route], *, numbered: bool = True) -> None:
    """Raise :class:`rules.Incomplete` with every missing element and its place."""
    lacking = missing(document, ways, numbered=numbered)
    if lacking:
        raise rules.Incomplete(missing="; ".join(f"{item.element} ({item.where})" for item in lacking))
