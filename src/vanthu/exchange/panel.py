"""What the document page shows about deliveries: transport and business apart, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vanthu.audit.models import Event
from vanthu.base.actors import Actor, Role
from vanthu.edxml.codes import StatusCode, status_label
from vanthu.exchange import axes, proofs, queries, secrecy
from vanthu.exchange.models import (
    AnswerState,
    ChangeKind,
    Channel,
    Delivery,
    DeliveryState,
    DeliveryStatus,
    PacketKind,
    Transport,
)
from vanthu.exchange.recall_panel import kind_word, sentence_about
from vanthu.legal.channels import Verdict, rule_of
from vanthu.records.models import Document
from vanthu.web import timeline
from vanthu.web.panels import Section, State, Task, Tone
from vanthu.web.words import said

STEPS = (
    StatusCode.ARRIVED,
    StatusCode.ACCEPTED,
    StatusCode.ASSIGNED,
    StatusCode.IN_PROGRESS,
    StatusCode.COMPLETED,
)
_TONES: dict[str, Tone] = {
    DeliveryState.ARRIVED: "progress",
    DeliveryState.ACCEPTED: "good",
    DeliveryState.ASSIGNED: "good",
    DeliveryState.IN_PROGRESS: "good",
    DeliveryState.COMPLETED: "good",
    DeliveryState.REJECTED: "bad",
    DeliveryState.RECALLED: "neutral",
}


@dataclass(frozen=True)
class Step:
    """One business status in the row of a recipient; ``event`` is None where nothing was reported.

    ``signed``: the system of the reporting agency signed it.
    """

    code: str
    label: str
    event: DeliveryStatus | None
    reached: bool
    signed: bool = False


@dataclass(frozen=True)
class Shown:
    """One recipient's line."""

    delivery: Delivery
    transport: State
    carried: str
    way: str
    why: str
    citation: str
    business: State
    steps: Sequence[Step]
    others: Sequence[Step]
    note: str
    asked: str
    """What was asked of the recipient about the document and has no agreement."""
    next_attempt_at: datetime | None
    may_resend: bool
    may_post: bool
    may_add_paper: bool
    """Paper beside the electronic original that no rule asks for: only with a reason (R16)."""


def deliveries_section(actor: Actor, document: Document) -> Section:
    """The section for the document page; it fetches itself again until everything is finished."""
    return Section(
        title=_("Gửi và nhận"),
        template="exchange/deliveries.html",
        context=context_of(actor, document),
        icon="send",
        key="deliveries",
    )


def context_of(actor: Actor, document: Document) -> dict[str, object]:
    """Context of ``exchange/deliveries.html``."""
    deliveries = queries.deliveries_of(document)
    signed = proofs.signed(event.raw for delivery in deliveries for event in delivery.statuses.all())
    poll = bool(deliveries) and not queries.finished(deliveries)
    seen = _fingerprint(deliveries)
    url = reverse("exchange:deliveries", args=[document.pk])
    return {
        "deliveries": [shown(actor, delivery, signed) for delivery in deliveries],
        "seen": seen,
        "poll_url": f"{url}?seen={seen}" if poll else "",
    }


