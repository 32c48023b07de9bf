"""Arguments of the doors in query and header, with their bounds; the description takes them over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja.params import functions as given

from vanthu.axis.envelope import MOST_URGENT
from vanthu.axis.queries import LIST_LIMIT
from vanthu.axis.relay.waiting import LONGEST

PAGE = 200

Kind = Annotated[
    str,
    given.Query(
        ..., alias="type", max_length=30, description="edoc, status, or a type that the axis declares"
    ),
]
DocumentId = Annotated[
    str,
    given.Query(
        "", alias="documentId", max_length=255, description="of a packet whose body the axis does not read"
    ),
]
Priority = Annotated[
    int, given.Query(0, ge=0, le=MOST_URGENT, description="of a packet whose body the axis does not read")
]
Sender = Annotated[
    str, given.Query(..., alias="from", max_length=35, description="agency code of the sender")
]
Agency = Annotated[str, given.Query(..., max_length=35)]
Limit = Annotated[int, given.Query(PAGE, ge=1, le=LIST_LIMIT)]
After = Annotated[int, given.Query(0, ge=0, le=1 << 60)]
AfterCode = Annotated[str, given.Query("", alias="after", max_length=35)]
PageLimit = Annotated[int, given.Query(LIST_LIMIT, ge=1, le=LIST_LIMIT)]
Seconds = Annotated[int, given.Query(LONGEST, ge=0, le=LONGEST)]
Known = Annotated[str, given.Query("", max_length=100)]
Instant = Annotated[datetime | None, given.Query(None)]

UPLOAD_HEADERS = [
    {
        "in": "header",
        "name": name,
        "required": required,
        "description": text,
        "schema": {"type": "string"},
    }
    for name, required, text in (
        ("Idempotency-Key", True, "1 to 200 ASCII characters; the same key and body gives the same answer"),
        ("Content-Digest", True, "sha-256 of the body (RFC 9530)"),
        ("Packet-To", False, "JSON array of agency codes, instead of the recipients in the packet"),
    )
]
"""Read and checked where the upload is, so that they are covered by its signature; described here."""
