"""What the document page says of giving a document up after it got its number, to whoever had a hand in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vanthu.base.actors import Actor, Role
from vanthu.issuing.forms import CancelForm
from vanthu.issuing.models import Stage
from vanthu.records.models import Document, Verb
from vanthu.web import timeline
from vanthu.web.panels import Action

UNSENT = frozenset({Stage.NUMBERED, Stage.SEALED})


def cancelling(actor: Actor, document: Document, signer_id: UUID | None) -> Iterator[Action]:
    """For the clerk and the signer of the agency that drafts, before the document is sent."""
    if document.state in UNSENT and (actor.has(Role.CLERK) or signer_id in actor.principals):
        yield Action(
            _("Hủy văn bản và số"),
            "ban",
            f"/documents/{document.pk}/cancel",
            "dialog",
            danger=True,
            name="cancel",
            form=CancelForm(auto_id="cancel_%s"),
            confirm=_("Văn bản không phát hành nữa. Số đã cấp vẫn nằm trong sổ, được gạch bỏ kèm lý do."),
        )


def noting(document: Document, mine: Collection[str]) -> Iterator[Action]:
    """For whoever is told that the document was cancelled."""
    if document.state == Stage.VOIDED and Verb.READ in mine:
        address = f"/documents/{document.pk}/cancel-noted"
        yield Action(_("Đã biết"), "checks", address, primary=True, name="cancel-noted")


def notice(document: Document) -> str:
    """Why the number was struck; empty for a document whose number stands, or that never had one."""
    if document.state != Stage.VOIDED:
        return ""
    struck = document.register_entries.exclude(voided_at=None).order_by("pk").last()
    if struck is None:
        return ""
    told = {"agency": document.agency.name, "code": document.code, "reason": struck.void_reason}
    return gettext("%(agency)s đã hủy văn bản số %(code)s: %(reason)s") % told


def teach_timeline() -> None:
    """How the verbs read after the actor's name."""
    timeline.say("issuing.cancel_numbered", _("hủy văn bản và số {code}"), "ban")
    timeline.say("issuing.cancel_noted", _("đã biết văn bản bị hủy"), "checks")
