"""Packets for the tests of this room, made here: invented agencies, people and files."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import date, datetime

from vanthu.edxml import (
    VIETNAM,
    Attachment,
    Business,
    BusinessType,
    Content,
    DocumentChange,
    DocumentPacket,
    Organization,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    StaffInfo,
    StatusCode,
    StatusPacket,
    TraceHop,
)

QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 20 + b"\n%%EOF\n"

SENDER = Organization(
    organ_id="H99.05",
    organ_name="Sở Nội vụ tỉnh Thử Nghiệm",
    organization_in_charge="Ủy ban nhân dân tỉnh Thử Nghiệm",
    address="Số 1, đường Mẫu, phường Một",
    email="vanthu.snv@example.vn",
    telephone="0200 3000 111",
    fax="0200 3000 112",
    website="snv.example.vn",
)
COMMUNE = Organization("H99.05.17", "Ủy ban nhân dân xã Đồng Mẫu")
WARD = Organization("000.17.05.H99", "Ủy ban nhân dân phường Hai")
CLERK = StaffInfo("Văn phòng", "Đỗ Thị Ánh", "anh@example.vn", "0900000001", "VP01", "NV-7")


def document(**changes: object) -> DocumentPacket:
    """A complete new document; ``changes`` replace fields."""
    values: dict[str, object] = {
        "sender": SENDER,
        "recipients": (COMMUNE, WARD),
        "document_id": "H99.05,2026/03/09,152/SNV-VTLT",
        "code_number": "152",
        "code_notation": "SNV-VTLT",
        "promulgation_date": date(2026, 3, 9),
        "subject": "V/v nộp lưu hồ sơ điện tử <đợt 1> & báo cáo kết quả",
        "type_name": "Công văn",
        "type": 2,
        "type_detail": 18,
        "place": "Thử Nghiệm",
        "content": "Hướng dẫn nộp lưu\nvà báo cáo",
        "signer": Signer("KT. GIÁM ĐỐC", "Phó Giám đốc", "Lê Thị Thủy"),
        "due_date": date(2026, 4, 1),
        "priority": 1,
        "sphere": "Lưu hành nội bộ",
        "typer_notation": "ĐTA",
        "promulgation_amount": 2,
        "page_amount": 4,
        "appendixes": ("Phụ lục 1", "Phụ lục 2"),
        "responses_for": (
            ResponseFor("H99.05.17", "9/UBND-VP", "H99.05.17,2026/02/01,9/UBND-VP", date(2026, 2, 1)),
        ),
        "steering_type": 0,
        "to_places": ("Như trên", "Lưu: VT, VTLT"),
        "trace": (TraceHop("H99.05", datetime(2026, 3, 9, 8, 30, 15, tzinfo=VIETNAM)),),
        "attachments": (pdf(),),
    }
    return DocumentPacket(**{**values, **changes})  # type: ignore[arg-type]


def pdf(name: str = "152_SNV-VTLT.pdf", data: bytes = PDF, content_id: str = "a1") -> Attachment:
    """One attachment."""
    return Attachment(name=name, content=Content.of(data), content_id=content_id)


def update() -> DocumentPacket:
    """An update that takes one recipient off and adds another."""
    change = DocumentChange(True, True, (ReceiverChange("H99.05.17", 0), ReceiverChange("H99.05.18", 1)))
    return document(
        business=Business(
            BusinessType.UPDATE,
            "Sửa nơi nhận",
            document_id="H99.05,2026/03/01,140/SNV-VTLT",
            paper=True,
            infos=(change,),
            staff=(CLERK,),
        )
    )


def replacement() -> DocumentPacket:
    """A document that replaces two earlier ones."""
    replaced = (
        Replacement("H99.05,2026/03/01,140/SNV-VTLT", ("H99.05.17", "H99.05.18")),
        Replacement("H99.05,2026/03/02,141/SNV-VTLT", ()),
    )
    return document(business=Business(BusinessType.REPLACE, "Thay thế", paper=False, replacements=replaced))


def recall() -> DocumentPacket:
    """A recall as the vendor kit sends it: the id of the recalled document is the packet's own."""
    return document(business=Business(BusinessType.RECALL, "Ban hành sai thẩm quyền"))


