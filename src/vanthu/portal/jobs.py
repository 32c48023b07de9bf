"""Background work of the portal."""

from __future__ import annotations

from vanthu.base.worker import every
from vanthu.portal import limits


@every(lambda: 600.0)
def forget_visits() -> None:
    """Every ten minutes, forget how often strangers called more than an hour ago."""
    limits.sweep()
