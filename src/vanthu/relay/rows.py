"""Rows of the modern door's answers as those of the VXP client, so that callers need not know which door it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vanthu.relay.line import Lack, OnTheWay, Shown, SignedRow
from vanthu.relay.proofs import Proof
from vanthu.vxp import AgencyRow, SentRow, VxpBadAnswer
from vanthu.vxp.headers import VIETNAM
from vanthu.vxp.rows import text_of


def rows_of(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The rows of an answer under a name. Raises ``VxpBadAnswer``."""
    rows = answer.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise VxpBadAnswer(reason=f"{name} không phải danh sách")
    return rows


def agency_row(row: Mapping[str, Any]) -> AgencyRow:
    """An agency of the list, with its earlier codes."""
    code = text_of(row, "code")
    earlier = tuple(other for other in codes_of(row) if other != code)
    return AgencyRow(
        id=text_of(row, "id"),
        parent_id=text_of(row, "parent"),
        code=code,
        name=text_of(row, "name"),
        email=text_of(row, "email"),
        old_code=next(iter(earlier), ""),
        old_codes=earlier,
        stage=text_of(row, "stage"),
    )


def codes_of(row: Mapping[str, Any]) -> list[str]:
    """Every code that a row of the list names."""
    codes = row.get("codes")
    return [str(code) for code in codes] if isinstance(codes, list) else []


def received_row(row: Mapping[str, Any]) -> SignedRow:
    """A packet that waits, with its sender's signature."""
    size = row.get("size")
    return SignedRow(
        doc_id=text_of(row, "id"),
        service_type="eDoc",
        message_type=text_of(row, "type"),
        created=wire_time(text_of(row, "createdAt")),
        updated=wire_time(text_of(row, "updatedAt")),
        sender=text_of(row, "sender"),
        recipient=text_of(row, "recipient"),
        status=text_of(row, "state"),
        status_desc="",
        sha256=text_of(row, "sha256").lower(),
        size=size if isinstance(size, int) else None,
        proof=Proof.read(row.get("proof")),
        priority=int(row.get("priority") or 0),
        trial=row.get("trial") is True,
    )


def sent_row(row: Mapping[str, Any]) -> SentRow:
    """The transport state of a packet at one recipient."""
    return SentRow(
        sender_doc_id=text_of(row, "packet"),
        receiver_doc_id=text_of(row, "delivery"),
        sender=text_of(row, "sender"),
        recipient=text_of(row, "recipient"),
        message_type=text_of(row, "type"),
        send_status="done",
        send_status_desc="",
        receive_status=text_of(row, "state"),
        receive_status_desc=text_of(row, "description"),
        sent_time=wire_time(text_of(row, "acceptedAt")),
        received_time=wire_time(text_of(row, "acknowledgedAt")),
        trial=row.get("trial") is True,
    )


def trials_of(answer: Mapping[str, Any]) -> tuple[str, ...] | None:
    """To whom an accepted packet goes as a trial; None: the axis does not tell."""
    codes = answer.get("trials")
    return tuple(str(code) for code in codes) if isinstance(codes, list) else None


def on_the_way(row: Mapping[str, Any]) -> OnTheWay:
    """An agency's way onto the axis."""
    return OnTheWay(
        code=text_of(row, "code"),
        stage=text_of(row, "stage"),
        stage_at=_instant(text_of(row, "stageAt")),
        items=tuple(
            Shown(
                text_of(item, "item"),
                text_of(item, "text"),
                _instant(text_of(item, "passedAt")),
                text_of(item, "docId"),
            )
            for item in rows_of(row, "items")
        ),
        gaps=tuple(Lack(text_of(gap, "text"), text_of(gap, "lack")) for gap in rows_of(row, "gaps")),
    )


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise VxpBadAnswer(reason="thời điểm không hợp lệ") from None


def wire_time(text: str) -> str:
    """An RFC 3339 instant as the rows of the VXP client write it; empty for none."""
    at = _instant(text)
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}" if at else ""


def between(row: SignedRow, start: datetime | None, end: datetime | None) -> bool:
    """Whether a row was made between two aware instants (None: no border)."""
    if start is None and end is None:
        return True
    at = datetime.strptime(row.created, "%d/%m/%Y %H:%M:%S").replace(tzinfo=VIETNAM)
    return (start is None or at >= start.replace(microsecond=0)) and (end is None or at <= end)
