"""Background work of the modern door."""

from __future__ import annotations

from django.db import connection

from vanthu.axis.doorbell import doorbell
from vanthu.axis.relay import ringing
from vanthu.base.worker import every

WEBHOOKS_SECONDS = 5.0


@every(lambda: 0.1)
def ring_webhooks() -> None:
    """Tell members' webhooks that something waits: when a packet comes, and every few seconds for the rest."""
    with doorbell.heard(None) as rung:
        ringing.ring_due()
        connection.close()
        rung.wait(WEBHOOKS_SECONDS)
