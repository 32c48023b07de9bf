"""Pure decisions of the exchange: what a delivery shows, when to try again, which words the errors use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from vanthu.edxml.codes import StatusCode
from vanthu.errors import MustAct, VanthuError
from vanthu.exchange.models import Channel, DeliveryState, SecretState
from vanthu.vxp import VxpUnreachable

GAPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 20, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 57600)
)
"""Pauses after each failed try.

Growing, about 43 hours in all, so that a weekend's outage is survived by resending by hand at worst.
"""

JITTER = 0.2
"""Each pause is stretched by up to this share, so that a returning axis is not hit by everybody at once."""

TOLERANCE = timedelta(seconds=1)
"""How much before its time a try may begin; less than the shortest pause."""

_STATE_OF_CODE = {
    StatusCode.ARRIVED: DeliveryState.ARRIVED,
    StatusCode.REJECTED: DeliveryState.REJECTED,
    StatusCode.ACCEPTED: DeliveryState.ACCEPTED,
    StatusCode.ASSIGNED: DeliveryState.ASSIGNED,
    StatusCode.IN_PROGRESS: DeliveryState.IN_PROGRESS,
    StatusCode.COMPLETED: DeliveryState.COMPLETED,
}
_RANK = (
    StatusCode.COMPLETED,
    StatusCode.IN_PROGRESS,
    StatusCode.ASSIGNED,
    StatusCode.ACCEPTED,
    StatusCode.ARRIVED,
)
FINISHED = frozenset(
    {DeliveryState.COMPLETED, DeliveryState.REJECTED, DeliveryState.FAILED, DeliveryState.RECALLED}
)


def visible_state(codes: Iterable[str], *, sent: bool, failed: bool) -> DeliveryState:
    """The state that a delivery shows, from everything reported so far in whatever order (QĐ 28/2018).

    A refusal (02) ends it; otherwise the most advanced report counts; without any, the transport's word.
    """
    reported = set(codes)
    if StatusCode.REJECTED.value in reported:
        return DeliveryState.REJECTED
    for code in _RANK:
        if code.value in reported:
            return _STATE_OF_CODE[code]
    if failed:
        return DeliveryState.FAILED
    return DeliveryState.SENT if sent else DeliveryState.QUEUED


def received_at(events: Iterable[tuple[str, datetime]]) -> datetime | None:
    """When the document entered the recipient's system: the earliest 01, else the earliest later step."""
    seen = list(events)
    arrivals = [at for code, at in seen if code == StatusCode.ARRIVED.value]
    steps = arrivals or [at for code, at in seen if code in {known.value for known in _STATE_OF_CODE}]
    return min(steps, default=None)


def next_try(attempts: int, at: datetime, chance: float) -> datetime | None:
    """When to try again after ``attempts`` failed tries; None when the last try is over.

    ``chance`` in [0, 1) stretches the pause (jitter).
    """
    if attempts > len(GAPS):
        return None
    return at + GAPS[attempts - 1] * (1 + JITTER * chance)


def channel_for(*, hosted: bool, ready: bool, organ_id: str, axis: bool) -> Channel:
    """By which way a recipient gets the document: this site, the axis, else paper (QĐ 28/2018 Đ7.1)."""
    if hosted and organ_id:
        return Channel.LOCAL
    if ready and organ_id and axis:
        return Channel.AXIS
    return Channel.PAPER


_SECRET_STEPS = {
    SecretState.HELD: (SecretState.PURGE_ASKED, SecretState.CLEAR_ASKED),
    SecretState.PURGE_ASKED: (SecretState.HELD,),
    SecretState.CLEAR_ASKED: (SecretState.HELD,),
}
_SECRET_ENDS = {
    SecretState.PURGE_ASKED: SecretState.PURGED,
    SecretState.CLEAR_ASKED: SecretState.CLEARED,
}


def secret_may_become(current: str, wanted: SecretState) -> None:
    """A step that one person takes in a case of state secrecy; raises :class:`SecretStep`."""
    if wanted not in _SECRET_STEPS.get(SecretState(current), ()):
        raise SecretStep(state=SecretState(current).label)


def secret_confirmed(current: str, asked: UUID | None, confirming: UUID | None) -> SecretState:
    """What a confirmation makes of a request; asker and confirmer are two people.

    Raises :class:`SecretStep`, :class:`SecondPerson`.
    """
    end = _SECRET_ENDS.get(SecretState(current))
    if end is None:
        raise SecretStep(state=SecretState(current).label)
    if asked is None or confirming is None or asked == confirming:
        raise SecondPerson
    return end


