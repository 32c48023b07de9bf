"""Checks a packet against the standard before it is sent, in words a clerk understands.

Owns lengths and mandatory fields (QCVN 102:2016 as practised: what independent validators demand). Refuses
to know which agencies exist or what an axis additionally wants.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime

from vanthu.edxml.codes import BusinessType, StatusCode
from vanthu.edxml.kinds import misfits
from vanthu.edxml.model import (
    Business,
    DocumentPacket,
    Organization,
    Packet,
    ReceiverChange,
    ResponseFor,
    StaffInfo,
    StatusPacket,
)
from vanthu.edxml.problems import Problem
from vanthu.edxml.times import NO_DATE_UP_TO

LONGEST_ORGAN_ID = 35
"""Characters, since Sửa đổi 1:2022 QCVN 102:2016 (QĐ 20/2020/QĐ-TTg); 13 before."""

LARGEST_NUMBER = 999_999_999
"""Of fields that the standard calls integers without a bound; readers take nine digits."""

# Everything that XML 1.0 cannot carry, even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check(packet: Packet, *, today: date | None = None) -> tuple[Problem, ...]:
    """Everything wrong with a packet, errors and warnings; empty when it may be sent.

    With ``today`` (a Vietnam date) a promulgation date in the future is an error too.
    """
    wrong = tuple(misfits(packet))
    if wrong:
        return wrong
    found = _document(packet, today) if isinstance(packet, DocumentPacket) else _status(packet)
    return (*found, *illegal_characters(packet))


def illegal_characters(packet: Packet) -> tuple[Problem, ...]:
    """Texts holding characters that XML cannot carry (control characters from a copied PDF, mostly)."""
    return tuple(
        Problem("EDXML_ILLEGAL_CHARACTER", path, f"Trường {path} có ký tự điều khiển không được phép.")
        for path, text in _texts(packet, "")
        if _ILLEGAL.search(text)
    )


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in ("notes", "unknown"):
                yield from _texts(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))


# --- documents ---


def _document(packet: DocumentPacket, today: date | None) -> Iterator[Problem]:
    yield from _organization(packet.sender, "From", "cơ quan gửi")
    yield from _recipients(packet)
    yield from _required(packet)
    yield from _lengths(packet)
    yield from _numbers(packet)
    if today and packet.promulgation_date and packet.promulgation_date > today:
        text = "Ngày ban hành văn bản ở tương lai."
        yield Problem("EDXML_FUTURE_DATE", "PromulgationInfo/PromulgationDate", text)
    yield from _unreadable_day(packet.promulgation_date, "PromulgationInfo/PromulgationDate", "ngày ban hành")
    yield from _unreadable_day(packet.due_date, "DueDate", "hạn trả lời")
    for index, answer in enumerate(packet.responses_for):
        yield from _response_for(answer, f"ResponseFor[{index}]")
    yield from _trace(packet)
    if packet.business is not None:
        yield from _business(packet.business)
    yield from _attachments(packet)


def _recipients(packet: DocumentPacket) -> Iterator[Problem]:
    if not packet.recipients:
        yield _missing("To", "cơ quan nhận")
    seen: set[str] = set()
    for index, organ in enumerate(packet.recipients):
        path = f"To[{index}]"
        yield from _organization(organ, path, "cơ quan nhận")
        key = unicodedata.normalize("NFC", organ.organ_id.strip())
        if key and key in seen:
            text = f"Cơ quan nhận có mã định danh {key} bị lặp lại."
            yield Problem("EDXML_DUPLICATE_RECIPIENT", path, text)
        seen.add(key)


def _organization(organ: Organization, path: str, role: str) -> Iterator[Problem]:
    if organ.organ_id in ("", "null"):
        yield _missing(f"{path}/OrganId", f"mã định danh của {role}")
    if not organ.organ_name:
        yield _missing(f"{path}/OrganName", f"tên của {role}", is_error=False)
    yield from _too_long(
        (f"{path}/OrganId", f"mã định danh của {role}", organ.organ_id, LONGEST_ORGAN_ID),
        (f"{path}/OrganName", f"tên của {role}", organ.organ_name, 200),
        (
            f"{path}/OrganizationInCharge",
            f"tên cơ quan chủ quản của {role}",
            organ.organization_in_charge,
            200,
        ),
        (f"{path}/OrganAdd", f"địa chỉ của {role}", organ.address, 250),
        (f"{path}/Email", f"thư điện tử của {role}", organ.email, 100),
        (f"{path}/Telephone", f"số điện thoại của {role}", organ.telephone, 50),
        (f"{path}/Fax", f"số fax của {role}", organ.fax, 50),
        (f"{path}/Website", f"trang thông tin của {role}", organ.website, 100),
    )


def _required(packet: DocumentPacket) -> Iterator[Problem]:
    for path, label, value, is_error in (
        ("DocumentId", "mã định danh văn bản", packet.document_id, True),
        ("Code/CodeNumber", "số văn bản", packet.code_number, True),
        ("Code/CodeNotation", "ký hiệu văn bản", packet.code_notation, True),
        ("PromulgationInfo/PromulgationDate", "ngày ban hành", packet.promulgation_date, True),
        ("DocumentType/TypeName", "tên loại văn bản", packet.type_name, True),
        ("Subject", "trích yếu", packet.subject, True),
        ("DocumentType/Type", "mã loại văn bản", "" if packet.type is None else "x", False),
        ("PromulgationInfo/Place", "địa danh", packet.place, False),
        ("SignerInfo/FullName", "họ tên người ký", packet.signer.full_name, False),
    ):
        if not value:
            yield _missing(path, label, is_error=is_error)


def _lengths(packet: DocumentPacket) -> Iterator[Problem]:
    signer = packet.signer
    yield from _too_long(
        ("DocumentId", "mã định danh văn bản", packet.document_id, 200),
        ("Code/CodeNumber", "số văn bản", packet.code_number, 11),
        ("Code/CodeNotation", "ký hiệu văn bản", packet.code_notation, 30),
        ("PromulgationInfo/Place", "địa danh", packet.place, 50),
        ("DocumentType/TypeName", "tên loại văn bản", packet.type_name, 100),
        ("Subject", "trích yếu", packet.subject, 500),
        ("Content", "nội dung tóm tắt", packet.content, 500),
        ("SignerInfo/Competence", "thẩm quyền ký", signer.competence, 100),
        ("SignerInfo/Position", "chức vụ người ký", signer.position, 100),
        ("SignerInfo/FullName", "họ tên người ký", signer.full_name, 50),
        ("OtherInfo/SphereOfPromulgation", "phạm vi phát hành", packet.sphere, 100),
        ("OtherInfo/TyperNotation", "ký hiệu người soạn thảo", packet.typer_notation, 10),
        *((f"ToPlaces/Place[{i}]", "nơi nhận", place, 150) for i, place in enumerate(packet.to_places)),
    )


def _numbers(packet: DocumentPacket) -> Iterator[Problem]:
    for path, label, number, most in (
        ("OtherInfo/Priority", "độ khẩn", packet.priority, 4),
        ("OtherInfo/PromulgationAmount", "số bản phát hành", packet.promulgation_amount, 65535),
        ("OtherInfo/PageAmount", "số trang", packet.page_amount, 65535),
        ("DocumentType/Type", "mã loại văn bản", packet.type, LARGEST_NUMBER),
        ("DocumentType/TypeDetail", "mã chi tiết loại văn bản", packet.type_detail, LARGEST_NUMBER),
        ("SteeringType", "loại chỉ đạo", packet.steering_type, LARGEST_NUMBER),
    ):
        if number is not None and not 0 <= number <= most:
            yield Problem("EDXML_OUT_OF_RANGE", path, f"Giá trị {label} phải từ 0 đến {most}.")


def _trace(packet: DocumentPacket) -> Iterator[Problem]:
    if not any(hop.organ_id for hop in packet.trace):
        yield _missing("TraceHeaderList/TraceHeader", "chặng gửi đầu tiên", is_error=False)
    for index, hop in enumerate(packet.trace):
        path = f"TraceHeaderList/TraceHeader[{index}]"
        yield from _too_long(
            (f"{path}/OrganId", "mã định danh của chặng gửi", hop.organ_id, LONGEST_ORGAN_ID)
        )
        yield from _aware(hop.timestamp, f"{path}/Timestamp")


def _business(business: Business) -> Iterator[Problem]:
    path = "TraceHeaderList/Bussiness"
    if business.doc_type not in list(BusinessType):
        text = f"Loại nghiệp vụ {int(business.doc_type)} không có trong quy chuẩn."
        yield Problem("EDXML_UNKNOWN_BUSINESS", f"{path}/BussinessDocType", text)
    if business.doc_type == BusinessType.UPDATE and not business.document_id:
        yield _missing(f"{path}/DocumentId", "mã định danh của văn bản được cập nhật")
    if business.doc_type == BusinessType.REPLACE and not business.replacements:
        yield _missing(f"{path}/ReplacementInfoList", "danh sách văn bản bị thay thế")
    if (
        business.doc_type in (BusinessType.RECALL, BusinessType.UPDATE, BusinessType.REPLACE)
        and not business.reason
    ):
        yield _missing(f"{path}/BussinessDocReason", "lý do")
    for index, info in enumerate(business.infos):
        for place, receiver in enumerate(info.receivers):
            yield from _receiver(receiver, f"{path}/BussinessDocumentInfo[{index}]/ReceiverList[{place}]")
    for index, replacement in enumerate(business.replacements):
        if not replacement.document_id:
            yield _missing(
                f"{path}/ReplacementInfoList[{index}]/DocumentId", "mã định danh văn bản bị thay thế"
            )
    for index, staff in enumerate(business.staff):
        yield from _staff(staff, f"{path}/StaffInfo[{index}]")


def _receiver(receiver: ReceiverChange, path: str) -> Iterator[Problem]:
    if receiver.organ_id in ("", "null"):
        yield _missing(f"{path}/OrganId", "mã định danh của nơi nhận thay đổi")
    yield from _too_long(
        (f"{path}/OrganId", "mã định danh của nơi nhận thay đổi", receiver.organ_id, LONGEST_ORGAN_ID)
    )
    if receiver.receiver_type not in (0, 1):
        text = "Nơi nhận thay đổi phải nói rõ là bỏ (0) hay thêm (1)."
        yield Problem("EDXML_OUT_OF_RANGE", f"{path}/ReceiverType", text)


def _attachments(packet: DocumentPacket) -> Iterator[Problem]:
    if not packet.attachments:
        yield _missing("AttachmentEncoded", "tệp văn bản đính kèm", is_error=False)
    seen: set[str] = set()
    for index, attachment in enumerate(packet.attachments):
        path = f"AttachmentEncoded/Attachment[{index}]"
        if not attachment.name:
            yield _missing(f"{path}/AttachmentName", "tên tệp đính kèm")
        if not attachment.content_id:
            yield _missing(f"{path}/ContentId", "mã nội dung của tệp đính kèm")
        elif attachment.content_id in seen:
            text = f"Hai tệp đính kèm có cùng mã nội dung {attachment.content_id}."
            yield Problem("EDXML_DUPLICATE_CONTENT_ID", f"{path}/ContentId", text)
        seen.add(attachment.content_id)
        if attachment.content.size == 0:
            text = f"Tệp đính kèm «{attachment.name}» không có nội dung."
            yield Problem("EDXML_EMPTY_ATTACHMENT", path, text)
        yield from _too_long((f"{path}/AttachmentName", "tên tệp đính kèm", attachment.name, 500))


# --- statuses ---


def _status(packet: StatusPacket) -> Iterator[Problem]:
    yield from _organization(packet.sender, "From", "cơ quan gửi")
    yield from _response_for(packet.response_for, "ResponseFor")
    if not packet.response_for.document_id:
        yield _missing("ResponseFor/DocumentId", "mã định danh văn bản được báo trạng thái")
    if packet.staff is not None:
        yield from _staff(packet.staff, "StaffInfo")
    code = packet.status_code
    if not re.fullmatch("[0-9]{2}", code.value if isinstance(code, StatusCode) else code):
        yield Problem("EDXML_BAD_STATUS", "StatusCode", "Mã trạng thái phải gồm hai chữ số.")
    if isinstance(code, StatusCode) and code.needs_reason and not packet.description:
        yield _missing("Description", f"lý do của trạng thái «{code.label}»")
    if packet.timestamp is None:
        yield _missing("Timestamp", "thời điểm của trạng thái")
    yield from _aware(packet.timestamp, "Timestamp")


# --- shared ---


def _response_for(answer: ResponseFor, path: str) -> Iterator[Problem]:
    if answer.organ_id in ("", "null"):
        yield _missing(f"{path}/OrganId", "mã định danh cơ quan của văn bản liên quan")
    yield from _too_long(
        (f"{path}/OrganId", "mã định danh cơ quan của văn bản liên quan", answer.organ_id, LONGEST_ORGAN_ID),
        (f"{path}/DocumentId", "mã định danh của văn bản liên quan", answer.document_id, 200),
    )
    yield from _unreadable_day(
        answer.promulgation_date, f"{path}/PromulgationDate", "ngày của văn bản liên quan"
    )


def _staff(staff: StaffInfo, path: str) -> Iterator[Problem]:
    yield from _too_long(
        (f"{path}/Department", "tên đơn vị của người xử lý", staff.department, 250),
        (f"{path}/Staff", "họ tên người xử lý", staff.staff, 100),
        (f"{path}/Email", "thư điện tử của người xử lý", staff.email, 100),
        (f"{path}/Mobile", "số điện thoại của người xử lý", staff.mobile, 100),
    )


def _missing(path: str, label: str, *, is_error: bool = True) -> Problem:
    return Problem("EDXML_MISSING", path, f"Thiếu {label}.", is_error)


def _too_long(*values: tuple[str, str, str, int]) -> Iterator[Problem]:
    for path, label, text, most in values:
        size = len(unicodedata.normalize("NFC", text))
        if size > most:
            sentence = f"Trường {label} dài {size} ký tự, tối đa {most} ký tự."
            yield Problem("EDXML_TOO_LONG", path, sentence)


def _unreadable_day(day: date | None, path: str, label: str) -> Iterator[Problem]:
    if day is not None and day.year <= NO_DATE_UP_TO:
        yield Problem("EDXML_OUT_OF_RANGE", path, f"Giá trị {label} phải sau năm {NO_DATE_UP_TO}.")


def _aware(moment: datetime | None, path: str) -> Iterator[Problem]:
    if moment is not None and moment.tzinfo is None:
        yield Problem("EDXML_TIME_WITHOUT_ZONE", path, "Thời điểm không có múi giờ.")
