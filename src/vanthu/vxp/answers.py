"""Server side: how an axis answers. HTTP 200 in every case; whether it was done stands in the JSON object."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vanthu.vxp.errors import ErrorCode
from vanthu.vxp.headers import VIETNAM

WIRE_TIME = "%d/%m/%Y %H:%M:%S"


def done(**more: Any) -> dict[str, Any]:
    """The answer to a call that was carried out, with what the operation adds (``DocId``, ``data``, ``count``)."""
    return {"status": "OK", "ErrorCode": ErrorCode.OK.value, "ErrorDesc": "Thanh cong", **more}


def failed(code: ErrorCode, text: str, **more: Any) -> dict[str, Any]:
    """The answer to a call that was refused."""
    return {"status": "FAIL", "ErrorCode": code.value, "ErrorDesc": text, **more}


def wire_time(instant: datetime | None) -> str:
    """An aware instant as the protocol writes it, in Vietnamese time; empty for none."""
    return instant.astimezone(VIETNAM).strftime(WIRE_TIME) if instant else ""
