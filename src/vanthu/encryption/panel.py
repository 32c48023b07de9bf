"""What the room says on the document page: the choice to encrypt, and who lacks a certificate."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Agency
from vanthu.encryption import queries
from vanthu.encryption.forms import ChoiceForm
from vanthu.encryption.models import AgencyKey, AgencyStatement, Choice, Without
from vanthu.legal.authority import WARNING_DAYS
from vanthu.records.models import Document
from vanthu.web import timeline
from vanthu.web.panels import Action, Notice, Section
from vanthu.web.words import said

PAGE = "/encryption/"


def action(document: Document) -> Action:
    """The button with which somebody decides about encryption."""
    chosen = queries.choice_of(document)
    return Action(
        _("Mã hóa: bật") if chosen else _("Mã hóa khi gửi"),
        "lock" if chosen else "lock-open",
        f"/documents/{document.pk}/encryption",
        kind="dialog",
        form=ChoiceForm(initial=_initial(chosen), auto_id="encryption_%s"),
        confirm=_(
            "Tệp chỉ mở được bằng khóa của nơi nhận. Bên gửi, nơi nhận, số, ký hiệu, ngày, trích yếu, độ khẩn và tên "
            "tệp vẫn đọc được trên trục; đừng ghi vào trích yếu điều không được để lộ."
        ),
        submit=_("Ghi nhận"),
        name="encryption",
    )


def _initial(chosen: Choice | None) -> dict[str, object]:
    return {"encrypt": chosen is not None, "without": chosen.without if chosen else Without.STOP.value}


def section(document: Document, recipients: Sequence[Agency]) -> Section | None:
    """Who of the recipients can open it; None when the document is not to be encrypted."""
    chosen = queries.choice_of(document)
    if chosen is None:
        return None
    having = queries.certificates_for(recipients)
    lacking = [agency for agency in recipients if agency.pk not in having]
    return Section(
        title=_("Mã hóa khi gửi"),
        template="encryption/section.html",
        context={
            "having": [agency for agency in recipients if agency.pk in having],
            "lacking": lacking,
            "without": said(Without(chosen.without).label),
            "stops": bool(lacking) and chosen.without == Without.STOP,
        },
        icon="lock",
        key="encryption",
    )


def notices_of(actor: Actor) -> list[Notice]:
    """For clerks: the agency's key ends soon, or nobody encrypts to it any more; and others' statements in doubt."""
    if not actor.has(Role.CLERK):
        return []
    ending = [_ending(key) for key in queries.ending_keys(actor.agency_id)]
    doubtful = [_other_key(row) for row in queries.doubtful_statements() if row.other_key_id]
    return [*ending, *doubtful]


def _ending(key: AgencyKey) -> Notice:
    day, left = f"{clock.local(key.valid_to):%d/%m/%Y}", (key.valid_to - clock.now()).days
    if left < 0:
        text = gettext(
            "Khóa mã hóa của cơ quan hết hạn ngày %(day)s: nơi khác không mã hóa cho cơ quan được nữa."
        ) % {"day": day}
    else:
        text = ngettext(
            "Khóa mã hóa của cơ quan còn %(n)d ngày, hết hạn ngày %(day)s.",
            "Khóa mã hóa của cơ quan còn %(n)d ngày, hết hạn ngày %(day)s.",
            left,
        ) % {"n": left, "day": day}
    bad = left <= min(WARNING_DAYS)
    return Notice(
        text=text, url=PAGE, label=gettext("Đăng ký khóa mới"), tone="bad" if bad else "warn", icon="key"
    )


def _other_key(row: AgencyStatement) -> Notice:
    text = gettext("Hệ thống của %(name)s công bố chứng thư số mã hóa bằng khóa khác trước.") % {
        "name": row.agency.name
    }
    return Notice(text=text, url=PAGE, label=gettext("Xem"), icon="certificate")


def teach_timeline() -> None:
    """How the verbs of this room read in a document's history."""
    timeline.say("encryption.choose", _chosen, "lock")
    timeline.say("encryption.enrol_key", _("đăng ký khóa mã hóa của cơ quan"), "key")
    timeline.say("encryption.add_certificate", _("thêm chứng thư số mã hóa của nơi nhận"), "certificate")
    timeline.say(
        "encryption.withdraw_certificate", _("ngừng dùng chứng thư số mã hóa của nơi nhận"), "certificate-off"
    )
    timeline.say(
        "encryption.certificate_standing", _("kiểm tra tình trạng chứng thư số mã hóa"), "shield-check"
    )
    timeline.say("encryption.published", _("nhận chứng thư số mã hóa do nơi nhận công bố"), "certificate")
    timeline.say("encryption.trust_new_key", _("xác nhận khóa mới của nơi nhận"), "shield-check")


def _chosen(event: Event) -> str:
    if not event.data.get("encrypt"):
        return gettext("chọn gửi không mã hóa")
    without = said(Without(event.data.get("without") or Without.STOP).label)
    return gettext("chọn mã hóa khi gửi; nơi chưa có chứng thư số: %(without)s") % {
        "without": without.lower()
    }
