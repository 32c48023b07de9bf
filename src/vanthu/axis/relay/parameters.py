"""Arguments of the doors in query and header, with their bounds; the description takes them over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja.params import functions as given

from vanthu.axis.envelope import MOST_URGENT
from vanthu.axis.queries import LIST_LIMIT
from vanthu.axis.relay.waiting import LONGEST

PAGE = 200

Kind = Annotated[
    str,
    given.Query(
        ...,
        alias="type",
        max_length=30,
        description="edoc, status, or a type that the axis declares",
        example="edoc",
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
    str,
    given.Query(..., alias="from", max_length=35, description="agency code of the sender", example="H27.01"),
]
Agency = Annotated[str, given.Query(..., max_length=35, description="agency code", example="H27.01")]
Code = Annotated[str, given.Path(..., description="code of one of the caller's agencies", example="H27.01")]
Kid = Annotated[
    str,
    given.Path(
        ..., description="JWK thumbprint (RFC 7638)", example="NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    ),
]
_ID = "01a2039a-5f64-7798-bde0-8b04d559fa9d"
PacketId = Annotated[str, given.Path(..., description="id of the answer to the upload", example=_ID)]
DeliveryId = Annotated[str, given.Path(..., description="id of the list of deliveries", example=_ID)]
DocId = Annotated[str, given.Path(..., description="id of a packet, a delivery or a refusal", example=_ID)]
WebhookId = Annotated[UUID, given.Path(..., description="id of the caller's webhook", example=_ID)]
Limit = Annotated[int, given.Query(PAGE, ge=1, le=LIST_LIMIT, description="rows at most", example=PAGE)]
After = Annotated[
    int, given.Query(0, ge=0, le=1 << 60, description="version up to which the caller has the list")
]
AfterCode = Annotated[
    str, given.Query("", alias="after", max_length=35, description="last code of the page before")
]
PageLimit = Annotated[
    int, given.Query(LIST_LIMIT, ge=1, le=LIST_LIMIT, description="rows at most", example=PAGE)
]
Seconds = Annotated[
    int, given.Query(LONGEST, ge=0, le=LONGEST, description="how long to wait at most", example=LONGEST)
]
Known = Annotated[str, given.Query("", max_length=100, description="``known`` of the last answer")]
Since = Annotated[
    datetime | None,
    given.Query(None, description="RFC 3339, by default 30 days before", example="2026-11-01T00:00:00+07:00"),
]
Until = Annotated[
    datetime | None,
    given.Query(None, description="RFC 3339, by default now", example="2026-12-01T00:00:00+07:00"),
]
