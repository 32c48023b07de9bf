"""Background work of the file store."""

from __future__ import annotations

from vanthu.base.worker import every
from vanthu.blobs import destruction, store


@every(lambda: 3600.0)
def sweep_incoming() -> None:
    """Once an hour, remove what killed processes had begun to store."""
    store.sweep()


@every(lambda: 3600.0)
def destroy_given_up() -> None:
    """Once an hour, destroy what was given up and nobody named again."""
    destruction.destroy_all()