def status(**changes: object) -> StatusPacket:
    """A report that the document was registered."""
    values: dict[str, object] = {
        "sender": COMMUNE,
        "response_for": ResponseFor(
            "H99.05", "152/SNV-VTLT", "H99.05,2026/03/09,152/SNV-VTLT", date(2026, 3, 9)
        ),
        "status_code": StatusCode.ACCEPTED,
        "timestamp": datetime(2026, 3, 9, 9, 0, 1, tzinfo=VIETNAM),
        "description": "Văn thư - Văn phòng: Tiếp nhận văn bản, vào sổ văn bản đến",
        "staff": CLERK,
    }
    return StatusPacket(**{**values, **changes})  # type: ignore[arg-type]


def zipped(data: bytes, entry: str = "0b5c.edxml") -> bytes:
    """A ZIP with one entry."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, data)
    return memory.getvalue()


def attached(
    name: str, transported: bytes | str, *, content_id: str = "cid:a1", label: str = "application/zip"
) -> str:
    """One Attachment element with the given transported bytes (or ready base64 text)."""
    text = transported if isinstance(transported, str) else base64.b64encode(transported).decode()
    return (
        f"<Attachment><ContentId>{content_id}</ContentId><AttachmentName>{name}</AttachmentName>"
        f"<ContentType>{label}</ContentType>"
        f'<e:ContentTransferEncoded xmlns:e="{QCVN}">{text}</e:ContentTransferEncoded></Attachment>'
    )


def reference(name: str, *, content_id: str = "cid:a1", label: str = "application/pdf") -> str:
    """One manifest line."""
    return (
        f"<e:Reference><e:ContentId>{content_id}</e:ContentId><e:ContentType>{label}</e:ContentType>"
        f"<e:AttachmentName>{name}</e:AttachmentName></e:Reference>"
    )


HEADER = """<e:From><e:OrganId>H99.05</e:OrganId><e:OrganName>Sở Nội vụ</e:OrganName></e:From>
<e:To><e:OrganId>H99.05.17</e:OrganId></e:To><e:DocumentId>77</e:DocumentId>
<e:Code><e:CodeNumber>152</e:CodeNumber><e:CodeNotation>SNV-VTLT</e:CodeNotation></e:Code>
<e:PromulgationInfo><e:Place>Thử Nghiệm</e:Place>
<e:PromulgationDate>2026/03/09</e:PromulgationDate></e:PromulgationInfo>
<e:DocumentType><e:Type>2</e:Type><e:TypeName>Công văn</e:TypeName></e:DocumentType>
<e:Subject>Về việc thử nghiệm</e:Subject>"""

TRACE = """<e:TraceHeader><e:OrganId>H99.05</e:OrganId>
<e:Timestamp>2026/03/09 08:00:00</e:Timestamp></e:TraceHeader>
<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType></e:Bussiness>"""


def raw(
    header: str = HEADER,
    *,
    trace: str = TRACE,
    after_header: str = "",
    manifest: str = "",
    attachments: str = "",
    namespace: str = QCVN,
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> bytes:
    """A hand-written packet, to put defects into."""
    return (
        f'{prolog}<edXML xmlns="{namespace}"><e:edXMLEnvelope xmlns:e="{namespace}"><e:edXMLHeader>'
        f"<e:MessageHeader>{header}</e:MessageHeader>"
        f"<e:TraceHeaderList>{trace}</e:TraceHeaderList>{after_header}"
        f'</e:edXMLHeader><e:edXMLBody><e:edXMLManifest version="1.0">{manifest}</e:edXMLManifest>'
        f"</e:edXMLBody></e:edXMLEnvelope><AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>"
    ).encode()
