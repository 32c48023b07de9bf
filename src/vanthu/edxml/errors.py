"""Why a packet could not be read or written at all; defects that can be lived with are notes, not errors.

Refuses to carry anything of the packet's text beyond short, harmless details (element names, numbers).
"""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class PacketError(VanthuError):
    """The packet cannot be used; base of everything that reading or writing raises."""

    code = "EDXML_ERROR"
    message = "Gói tin edXML không dùng được."
    must_act = MustAct.SENDER
    rule = "QCVN 102:2016/BTTTT"
    http_status = 422


class NotXml(PacketError):
    """The bytes are not well-formed XML (or end too early)."""

    code = "EDXML_NOT_XML"
    message = "Tệp không phải là XML hợp lệ (dòng {line}, cột {column}: {reason})."


class ForbiddenDoctype(PacketError):
    """A DOCTYPE or entity declaration: never needed in edXML, always a danger."""

    code = "EDXML_FORBIDDEN_DOCTYPE"
    message = "Gói tin có khai báo DOCTYPE; hệ thống từ chối vì lý do an toàn."


class NotAPacket(PacketError):
    """XML, but not an edXML packet: no MessageHeader or no sender in it."""

    code = "EDXML_NOT_A_PACKET"
    message = "Tệp XML này không phải gói tin edXML: thiếu {missing}."


class DuplicateElement(PacketError):
    """An element that may stand once stands twice with different content (signature wrapping, tampering)."""

    code = "EDXML_DUPLICATE_ELEMENT"
    message = (
        "Phần tử {element} xuất hiện nhiều lần với nội dung khác nhau; không thể biết nội dung nào là thật."
    )


class BadValue(PacketError):
    """A value that decides what the packet does cannot be understood."""

    code = "EDXML_BAD_VALUE"
    message = "Giá trị của phần tử {element} không hợp lệ: «{value}»."


class LimitExceeded(PacketError):
    """Base of the limits that protect this machine."""

    code = "EDXML_LIMIT"
    message = "Gói tin vượt giới hạn cho phép."
    http_status = 413


class TooLarge(LimitExceeded):
    """The whole packet, its header text or one XML token is larger than allowed (bytes)."""

    code = "EDXML_TOO_LARGE"
    message = "Gói tin quá lớn: {what} vượt quá {limit} byte."


class TooDeep(LimitExceeded):
    """Elements are nested deeper than any packet needs."""

    code = "EDXML_TOO_DEEP"
    message = "Gói tin có phần tử lồng nhau quá {limit} mức."


class TooManyElements(LimitExceeded):
    """More elements or attributes than any packet needs."""

    code = "EDXML_TOO_MANY_ELEMENTS"
    message = "Gói tin có quá {limit} phần tử."


class TooManyAttachments(LimitExceeded):
    """More attachments than allowed."""

    code = "EDXML_TOO_MANY_ATTACHMENTS"
    message = "Gói tin có quá {limit} tệp đính kèm."


class AttachmentBomb(LimitExceeded):
    """A compressed attachment swells beyond all measure."""

    code = "EDXML_ATTACHMENT_BOMB"
    message = "Tệp đính kèm «{name}» phình quá lớn khi giải nén; hệ thống từ chối vì lý do an toàn."


class NotWritable(PacketError):
    """The strict writer refuses a packet that breaks the standard; ``problems`` says where."""

    code = "EDXML_NOT_WRITABLE"
    message = "Chưa thể tạo gói tin: {summary}"
    must_act = MustAct.CLERK


class BadDescription(PacketError):
    """Plain data that should describe a packet does not fit the model."""

    code = "EDXML_BAD_DESCRIPTION"
    message = "Bản mô tả gói tin sai ở {path}: {reason}."
    must_act = MustAct.USER