def again_text(error: VanthuError, again: str) -> str:
    """What the clerk reads while a packet waits for its next try at the local time ``again``."""
    if isinstance(error, VxpUnreachable):
        return f"Trục liên thông chưa trả lời; hệ thống sẽ gửi lại lúc {again}."
    return f"{error.text} Hệ thống sẽ gửi lại lúc {again}."


class ExchangeError(VanthuError):
    """Base of what the exchange refuses."""

    code = "EXCHANGE_ERROR"
    message = "Không thể gửi nhận văn bản."
    must_act = MustAct.CLERK


class Restricted(ExchangeError):
    """The document carries a stamp that forbids sending by network."""

    code = "EXCHANGE_RESTRICTED"
    message = "Văn bản có dấu chỉ phạm vi lưu hành “{label}”, không được gửi qua mạng; hãy gửi bản giấy."
    rule = "QĐ 33/2019/QĐ-UBND Đ6; NĐ 30/2020 PL I"
    http_status = 409


class NoAddress(ExchangeError):
    """A recipient has neither an identifier nor a postal address."""

    code = "EXCHANGE_NO_ADDRESS"
    message = "“{name}” chưa có mã định danh và địa chỉ trong danh mục; hãy bổ sung hoặc bỏ nơi nhận này."


class TooLongForAxis(ExchangeError):
    """A field is longer than the recipient's axis takes."""

    code = "EXCHANGE_TOO_LONG_FOR_AXIS"
    message = "{axis} chỉ nhận {field} tối đa {limit} ký tự (hiện có {length}): “{value}”. Hãy rút ngắn rồi gửi lại."


class TooLargeForAxis(ExchangeError):
    """The packet is larger than the recipient's axis takes."""

    code = "EXCHANGE_TOO_LARGE_FOR_AXIS"
    message = (
        "{axis} chỉ nhận gói tin tối đa {limit} MB (hiện có {size} MB); hãy giảm dung lượng tệp đính kèm."
    )


class ChannelRefused(ExchangeError):
    """The document may not be sent by this system at all."""

    code = "EXCHANGE_CHANNEL_REFUSED"
    message = "{sentence} ({citation})"
    http_status = 409


class Incomplete(ExchangeError):
    """The envelope lacks what an electronic document must carry."""

    code = "EXCHANGE_INCOMPLETE"
    message = "Chưa gửi được vì còn thiếu: {missing}."
    rule = "QĐ 28/2018/QĐ-TTg Đ10"
    http_status = 409


class PaperRefused(ExchangeError):
    """No paper to whoever has the electronic original, unless a rule asks for it."""

    code = "EXCHANGE_PAPER_REFUSED"
    message = "Nơi nhận này đã được gửi bản điện tử nên không gửi thêm bản giấy; nếu thật cần, hãy nêu lý do."
    rule = "QĐ 28/2018/QĐ-TTg Đ4, Đ7.2"
    http_status = 409


class AlreadyNoted(ExchangeError):
    """There is an open exception for this side already."""

    code = "EXCHANGE_EXCEPTION_NOTED"
    message = "Đã có ghi nhận chưa sẵn sàng đang còn hiệu lực cho nơi này; hãy kết thúc ghi nhận cũ trước."
    http_status = 409


class NotReadThere(ExchangeError):
    """The recipient's system fetched the packet and could not make sense of it."""

    code = "EXCHANGE_NOT_READ_THERE"
    message = "Hệ thống của “{name}” báo không đọc được gói tin: {reason}. Hãy liên hệ nơi nhận rồi gửi lại."


class NotItsDelivery(ExchangeError):
    """The chosen delivery is not one to the agency that reports."""

    code = "EXCHANGE_NOT_ITS_DELIVERY"
    message = "Hãy chọn một văn bản đã gửi cho chính cơ quan báo trạng thái này."
    http_status = 409


class NotItsDocument(ExchangeError):
    """The chosen document was not received from the agency that asks."""

    code = "EXCHANGE_NOT_ITS_DOCUMENT"
    message = "Hãy chọn một văn bản nhận từ chính cơ quan gửi yêu cầu này."
    http_status = 409


class SenderWithoutCode(ExchangeError):
    """The sending agency has no identifier."""

    code = "EXCHANGE_SENDER_WITHOUT_CODE"
    message = "Cơ quan chưa có mã định danh nên chưa gửi được văn bản điện tử; liên hệ quản trị."
    must_act = MustAct.ADMINISTRATOR


