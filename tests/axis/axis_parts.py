"""What the tests of the axis share: the axis with its members, and packets as short as it needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from vanthu.vxp import Client

EDXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


@dataclass
class Axis:
    """An axis and one client per member; ``secrets`` by system id, ``http`` for calls without a client."""

    url: str
    secrets: dict[str, str]
    http: httpx.Client

    @property
    def province(self) -> Client:
        """The system H27."""
        return self.client("H27")

    @property
    def district(self) -> Client:
        """The system H37."""
        return self.client("H37")

    def client(self, system_id: str, **options: Any) -> Client:
        """A client of a member."""
        return Client(self.url, system_id, self.secrets[system_id], http=self.http, **options)

    def keys(self) -> Any:
        """The published keys of the axis."""
        return self.http.get(self.url + "/axis/jwks.json").json()


def document(
    *,
    sender: str = "H27.01",
    to: tuple[str, ...] = ("H37.05",),
    document_id: str = "H27.01,2026/11/21,15/SNV",
    business: int | None = 0,
    priority: int = 0,
    payload: bytes = b"JVBERi0xLjcK",
) -> bytes:
    """A document packet as short as the axis needs it; ``payload`` is the attachment's base64."""
    recipients = "".join(f"<edXML:To><edXML:OrganId>{code}</edXML:OrganId></edXML:To>" for code in to)
    kind = "" if business is None else f"<edXML:BussinessDocType>{business}</edXML:BussinessDocType>"
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="{EDXML}">'
        f'<edXML:edXMLEnvelope xmlns:edXML="{EDXML}">'
        f"<edXML:edXMLHeader><edXML:MessageHeader>"
        f"<edXML:From><edXML:OrganId>{sender}</edXML:OrganId></edXML:From>{recipients}"
        f"<edXML:DocumentId>{document_id}</edXML:DocumentId><edXML:Subject>Về việc họp</edXML:Subject>"
        f"<edXML:OtherInfo><edXML:Priority>{priority}</edXML:Priority></edXML:OtherInfo>"
        f"</edXML:MessageHeader><edXML:TraceHeaderList><edXML:Bussiness>{kind}</edXML:Bussiness>"
        f"</edXML:TraceHeaderList></edXML:edXMLHeader></edXML:edXMLEnvelope><AttachmentEncoded><Attachment>"
        f'<edXML:ContentTransferEncoded xmlns:edXML="{EDXML}">'
    )
    return (
        head.encode() + payload + b"</edXML:ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>"
    )


def status(*, sender: str = "H37.05", to: str = "H27.01", code: str = "01") -> bytes:
    """A status packet: routed by whom it answers."""
    return (
        f'<edXML xmlns="{EDXML}"><edXML:edXMLEnvelope xmlns:edXML="{EDXML}"><edXML:edXMLHeader>'
        f"<edXML:MessageHeader><edXML:From><edXML:OrganId>{sender}</edXML:OrganId></edXML:From>"
        f"<edXML:ResponseFor><edXML:OrganId>{to}</edXML:OrganId><edXML:DocumentId>d</edXML:DocumentId>"
        f"</edXML:ResponseFor><edXML:StatusCode>{code}</edXML:StatusCode>"
        f"<edXML:Timestamp>{datetime(2026, 11, 21):%Y/%m/%d %H:%M:%S}</edXML:Timestamp>"
        f"</edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>"
    ).encode()
