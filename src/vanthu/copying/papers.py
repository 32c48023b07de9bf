"""The words on a copy, and the check of the pages that a clerk brings.

Owns what the decrees ask to be written (NĐ 30/2020 PL I Phần II, PL III mẫu 3.1; NĐ 137/2024 Đ4–5).
"""

from __future__ import annotations

from typing import BinaryIO

from django.conf import settings

from vanthu.base import clock
from vanthu.copying.models import Copy, Form
from vanthu.copying.pages import Block, Mark
from vanthu.copying.rules import (
    CopySourceSecret,
    ScanBelowStandard,
    Wanted,
    is_scan,
    spelled,
)
from vanthu.copying.scans import scan_problems
from vanthu.formalities import CopyForm, printed_name
from vanthu.formalities.stampzone import stamp_marks
from vanthu.pades.numbering import printed_day, printed_month
from vanthu.pades.preparing import open_clean
from vanthu.pades.times import iso


def require_pages(wanted: Wanted, upload: BinaryIO) -> None:
    """Refuse an upload that may not become a copy; it is left at its beginning.

    Raises the PDF errors of ``vanthu.pades``, :class:`CopySourceSecret`, :class:`ScanBelowStandard`.
    """
    open_clean(upload).close()
    marks = stamp_marks(upload)
    if marks:
        raise CopySourceSecret(mark=marks[0].level.value)
    problems = scan_problems(upload) if is_scan(wanted.form, wanted.way) else []
    if problems:
        raise ScanBelowStandard(problems="; ".join(problems))
    upload.seek(0)


def lookup_url(copy: Copy) -> str:
    """Where anybody finds the copy's record."""
    return f"{settings.VANTHU.base_url.rstrip('/')}/c/{copy.lookup}"


def electronic_mark(copy: Copy) -> Mark:
    """Mark, time, converter and code of an electronic copy (NĐ 137/2024 Đ4)."""
    was = "văn bản giấy" if copy.way == "P2E" else "văn bản điện tử"
    return Mark(
        lookup_url(copy),
        (
            f"{CopyForm(copy.form).label}: chuyển từ {was} lúc {iso(copy.made_at)}",
            f"bởi {copy.agency.name}",
            f"Tra cứu: {_address()}",
            f"Mã: {spelled(copy.lookup)}",
        ),
    )


def paper_mark(copy: Copy) -> Mark:
    """Where a paper copy is looked up (NĐ 137/2024 Đ5)."""
    return Mark(lookup_url(copy), ("Tra cứu bản sao:", _address(), f"Mã: {spelled(copy.lookup)}"))


def footer(copy: Copy) -> tuple[str, ...]:
    """At the foot of each printed page: mark, system and owner, time, converter, code (NĐ 137/2024 Đ5)."""
    made = "từ văn bản điện tử" if copy.way == "E2P" else "từ văn bản giấy"
    return (
        f"{CopyForm(copy.form).label} {copy.code} {made}, {settings.VANTHU.site_name} của {copy.agency.name}",
        f"{iso(copy.made_at)} · {copy.made_by_name} · {_address()} · {spelled(copy.lookup)}",
    )


def block(copy: Copy) -> Block:
    """The parts of a paper copy under its line."""
    day = clock.local(copy.made_at)
    place = f"{copy.agency.place}, " if copy.agency.place else ""
    lines = (*copy.signer_competence.split("\n"), copy.signer_position.upper())
    return Block(
        form=CopyForm(copy.form).label,
        agency=printed_name(copy.agency.name),
        code=copy.code,
        dateline=f"{place}ngày {printed_day(day)} tháng {printed_month(day)} năm {day.year}",
        note=_note(copy),
        authority=tuple(line for line in lines if line),
        signer=copy.signer_name,
        recipients=tuple(_ended(copy.recipients)) or ("Như trên;", "Lưu: VT."),
    )


def _note(copy: Copy) -> str:
    if copy.form == Form.EXTRACT:
        return f"Trích {copy.extent} của văn bản số {copy.source_code}"
    if copy.form == Form.SECONDARY_COPY:
        return f"Sao từ {copy.made_from}"
    return ""


def _ended(lines: list[str]) -> list[str]:
    bare = [line.strip().rstrip(";.") for line in lines if line.strip()]
    return [f"{line};" for line in bare[:-1]] + [f"{line}." for line in bare[-1:]]


def _address() -> str:
    return settings.VANTHU.base_url.rstrip("/").removeprefix("https://").removeprefix("http://") + "/c/"
