"""The minutes of a hand-over as a paper of the record: numbered in the register of devices, kept as PDF/A (R66, R67).

Plain functions for the action that completes a hand-over; they run in its transaction, so a hand-over has its minutes
or is not done. Refuses to compose them anew: what was kept stays.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import typst

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.directory.models import Post
from vanthu.formalities import number_text, printed_name
from vanthu.formalities.fonts import tinos_folder
from vanthu.pades.numbering import printed_day, printed_month
from vanthu.records import numbers
from vanthu.records.models import Direction, Register
from vanthu.signing.device_models import Handover

REGISTER_NAME = "Sổ biên bản bàn giao thiết bị lưu khóa"
_CODE = "BBBG"
_FOR_KEEPING: Final = "a-2b"
"""PDF/A-2b, as all papers of the site (TT 05/2025/TT-BNV)."""
_TEMPLATE = Path(__file__).with_name("minutes.typ")


def number_and_keep(actor: Actor, row: Handover) -> None:
    """Give the completed hand-over its number and keep its minutes; the row is the caller's to save."""
    agency = row.device.agency
    said = f"Bàn giao thiết bị {row.device.serial} cho {row.taker.person.full_name}"
    row.entry = numbers.take_number(_register(agency.pk), None, actor, said=said)
    notation = "-".join(filter(None, (_CODE, agency.abbreviation)))
    row.code = f"{number_text(row.entry.number)}/{notation}"
    row.minutes_sha256 = store.put(composed(row)).sha256


def composed(row: Handover) -> bytes:
    """The minutes of a completed hand-over as PDF/A-2b, with what both sides confirmed and when (Viet Nam time)."""
    assert row.done_at is not None
    device, agency = row.device, row.device.agency
    day = clock.local(row.done_at)
    content = {
        "agency": printed_name(agency.name),
        "code": row.code,
        "town": f"{agency.place}, " if agency.place else "",
        "day": f"ngày {printed_day(day)} tháng {printed_month(day)} năm {day.year}",
        "grounds": [text for text in (row.permission, row.regulation) if text],
        "place": row.place,
        "giver": _side(row.giver) if row.giver else _for_agency(agency.name, row.giver_name),
        "taker": _side(row.taker),
        "facts": [
            ["Loại thiết bị", device.get_kind_display()],
            ["Số hiệu", device.serial],
            ["Tên gọi", device.label or "–"],
            ["Thiết bị của", device.owner.person.full_name if device.owner else agency.name],
            ["Tình trạng", row.condition or "Hoạt động bình thường"],
        ],
        "given": [_when(row.given_at), row.giver.person.full_name if row.giver else row.giver_name],
        "taken": [_when(row.taken_at), row.taker.person.full_name],
    }
    inputs = {"data": json.dumps(content, ensure_ascii=False)}
    fonts = [tinos_folder()]
    return bytes(
        typst.compile(
            _TEMPLATE,
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
            pdf_standards=_FOR_KEEPING,
        )
    )


def _register(agency_id: UUID) -> Register:
    """The book of minutes, opened with the first ones."""
    book, _ = Register.objects.get_or_create(
        agency_id=agency_id,
        direction=Direction.OUTGOING,
        name=REGISTER_NAME,
        defaults={"type_codes": [_CODE]},
    )
    return book


def _side(post: Post) -> str:
    return ", ".join(
        filter(None, (post.person.full_name, post.position, post.unit.name if post.unit else ""))
    )


def _for_agency(name: str, by: str) -> str:
    return f"{name}, do {by} đại diện"


def _when(at: datetime | None) -> str:
    assert at is not None
    return f"{clock.local(at):%H:%M ngày %d/%m/%Y}"
