"""Background work of encryption: certificates are looked at again. Thin; may run twice."""

from __future__ import annotations

from datetime import timedelta

from vanthu.base import clock
from vanthu.base.worker import every
from vanthu.encryption import actions
from vanthu.encryption.models import AgencyCertificate

ROUND_SECONDS = 3600.0
AGE = timedelta(hours=6)
AT_ONCE = 500


@every(lambda: ROUND_SECONDS)
def look_at_certificates() -> None:
    """Every hour, ask how those certificates stand that were looked at more than six hours ago."""
    old = AgencyCertificate.objects.filter(active=True, checked_at__lt=clock.now() - AGE)
    for row in old.select_related("agency").order_by("checked_at")[:AT_ONCE]:
        actions.check_again(row)
