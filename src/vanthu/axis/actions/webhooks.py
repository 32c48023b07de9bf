"""Webhooks: registered and removed by the member itself or by the operator, who may also pause them and try them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from vanthu.audit.ledger import action, record
from vanthu.axis.actions.shared import one_at_a_time
from vanthu.axis.models import Member, Webhook, WebhookCall
from vanthu.axis.relay import ringing
from vanthu.axis.relay.errors import TooManyWebhooks, WebhookUnknown
from vanthu.axis.relay.targets import look_up
from vanthu.base import clock
from vanthu.base.actors import Actor

MOST_WEBHOOKS = 4


def add_webhook(member: Member, url: str, actor: Actor) -> Webhook:
    """Have an address told when something waits for the member; the same address again changes nothing.

    Raises ``WebhookNotAllowed`` for an address that the axis will not call, :class:`TooManyWebhooks`.
    """
    look_up(url, settings.VANTHU.axis_webhook_allow)
    known = Webhook.objects.filter(member=member, url=url).first()
    return known or _add(member, url, actor)


@action
def _add(member: Member, url: str, actor: Actor) -> Webhook:
    one_at_a_time([f"webhooks of {member.id}"])
    if Webhook.objects.filter(member=member).count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks(limit=MOST_WEBHOOKS)
    webhook, _ = Webhook.objects.get_or_create(member=member, url=url, defaults={"created_at": clock.now()})
    record(actor, "axis.webhook_added", kind="axis.member", object_id=member.id, data={"url": url})
    return webhook


@action
def remove_webhook(member: Member, webhook_id: UUID, actor: Actor) -> None:
    """Have an address told no longer. Raises :class:`WebhookUnknown`, also for somebody else's."""
    webhook = _locked(member, webhook_id)
    webhook.delete()
    data = {"url": webhook.url}
    record(actor, "axis.webhook_removed", kind="axis.member", object_id=member.id, data=data)


@action
def set_webhook_paused(member: Member, webhook_id: UUID, paused: bool, actor: Actor) -> None:
    """Call an address no more until it is resumed; resumed, it is called at once if something waits.

    Raises :class:`WebhookUnknown`.
    """
    webhook = _locked(member, webhook_id)
    webhook.paused_at = (webhook.paused_at or clock.now()) if paused else None
    webhook.next_try_at = None
    webhook.save(update_fields=["paused_at", "next_try_at"])
    data = {"url": webhook.url, "paused": paused}
    record(actor, "axis.webhook_paused", kind="axis.member", object_id=member.id, data=data)


def try_webhook(member: Member, webhook_id: UUID) -> WebhookCall:
    """Call an address now and say how that went (no event: a call is no change). Raises :class:`WebhookUnknown`."""
    webhook = Webhook.objects.filter(pk=webhook_id, member=member).select_related("member").first()
    if webhook is None:
        raise WebhookUnknown(id=webhook_id)
    return ringing.ring_test(webhook)


def _locked(member: Member, webhook_id: UUID) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id, member=member).first()
    if webhook is None:
        raise WebhookUnknown(id=webhook_id)
    return webhook