def _fingerprint(deliveries: Sequence[Delivery]) -> str:
    """Changes when anything on the page would; so an open fold stays open while nothing happens."""
    parts = [
        f"{row.pk}{row.state}{row.sent_at}{row.paper_sent_at}{row.transport}{row.last_error}{len(row.statuses.all())}"
        f"{[target.state for target in row.change_targets.all()]}"
        for row in deliveries
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def shown(actor: Actor, delivery: Delivery, signed: Container[str] = ()) -> Shown:
    """One delivery as the page shows it; ``signed`` are the status packets that their senders signed."""
    events = list(delivery.statuses.all())
    clerk = actor.has(Role.CLERK)
    steps, others = _steps(events, signed)
    rule = rule_of(delivery.rule)
    return Shown(
        delivery=delivery,
        transport=_transport(delivery),
        carried=_carried(delivery),
        way=_way(delivery),
        why=rule.sentence if rule and rule.verdict is not Verdict.ELECTRONIC else "",
        citation=rule.citation if rule else "",
        business=_business(delivery),
        steps=steps,
        others=others,
        note=_note(delivery, events),
        asked=_asked(delivery),
        next_attempt_at=delivery.next_attempt_at,
        may_resend=clerk and delivery.state == DeliveryState.FAILED,
        may_post=clerk and _paper_waits(delivery),
        may_add_paper=clerk
        and delivery.channel != Channel.PAPER
        and delivery.sent_at is not None
        and not delivery.with_paper,
    )


def _steps(events: Sequence[DeliveryStatus], signed: Container[str]) -> tuple[list[Step], list[Step]]:
    """The five steps of the way, and everything else that was reported (02, 13, 15, 16, unknown codes)."""
    earliest: dict[str, DeliveryStatus] = {}
    for event in events:
        earliest.setdefault(event.code, event)
    refused = StatusCode.REJECTED.value in earliest
    far = max((index for index, code in enumerate(STEPS) if code.value in earliest), default=-1)
    steps = [
        _step(code.value, code.label, earliest.get(code.value), index <= far, signed)
        for index, code in enumerate(STEPS)
        if index <= far or not refused
    ]
    known = {code.value for code in STEPS}
    others = [
        _step(event.code, status_label(event.code), event, True, signed)
        for event in events
        if event.code not in known
    ]
    return steps, others


def _step(code: str, label: str, event: DeliveryStatus | None, reached: bool, signed: Container[str]) -> Step:
    return Step(code, said(label), event, reached, event is not None and event.raw in signed)


def _transport(delivery: Delivery) -> State:
    if delivery.channel == Channel.PAPER:
        return State(_("Đã gửi bản giấy"), "good", "mail") if delivery.sent_at else State(_("Gửi bản giấy"))
    if delivery.transport == Transport.REFUSED:
        return State(said(Transport.REFUSED.label), "bad")
    if delivery.state == DeliveryState.FAILED:
        return State(_("Không gửi được"), "bad")
    if delivery.sent_at is not None or delivery.statuses.all():
        return State(_("Đã gửi"), "good")
    return State(_("Chờ gửi"), "warn" if delivery.last_error else "progress")


def _way(delivery: Delivery) -> str:
    """The channel in words, with the axis where the site has several, and the paper that follows."""
    axis = axes.by_name(delivery.axis) if delivery.channel == Channel.AXIS else None
    way = axis.label if axis and axis.label else said(Channel(delivery.channel).label)
    if delivery.encrypted:
        way = _("%(way)s, mã hóa") % {"way": way}
    return _("%(way)s, kèm bản giấy") % {"way": way} if delivery.with_paper else way


def _paper_waits(delivery: Delivery) -> bool:
    if delivery.channel == Channel.PAPER:
        return delivery.sent_at is None
    return delivery.with_paper and delivery.paper_sent_at is None


def _carried(delivery: Delivery) -> str:
    """How far the carrier says it is, beside the instant of sending; empty when it did not say."""
    if delivery.channel == Channel.LOCAL and delivery.sent_at is not None:
        return _("Đã vào hộp thư của nơi nhận")
    shown = {Transport.HELD, Transport.HANDED_OVER, Transport.ACKNOWLEDGED}
    return said(Transport(delivery.transport).label) if delivery.transport in shown else ""


def _business(delivery: Delivery) -> State:
    tone = _TONES.get(delivery.state)
    if tone is None:
        return State(_("Chưa có phản hồi"))
    return State(said(DeliveryState(delivery.state).label), tone)


def _note(delivery: Delivery, events: Sequence[DeliveryStatus]) -> str:
    """The reason of a refusal, else what keeps the delivery back."""
    if delivery.state == DeliveryState.REJECTED:
        reasons = [event.description for event in events if event.code == StatusCode.REJECTED.value]
        return reasons[-1] if reasons else ""
    return delivery.last_error


def _asked(delivery: Delivery) -> str:
    """The newest take-back, recall or update that the recipient was asked to agree to, while it has not."""
    targets = sorted(delivery.change_targets.all(), key=lambda target: target.asked_at)
    if not targets or targets[-1].state not in (AnswerState.ASKED, AnswerState.REFUSED):
        return ""
    newest = targets[-1]
    kind = kind_word(newest.change.kind)
    if newest.state == AnswerState.REFUSED:
        return _("Từ chối %(kind)s: %(answer)s") % {"kind": kind, "answer": newest.answer or "–"}
    return _("Đã yêu cầu %(kind)s, chờ trả lời. Lý do: %(reason)s") % {
        "kind": kind,
        "reason": newest.change.reason,
    }


def teach_timeline() -> None:
    """How the verbs of this room read in a document's history."""
    timeline.say("exchange.sent", _sent_sentence, "send", composed=True)
    timeline.say("exchange.postponed", _postponed_sentence, "hourglass-high")
    timeline.say("exchange.failed", _failed_sentence, "alert-triangle")
    timeline.say("exchange.split", gettext_lazy("tách gói tin để gửi riêng từng nơi nhận"), "send")
    timeline.say("exchange.resent", gettext_lazy("gửi lại cho {name}"), "refresh")
    timeline.say("exchange.status_resent", gettext_lazy("báo lại trạng thái cho bên gửi"), "refresh")
    timeline.say("exchange.transport", _transport_sentence, "route", composed=True)
    timeline.say("exchange.posted", gettext_lazy("gửi bản giấy cho {name}"), "mail")
    timeline.say("exchange.status", _status_sentence, "mail-check", composed=True)
    asked = sentence_about(gettext_lazy("nhận yêu cầu %(kind)s văn bản của bên gửi"), "asked")
    timeline.say("exchange.change_asked", asked, "arrow-back-up")
    timeline.say("exchange.matched", _matched_sentence, "link")
    timeline.say("exchange.received", gettext_lazy("nhận gói tin"), "inbox")
    timeline.say("exchange.duplicate", gettext_lazy("nhận gói tin trùng, không lưu thêm"), "copy")
    timeline.say("exchange.acknowledged", gettext_lazy("báo trục đã nhận gói tin"), "checks")
    timeline.say("exchange.quarantined", gettext_lazy("cách ly gói tin không nhận được"), "alert-triangle")
    timeline.say("exchange.discarded", gettext_lazy("bỏ gói tin cách ly"), "trash")
    timeline.say("exchange.agencies_renewed", gettext_lazy("cập nhật danh sách cơ quan từ trục"), "refresh")
    timeline.say("exchange.successors_noted", gettext_lazy("ghi nhận cơ quan kế thừa từ trục"), "arrows-join")
    timeline.say("exchange.not_ready", gettext_lazy("ghi nhận nơi nhận chưa sẵn sàng nhận điện tử"), "plug-x")
    timeline.say(
        "exchange.ready_again", gettext_lazy("ghi nhận nơi nhận đã sẵn sàng nhận điện tử"), "plug-connected"
    )
    timeline.say(
        "exchange.paper_listed", gettext_lazy("thêm một dòng vào danh mục văn bản phải kèm bản giấy"), "mail"
    )
    timeline.say(
        "exchange.paper_unlisted",
        gettext_lazy("bỏ một dòng khỏi danh mục văn bản phải kèm bản giấy"),
        "mail-off",
    )
    timeline.say("exchange.secret_held", gettext_lazy("giữ riêng gói tin có dấu độ mật"), "lock")
    timeline.say("exchange.secret_reported", gettext_lazy("báo cáo về gói tin có dấu độ mật"), "report")
    timeline.say("exchange.secret_asked", gettext_lazy("đề nghị xử lý gói tin có dấu độ mật"), "gavel")
    timeline.say(
        "exchange.secret_withdrawn", gettext_lazy("rút đề nghị xử lý gói tin có dấu độ mật"), "arrow-back-up"
    )
    timeline.say("exchange.secret_decided", gettext_lazy("xác nhận xử lý gói tin có dấu độ mật"), "gavel")
    timeline.say("exchange.secret_destroyed", gettext_lazy("tiêu hủy gói tin có dấu độ mật"), "flame")


def _recipients(event: Event) -> str:
    return ", ".join(event.data.get("recipients", []))


def _sent_sentence(event: Event) -> str:
    if event.data.get("kind") == PacketKind.STATUS:
        shown = {"status": said(status_label(str(event.data.get("status", "")))), "to": _recipients(event)}
        return _("báo “%(status)s” cho %(to)s") % shown
    told = " ".join(map(str, event.data.get("notices", {}).values()))
    if told:
        return _("gửi văn bản tới %(to)s; trục báo: %(told)s") % {"to": _recipients(event), "told": told}
    return _("gửi văn bản tới %(to)s") % {"to": _recipients(event)}


def _postponed_sentence(event: Event) -> str:
    return _("chưa gửi được tới %(to)s, sẽ gửi lại: %(error)s") % {
        "to": _recipients(event),
        "error": said(event.data.get("error", "")),
    }


def _failed_sentence(event: Event) -> str:
    return _("không gửi được tới %(to)s: %(error)s") % {
        "to": _recipients(event),
        "error": said(event.data.get("error", "")),
    }


def _transport_sentence(event: Event) -> str:
    said_of = [
        f"{row.get('recipient', '')}: {said(Transport(row['state']).label)}"
        for row in event.data.get("recipients", [])
        if row.get("state") in Transport.values
    ]
    return _("trục báo %(states)s") % {"states": "; ".join(said_of)}


def _status_sentence(event: Event) -> str:
    return _("nhận phản hồi “%(status)s” từ %(name)s") % {
        "status": said(status_label(str(event.data.get("code", "")))),
        "name": event.data.get("name", ""),
    }


def _matched_sentence(event: Event) -> str:
    return _("gắn yêu cầu %(kind)s của bên gửi với văn bản %(code)s") % {
        "kind": kind_word(event.data.get("asked", ChangeKind.TAKE_BACK)),
        "code": event.data.get("document", ""),
    }


def tasks_of(actor: Actor) -> list[Task]:
    """Cases of state secrecy that wait for the person: who sent, which level, never a word of the document."""
    return [
        Task(
            title=_("Gói tin có dấu hiệu bí mật nhà nước từ %(sender)s")
            % {"sender": case.inbox.sender_name or case.inbox.sender_code},
            url=reverse("exchange:secret", args=[case.pk]),
            since=case.inbox.received_at,
            due_at=secrecy.decide_by(case),
            note=said(case.get_state_display()),
        )
        for case in secrecy.waiting(actor)
    ]
