"""How instants are written for people: always Viet Nam's zone, always with the offset where it matters."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

VIET_NAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def written(instant: datetime) -> str:
    """``21/11/2026 16:41:07`` in Viet Nam's time."""
    return instant.astimezone(VIET_NAM).strftime("%d/%m/%Y %H:%M:%S")


def iso(instant: datetime) -> str:
    """``2026-11-20T16:41:07+07:00``: ISO 8601 in Viet Nam's time (NĐ 30/2020 PL I.II.8b)."""
    return instant.astimezone(VIET_NAM).isoformat(timespec="seconds")


def require_zone(instant: datetime) -> datetime:
    """``instant`` itself; a clock reading without a zone is a programming error."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return instant
