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
from vanthu.vietnamese import fold

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
PLAIN_ANSWERS = {
    StatusCode.ACCEPTED.value: AnswerState.AGREED,
    StatusCode.REJECTED.value: AnswerState.REFUSED,
}
"""How some systems answer a recall (BussinessDocType 1) instead of 15 and 16."""

REGISTERED = frozenset(
    code.value
    for code in (StatusCode.ACCEPTED, StatusCode.ASSIGNED, StatusCode.IN_PROGRESS, StatusCode.COMPLETED)
)
_SPEAKS_OF_RECALL = "thu hoi"
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
        "Nếu văn bản đến sau, hệ thống tự áp dụng yêu cầu; nếu bên gửi ghi nhầm số, hãy gắn yêu cầu với đúng văn bản, "
        "hoặc hỏi lại bên gửi rồi loại bỏ."
    )
    must_act = MustAct.CLERK


@dataclass(frozen=True)
class Asking:
    """One request as it went out: when, and of which kind."""

    at: datetime
    kind: str = ChangeKind.TAKE_BACK


@dataclass(frozen=True)
class Event:
    """One status as reported: when, by whose word."""

    code: str
    at: datetime
    staff: str = ""
    description: str = ""


def ended_by(kind: str) -> frozenset[str]:
    """Which unanswered requests about the same document a newer one makes void; a replacement none."""
    if kind in TAKES_BACK:
        return frozenset({ChangeKind.TAKE_BACK, ChangeKind.RECALL, ChangeKind.UPDATE})
    return frozenset({ChangeKind.UPDATE}) if kind == ChangeKind.UPDATE else frozenset()


@dataclass(frozen=True)
class Reply:
    """A status read as the answer to a request; ``plain``: by 02 or 03, as some systems answer a recall."""

    event: Event
    state: AnswerState
    plain: bool = False


def replies(asked: Sequence[Asking], events: Sequence[Event]) -> list[Reply | None]:
    """Which report answers each request of one delivery; requests in order of time.

    The wire names the document only, not the request. An answer belongs to the newest request that had been made
    when it was given; a clock that is behind cannot lose the answer to the first. Agreement outweighs refusal
    (requirements 2.3.4: 15 is terminal), the standard's codes outweigh 02 and 03, the earliest of equals counts.
    """
    found: list[Reply | None] = [None] * len(asked)
    read = [_standard(event) for event in events if event.code in ANSWERS]
    read += [reply for event in events if (reply := _plain(asked, events, event))]
    for reply in sorted(read, key=lambda one: (one.state != AnswerState.AGREED, one.plain, one.event.at)):
        if asked:
            place = _newest(asked, reply.event.at)
            found[place] = found[place] or reply
    return found


def ordinary(asked: Sequence[Asking], events: Sequence[Event]) -> list[Event]:
    """The reports on the document's way itself: without a 02 that only says no to a recall."""
    said_no = {
        (reply.event.code, reply.event.at)
        for event in events
        if (reply := _plain(asked, events, event))
        and reply.state == AnswerState.REFUSED
        and _registered(events, event, asked[_newest(asked, event.at)])
    }
    return [event for event in events if (event.code, event.at) not in said_no]


def _standard(event: Event) -> Reply:
    return Reply(event, ANSWERS[event.code])


def _plain(asked: Sequence[Asking], events: Sequence[Event], event: Event) -> Reply | None:
    """A 02 or 03 as the answer to a recall; None when it tells of the document's own way.

    A 02 says no. A 03 says yes only of a document that was registered before it was recalled, or in so many words:
    any other is the registration itself, which crossed the request on its way.
    """
    if event.code not in PLAIN_ANSWERS or not asked:
        return None
    request = asked[_newest(asked, event.at)]
    if request.kind != ChangeKind.RECALL or event.at <= request.at.replace(microsecond=0):
        return None
    state = PLAIN_ANSWERS[event.code]
    if state == AnswerState.AGREED and not (
        _registered(events, event, request) or _SPEAKS_OF_RECALL in fold(event.description)
    ):
        return None
    return Reply(event, state, plain=True)


def _newest(asked: Sequence[Asking], at: datetime) -> int:
    """The newest request made by then; the first when a clock is behind."""
    return max((index for index, one in enumerate(asked) if one.at.replace(microsecond=0) <= at), default=0)


def _registered(events: Sequence[Event], answer: Event, asking: Asking) -> bool:
    """Whether the document was registered before the request, by a report other than the answer itself."""
    limit = asking.at.replace(microsecond=0)
    return any(event.code in REGISTERED and event.at <= limit for event in events if event != answer)
