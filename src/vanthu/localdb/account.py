"""Under which account the server runs: PostgreSQL refuses root, so root lends it an ordinary one.

Owns the choice of the account and the folder permissions that this account needs. Refuses to loosen more than
the right to pass through a folder, and never the right to list or read it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import structlog

from vanthu.localdb.errors import FolderBelongsToAnother, NoOrdinaryUser

log = structlog.get_logger(__name__)

CANDIDATES = ("pgserver", "postgres")
"""Accounts that root lends to the server, in order of preference; the first is created when none exists."""


@dataclass(frozen=True)
class Account:
    """The account of the server process; ``switch`` says whether the process has to change to it."""

    uid: int
    gid: int
    name: str
    switch: bool


def account_for(folder: Path) -> Account:
    """The account for a database folder: ourselves, or for root the folder's owner or an ordinary account.

    Raises :class:`FolderBelongsToAnother` when an existing folder is not ours, :class:`NoOrdinaryUser`.
    """
    me = os.geteuid()
    owner = folder.stat().st_uid if folder.exists() else me
    if me != 0:
        if owner != me:
            raise FolderBelongsToAnother(folder=folder, owner=_name(owner))
        return Account(me, os.getegid(), _name(me), switch=False)
    entry = pwd.getpwuid(owner) if owner and _known(owner) else _ordinary()
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, switch=True)


def own_folder(folder: Path, account: Account) -> None:
    """Make the folder exist, closed to everybody but the account, and reachable by it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account.switch:
        os.chown(folder, account.uid, account.gid)
        open_path_to(folder)
    folder.chmod(0o700)


def open_path_to(folder: Path) -> None:
    """As root: let others pass through (not list) the parents of a folder that shut them out."""
    for parent in folder.resolve().parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            log.warning("folder_made_passable", folder=str(parent))
            parent.chmod(mode | stat.S_IXOTH)


def _ordinary() -> pwd.struct_passwd:
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    name = CANDIDATES[0]
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    try:
        command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
        subprocess.run(command, check=True, capture_output=True, text=True)
        return pwd.getpwnam(name)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or str(error)
        raise NoOrdinaryUser(name=name, reason=reason.strip()) from error


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name if _known(uid) else str(uid)
