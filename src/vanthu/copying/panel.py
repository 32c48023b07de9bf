"""What the document page says of copies: the clerk's quiet action, and the copies made so far."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from vanthu.audit.models import Event
from vanthu.base.actors import Actor, Role
from vanthu.copying import queries
from vanthu.copying.models import Copy
from vanthu.formalities import CopyForm
from vanthu.records.models import Document
from vanthu.web import timeline
from vanthu.web.panels import Action, Addition, Section, State

STANDINGS = {
    "IN_FORCE": State(_("Có giá trị"), "good", "circle-check"),
    "WITHDRAWN": State(_("Đã thu hồi bản sao"), "bad", "ban"),
    "RECALLED": State(_("Văn bản đã thu hồi"), "warn", "arrow-back-up"),
    "REPLACED": State(_("Văn bản đã được thay thế"), "warn", "replace"),
}


def addition_of(actor: Actor, document: Document) -> Addition:
    """The section of copies where there are any; for the clerk the way to a new one."""
    copies = queries.of_document(document)
    actions = []
    if actor.has(Role.CLERK) and not document.sealed_at and not document.frozen_at:
        main = queries.signed_main(document)
        if main is not None and document.code:
            actions.append(
                Action(_("Sao văn bản"), "copy", f"/documents/{document.pk}/copy", "link", name="copy")
            )
    if not copies:
        return Addition(actions)
    section = Section(
        title=_("Bản sao"),
        template="copying/section.html",
        context={"rows": [row(copy) for copy in copies]},
        icon="copy",
        badge=str(len(copies)),
        open=len(copies) <= 5,
        key="copies",
    )
    return Addition(actions, [section])


def row(copy: Copy) -> dict[str, object]:
    """One copy with its words, for lists."""
    standing = "WITHDRAWN" if copy.withdrawn_at else "IN_FORCE"
    return {"copy": copy, "form": CopyForm(copy.form).label, "standing": STANDINGS[standing]}


def _said_make(event: Event) -> str:
    data = event.data
    return " ".join(filter(None, (str(data["form"]).lower(), str(data.get("code", "")))))


def _said_print(event: Event) -> str:
    return str(_("in bản sao %(code)s, %(n)s bản")) % {
        "code": event.data.get("code", ""),
        "n": event.data.get("sheets", 1),
    }


def teach_timeline() -> None:
    """How the verbs of the room read after the actor's name."""
    timeline.say("copying.make", _said_make, "copy")
    timeline.say("copying.view", _("xem bản sao"), "eye")
    timeline.say("copying.begin", _("chuẩn bị bản sao điện tử ({form})"), "copy")
    timeline.say("copying.await_signature", _("xin chữ ký của thiết bị cho bản sao điện tử ({form})"), "usb")
    timeline.say("copying.print", _said_print, "printer")
    timeline.say("copying.withdraw", _("thu hồi bản sao {code}: {reason}"), "ban")