class NotIssued(ExchangeError):
    """The document lacks number, date or identifier."""

    code = "EXCHANGE_NOT_ISSUED"
    message = "Văn bản chưa được cấp số, ngày ban hành và mã định danh nên chưa thể gửi."
    rule = "NĐ 30/2020 Đ15"
    http_status = 409


class NotSealed(ExchangeError):
    """A file lacks the agency's digital seal."""

    code = "EXCHANGE_NOT_SEALED"
    message = "Tệp “{name}” chưa được ký số của cơ quan nên chưa thể gửi."
    rule = "NĐ 30/2020 Đ17"
    http_status = 409


class NoRecipients(ExchangeError):
    """Nobody to send to."""

    code = "EXCHANGE_NO_RECIPIENTS"
    message = "Chưa chọn nơi nhận."


class ReasonNeeded(ExchangeError):
    """A step that needs a reason came without one."""

    code = "EXCHANGE_REASON_NEEDED"
    message = "Hãy nêu lý do."


class NotResendable(ExchangeError):
    """Only what failed can be sent again."""

    code = "EXCHANGE_NOT_RESENDABLE"
    message = "Chỉ gửi lại được văn bản chưa gửi thành công; lần gửi này đang ở trạng thái “{state}”."
    http_status = 409


class NotQuarantined(ExchangeError):
    """The packet was dealt with meanwhile."""

    code = "EXCHANGE_NOT_QUARANTINED"
    message = "Gói tin này đã được xử lý."
    http_status = 409


class PacketNotTaken(ExchangeError):
    """The stored packet is not one that waits to be taken in."""

    code = "EXCHANGE_PACKET_NOT_WAITING"
    message = "Gói tin không còn ở trạng thái chờ nhận."
    http_status = 409


class Trouble(ExchangeError):
    """Base of the reasons for which an incoming packet is put in quarantine."""

    code = "EXCHANGE_TROUBLE"
    message = "Gói tin không nhận được."
    must_act = MustAct.SENDER


class Unreadable(Trouble):
    """The bytes are no packet; the detail is the reader's own sentence."""

    code = "EXCHANGE_UNREADABLE"
    message = "Không đọc được gói tin: {reason}"


class WrongRecipient(Trouble):
    """No agency of this site is addressed."""

    code = "EXCHANGE_WRONG_RECIPIENT"
    message = "Gói tin gửi cho {codes}; không có cơ quan nào trong số đó trên hệ thống này."


class UnknownSender(Trouble):
    """The sender is in no list of agencies."""

    code = "EXCHANGE_UNKNOWN_SENDER"
    message = "Cơ quan gửi “{name}” mang mã {code} không có trong danh mục của trục."
    must_act = MustAct.AXIS_OPERATOR


class SecretArrived(Trouble):
    """The packet's metadata carry a mark of state secrecy."""

    code = "EXCHANGE_STATE_SECRET"
    message = (
        "Gói tin có dấu hiệu bí mật nhà nước (độ {level} tại {place}). Không mở, in, sao chép, chuyển tiếp; báo ngay "
        "người đứng đầu cơ quan."
    )
    rule = "QĐ 28/2018/QĐ-TTg Đ4; Luật Bảo vệ bí mật nhà nước 117/2025/QH15"
    must_act = MustAct.CLERK


class SecretHeld(ExchangeError):
    """One person alone wants to deal with a packet that carries a mark of state secrecy."""

    code = "EXCHANGE_SECRET_HELD"
    message = "Gói tin có dấu hiệu bí mật nhà nước chỉ được xử lý bởi hai người, trên trang của vụ việc."
    rule = SecretArrived.rule
    http_status = 409


class SecretStep(ExchangeError):
    """The case is in another state than the step needs."""

    code = "EXCHANGE_SECRET_STEP"
    message = (
        "Vụ việc đang ở trạng thái “{state}”, không làm bước này được; tải lại trang để xem ai đã làm gì."
    )
    http_status = 409


class SecondPerson(ExchangeError):
    """Who asked cannot confirm."""

    code = "EXCHANGE_SECOND_PERSON"
    message = (
        "Người đề nghị không được tự xác nhận; văn thư khác hoặc lãnh đạo cơ quan đăng nhập và xác nhận."
    )
    rule = SecretArrived.rule
    http_status = 403


class Orphan(Trouble):
    """A status about a document that this agency did not send to its reporter."""

    code = "EXCHANGE_ORPHAN_STATUS"
    message = (
        "Trạng thái {status} của “{name}” báo về văn bản {document}, nhưng không tìm thấy lần gửi tương ứng."
    )
    must_act = MustAct.CLERK
