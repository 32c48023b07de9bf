"""Background work of the signing room."""

from __future__ import annotations

from vanthu.base.worker import every
from vanthu.signing import awaiting


@every(lambda: 300.0)
def forget_awaited() -> None:
    """Every five minutes, forget files whose signature did not come."""
    awaiting.forget_old()
