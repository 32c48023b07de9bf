"""What the room says on the document page: the choice to encrypt, and who lacks a certificate."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vanthu.audit.models import Event
from vanthu.directory.models import Agency
from vanthu.encryption import queries
from vanthu.encryption.forms import ChoiceForm
from vanthu.encryption.models import Choice, Without
from vanthu.records.models import Document
from vanthu.web import timeline
from vanthu.web.panels import Action, Section
from vanthu.web.words import said


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
            "Tệp chỉ mở được bằng khóa của nơi nhận. Số, ký hiệu, trích yếu và tên tệp vẫn đọc được trên trục."
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
