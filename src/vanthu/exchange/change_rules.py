"""Pure decisions about documents that are already out: what may be asked of whom, and what an answer means.

Refuses to know how a request travels (``changes``) or who may begin one (``issuing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vanthu.edxml.codes import BusinessType, StatusCode
from vanthu.errors import MustAct
from vanthu.exchange.models import AnswerState, ChangeKind, DeliveryState
from vanthu.exchange.rules import ExchangeError, Trouble

TAKES_BACK = frozenset({ChangeKind.TAKE_BACK, ChangeKind.RECALL})
"""Changes after which the recipient no longer has the document."""

NOT_REGISTERED_YET = frozenset({DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.ARRIVED})
"""Deliveries that may be taken back by a mere status (QĐ 28/2018/QĐ-TTg Đ9)."""

BUSINESS_OF = {
    ChangeKind.RECALL: BusinessType.RECALL,
    ChangeKind.UPDATE: BusinessType.UPDATE,
    ChangeKind.REPLACE: BusinessType.REPLACE,
}
KIND_OF = {business.value: kind for kind, business in BUSINESS_OF.items()}
"""BussinessDocType (QCVN 102:2016, 2.2.1) to what it does."""

ANSWERS = {
    StatusCode.CHANGE_AGREED.value: AnswerState.AGREED,
    StatusCode.CHANGE_REFUSED.value: AnswerState.REFUSED,
}
CLOSED = frozenset({AnswerState.AGREED, AnswerState.RETURNED})
"""Final: a later refusal changes nothing (15 is terminal)."""


class DocumentFrozen(ExchangeError):
    """The document was recalled or replaced: it is neither sent again nor changed."""

    code = "DOCUMENT_FROZEN"
    message = "Văn bản đã thu hồi hoặc được thay thế nên không gửi lại, không thay đổi được."
    rule = "NĐ 30/2020 PL VI III.8.a"
    http_status = 409


class NothingToTakeBack(ExchangeError):
    """No recipient is left of whom the document could be asked back in this way."""

    code = "NOTHING_TO_TAKE_BACK"
    message = (
        "Các nơi nhận đã vào sổ văn bản hoặc chưa nhận được, nên không còn nơi nào để lấy lại; "
        "hãy trình lãnh đạo quyết định thu hồi."
    )
    rule = "QĐ 28/2018/QĐ-TTg Đ9"
    http_status = 409


class UnknownRecipients(ExchangeError):
    """Somebody who did not get the document was chosen."""

    code = "CHANGE_UNKNOWN_RECIPIENT"
    message = "Có nơi được chọn không phải nơi nhận của văn bản này; hãy tải lại trang và chọn lại."


class NotAsked(ExchangeError):
    """The request was answered or ended meanwhile."""

    code = "CHANGE_NOT_ASKED"
    message = "Yêu cầu này đã được trả lời hoặc không còn hiệu lực."
    http_status = 409


class NotPaper(ExchangeError):
    """Only a paper copy comes back by hand."""

    code = "CHANGE_NOT_PAPER"
    message = "Nơi nhận này nhận văn bản điện tử; phần mềm của nơi nhận sẽ tự trả lời."
    http_status = 409


class OrphanChange(Trouble):
    """A request about a document that this agency has not received from the sender; it takes effect when it comes."""

    code = "EXCHANGE_ORPHAN_CHANGE"
    message = (
        "“{name}” yêu cầu {kind} văn bản {document}, nhưng cơ quan chưa nhận văn bản đó. "
        "Nếu văn bản đến sau, hệ thống tự áp dụng yêu cầu; nếu không, hãy hỏi lại bên gửi rồi thử lại hoặc loại bỏ."
    )
    must_act = MustAct.CLERK


@dataclass(frozen=True)
class Event:
    """One 15 or 16 as reported: when, by whose word."""

    code: str
    at: datetime
    staff: str = ""
    description: str = ""


def ended_by(kind: str) -> frozenset[str]:
    """Which unanswered requests about the same document a newer one makes void; a replacement none."""
    if kind in TAKES_BACK:
        return frozenset({ChangeKind.TAKE_BACK, ChangeKind.RECALL, ChangeKind.UPDATE})
    return frozenset({ChangeKind.UPDATE}) if kind == ChangeKind.UPDATE else frozenset()


def answers(asked: Sequence[datetime], events: Sequence[Event]) -> list[Event | None]:
    """Which report answers each request of one delivery; requests in order of time.

    The wire names the document only, not the request. An answer belongs to the newest request that had been made
    when it was given; a clock that is behind cannot lose the answer to the first. Agreement outweighs refusal
    (requirements 2.3.4: 15 is terminal), the earliest of equals counts.
    """
    found: list[Event | None] = [None] * len(asked)
    for event in sorted(events, key=lambda event: (event.code, event.at)):
        if event.code in ANSWERS and asked:
            place = max(
                (index for index, at in enumerate(asked) if at.replace(microsecond=0) <= event.at), default=0
            )
            found[place] = found[place] or event
    return found
