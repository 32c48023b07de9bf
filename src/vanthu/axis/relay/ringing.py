"""Webhooks: tells members' addresses that something waits for them; signed, without any of it.

Level-triggered: a webhook is due when what waits for its member differs from what the last answered call said, so
nothing is queued, a flood of packets makes few calls, and a killed process forgets nothing. Each webhook has its
own circuit breaker: after a failure the next try comes later and later, and only that webhook waits.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Timer
from uuid import UUID

import httpx
import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import F, Q, QuerySet

from vanthu.axis.models import Webhook, WebhookCall
from vanthu.axis.receipt_key import receipt_key
from vanthu.axis.relay.errors import WebhookNotAllowed
from vanthu.axis.relay.queries import WaitingState, waiting_state
from vanthu.axis.relay.targets import Target, look_up
from vanthu.base import clock
from vanthu.relay import Message, digest_field, sign_message
from vanthu.tls import shared_context

log = structlog.get_logger(__name__)

TAG = "vanthu-webhook"
TIMEOUT_SECONDS, DEADLINE_SECONDS = 5.0, 10.0
AT_ONCE = 8
CLAIM = timedelta(seconds=30)
"""How long a webhook that a process is calling is left alone by the others; longer than a call can take."""

GAPS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600))
"""Pauses after failures in a row; the last one stays, for as long as the webhook is registered."""

JITTER = 0.2
CALLS_KEPT = 20
"""Calls of a webhook that are kept for the operator."""

COVERED = ("@method", "@authority", "@path", "@query", "content-digest")


def next_try(failures: int, at: datetime, chance: float) -> datetime:
    """When to call again after ``failures`` (from 1) in a row; ``chance`` in [0, 1) stretches the pause."""
    return at + GAPS[min(failures, len(GAPS)) - 1] * (1 + JITTER * chance)


def ring_due() -> int:
    """Call every webhook that is due; returns how many were called. Two workers at once share them."""
    due = list(_due().values_list("id", flat=True))
    if len(due) < 2 or connection.in_atomic_block:
        return sum(map(_ring, due))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(_apart(_ring), due))


def _due() -> QuerySet[Webhook]:
    now = clock.now()
    free = Q(next_try_at=None) | Q(next_try_at__lte=now)
    return Webhook.objects.filter(free, member__active=True, paused_at=None)


def _ring(webhook_id: UUID) -> bool:
    webhook = Webhook.objects.filter(pk=webhook_id).select_related("member").first()
    if webhook is None:
        return False
    state = waiting_state(webhook.member)
    if not state.is_news(webhook.told) or not _claim(webhook):
        return False
    problem = _tried(webhook, state).problem
    if problem:
        _failed(webhook, problem)
    else:
        _told(webhook, state)
    return True


def ring_test(webhook: Webhook) -> WebhookCall:
    """Call a webhook now, paused or not, with an event that announces nothing; an answer closes its circuit."""
    call = _tried(webhook, waiting_state(webhook.member), test=True)
    if not call.problem:
        Webhook.objects.filter(pk=webhook.pk).update(failures=0, last_error="", next_try_at=None)
    return call


def _tried(webhook: Webhook, state: WaitingState, *, test: bool = False) -> WebhookCall:
    """Call it, and keep how that went beside the latest calls before."""
    began, problem = time.monotonic(), ""
    try:
        _call(webhook, state, "test" if test else "waiting")
    except (httpx.HTTPError, httpx.InvalidURL, WebhookNotAllowed, OSError) as error:
        problem = str(error) or type(error).__name__
    call = WebhookCall.objects.create(
        webhook=webhook,
        at=clock.now(),
        test=test,
        problem=problem[:300],
        milliseconds=round((time.monotonic() - began) * 1000),
    )
    calls = WebhookCall.objects.filter(webhook=webhook)
    calls.exclude(pk__in=list(calls.values_list("pk", flat=True)[:CALLS_KEPT])).delete()
    return call


def _claim(webhook: Webhook) -> bool:
    """One of several workers calls; if it is killed, the webhook is due again when the claim is over."""
    return bool(_due().filter(pk=webhook.pk).update(next_try_at=clock.now() + CLAIM))


def _call(webhook: Webhook, state: WaitingState, event: str) -> None:
    """One POST to the address that was looked up, no redirects; anything but 2xx is a failure."""
    target = look_up(webhook.url, settings.VANTHU.axis_webhook_allow)
    body = json.dumps(
        {
            "event": event,
            "webhook": str(webhook.id),
            "system": webhook.member.system_id,
            "edoc": state.edoc,
            "status": state.status,
            "other": state.other,
            "known": state.known,
        }
    ).encode()
    context = shared_context(trust_env=False)
    with httpx.Client(
        timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False, verify=context
    ) as http:
        # Each wait for a byte is limited by the timeout, all of them together by the deadline.
        deadline = Timer(DEADLINE_SECONDS, http.close)
        deadline.start()
        try:
            response = http.send(_signed(http, target, body), stream=True)
            response.close()  # what it says is nobody's concern
        finally:
            deadline.cancel()
        if not response.is_success:
            raise httpx.HTTPError(f"HTTP {response.status_code}")


def _signed(http: httpx.Client, target: Target, body: bytes) -> httpx.Request:
    headers = {
        "Host": target.authority,
        "Content-Type": "application/json",
        "Content-Digest": digest_field(hashlib.sha256(body).digest()),
    }
    request = http.build_request("POST", target.url, headers=headers, content=body)
    request.extensions["sni_hostname"] = target.host
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    fields = {name.lower(): value for name, value in request.headers.items()}
    message = Message("POST", target.authority, path, query, fields)
    nonce = secrets.token_urlsafe(18)
    request.headers.update(
        sign_message(message, receipt_key(), COVERED, at=clock.now(), nonce=nonce, tag=TAG)
    )
    return request


def _told(webhook: Webhook, state: WaitingState) -> None:
    Webhook.objects.filter(pk=webhook.pk).update(
        told=state.known, told_at=clock.now(), failures=0, last_error="", next_try_at=None
    )


def _failed(webhook: Webhook, reason: str) -> None:
    again = next_try(webhook.failures + 1, clock.now(), random.random())  # noqa: S311 - jitter needs no secrecy
    log.info("webhook_failed", webhook=str(webhook.pk), failures=webhook.failures + 1, error=reason[:200])
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=F("failures") + 1, last_error=reason[:300], next_try_at=again
    )


def _apart(ring: Callable[[UUID], bool]) -> Callable[[UUID], bool]:
    """In a thread of its own, which gives its database connection back."""

    def run(webhook_id: UUID) -> bool:
        try:
            return ring(webhook_id)
        finally:
            close_old_connections()

    return run
