"""Makes the announcement task known to the worker's task discovery."""

from vanthu.base.announcements import hear

__all__ = ["hear"]
