"""Background work of the copying room."""

from __future__ import annotations

from vanthu.base.worker import every
from vanthu.copying import elsewhere


@every(lambda: 300.0)
def forget_begun() -> None:
    """Every five minutes, forget electronic copies that were not signed in time."""
    elsewhere.forget_old()
