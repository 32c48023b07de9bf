"""Background work of encryption: certificates are looked at again. Thin; may run twice."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from vanthu.base import clock
from vanthu.base.worker import every
from vanthu.encryption import actions
from vanthu.encryption.models import AgencyCertificate, Standing

ROUND_SECONDS = 3600.0
AGE = timedelta(hours=6)
AT_ONCE = 500


@every(lambda: ROUND_SECONDS)
def look_at_certificates() -> None:
    """Every hour, ask how those certificates stand that were looked at more than six hours ago, or in vain."""
    old = Q(checked_at__lt=clock.now() - AGE) | Q(standing=Standing.UNKNOWN)
    rows = AgencyCertificate.objects.filter(old, active=True).select_related("agency")
    for row in rows.order_by("checked_at")[:AT_ONCE]:
        actions.check_again(row)
