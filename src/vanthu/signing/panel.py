"""What the signing room tells people: certificates that end, and how its events read in the history."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.legal.authority import WARNING_DAYS
from vanthu.signing import certificate_queries
from vanthu.signing.certificate_models import CertificateWarning
from vanthu.signing.certificate_rules import days_left
from vanthu.web import panels, timeline


def notices_of(actor: Actor) -> list[panels.Notice]:
    """Certificates that end soon: the person's own, those of the agency for its administrators."""
    return [_notice(row, actor) for row in certificate_queries.warnings(actor)]


def _notice(row: CertificateWarning, actor: Actor) -> panels.Notice:
    left = days_left(row.key.valid_to, clock.now())
    owner = certificate_queries.owner_of(row.key, actor.agency_name)
    day = f"{clock.local(row.key.valid_to):%d/%m/%Y}"
    if left < 0:
        text = _("Chứng thư số của %(owner)s đã hết hạn ngày %(day)s.") % {"owner": owner, "day": day}
    else:
        text = ngettext(
            "Chứng thư số của %(owner)s còn %(n)d ngày, hết hạn ngày %(day)s.",
            "Chứng thư số của %(owner)s còn %(n)d ngày, hết hạn ngày %(day)s.",
            left,
        ) % {"owner": owner, "n": left, "day": day}
    return panels.Notice(
        text=text,
        url=reverse("signing-certificates"),
        label=_("Xem và đề nghị gia hạn"),
        seen_url=reverse("signing-warning-seen", args=[row.pk]),
        tone="bad" if row.days <= min(WARNING_DAYS) else "warn",
        icon="certificate",
    )


def teach_timeline() -> None:
    """How the events of devices read after the actor's name."""
    say = timeline.say
    say("signing.device_registered", gettext_lazy("ghi thiết bị {device} vào sổ"), "device-usb")
    say("signing.handover_proposed", gettext_lazy("lập biên bản bàn giao cho {to}"), "transfer")
    say("signing.handover_confirmed", gettext_lazy("xác nhận bàn giao cho {to}"), "check")
    say("signing.handover_done", gettext_lazy("xác nhận; thiết bị đã giao cho {to}"), "checks")
    say("signing.handover_cancelled", gettext_lazy("hủy lần bàn giao"), "x")
    say("signing.device_returned", gettext_lazy("thu lại thiết bị"), "arrow-back-up")
    say("signing.device_destroyed", gettext_lazy("ghi nhận hủy thiết bị"), "trash")
    say("signing.device_lost", gettext_lazy("báo mất thiết bị; các khóa ngừng ngay"), "alert-triangle")
    say("signing.use_reviewed", gettext_lazy("rà soát chữ ký sau khi mất thiết bị {device}"), "eye-check")
