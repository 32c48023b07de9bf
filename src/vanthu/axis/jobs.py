"""Background work of the axis."""

from __future__ import annotations

from vanthu.axis import storage
from vanthu.base.worker import every


@every(lambda: 3600.0)
def sweep_forgotten_files() -> None:
    """Once an hour, remove bodies that killed processes left without a packet."""
    storage.sweep()
