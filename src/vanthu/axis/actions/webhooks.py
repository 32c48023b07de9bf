"""Webhooks: registered and removed by the member itself."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from vanthu.audit.ledger import action, record
from vanthu.axis.actions.shared import acting, one_at_a_time
from vanthu.axis.models import Member, Webhook
from vanthu.axis.relay.errors import TooManyWebhooks, WebhookUnknown
from vanthu.axis.relay.targets import look_up
from vanthu.base import clock

MOST_WEBHOOKS = 4


def add_webhook(member: Member, url: str, address: str = "") -> Webhook:
    """Have an address told when something waits for the member; the same address again changes nothing.

    Raises ``WebhookNotAllowed`` for an address that the axis will not call, :class:`TooManyWebhooks`.
    """
    look_up(url, settings.VANTHU.axis_webhook_allow)
    known = Webhook.objects.filter(member=member, url=url).first()
    return known or _add(member, url, address)


@action
def _add(member: Member, url: str, address: str) -> Webhook:
    one_at_a_time([f"webhooks of {member.id}"])
    if Webhook.objects.filter(member=member).count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks(limit=MOST_WEBHOOKS)
    webhook, _ = Webhook.objects.get_or_create(member=member, url=url, defaults={"created_at": clock.now()})
    actor = acting(member, address)
    record(actor, "axis.webhook_added", kind="axis.member", object_id=member.id, data={"url": url})
    return webhook


@action
def remove_webhook(member: Member, webhook_id: UUID, address: str = "") -> None:
    """Have an address told no longer. Raises :class:`WebhookUnknown`, also for somebody else's."""
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id, member=member).first()
    if webhook is None:
        raise WebhookUnknown(id=webhook_id)
    webhook.delete()
    actor, data = acting(member, address), {"url": webhook.url}
    record(actor, "axis.webhook_removed", kind="axis.member", object_id=member.id, data=data)
