"""The embedded PostgreSQL: a real server in a folder, without a service, a root account or a network port.

Owns initialising, starting, stopping, repairing after a crash and creating databases. Refuses to know what
they are for, and to listen on TCP. Production uses any PostgreSQL by ``VANTHU_DATABASE_URL`` instead.
"""

from __future__ import annotations

from vanthu.localdb.errors import (
    DiskFull,
    FolderBelongsToAnother,
    LocalDbError,
    NoOrdinaryUser,
    OtherVersion,
    StartFailed,
)
from vanthu.localdb.server import PRODUCTION, TESTS, LocalDb, Status

__all__ = [
    "PRODUCTION",
    "TESTS",
    "DiskFull",
    "FolderBelongsToAnother",
    "LocalDb",
    "LocalDbError",
    "NoOrdinaryUser",
    "OtherVersion",
    "StartFailed",
    "Status",
]
