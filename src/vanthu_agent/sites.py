"""The sites this computer was paired with, for each person who uses it: origin and the secret that proves requests.

Kept in one file that only its owner may read. Owns pairing codes: eight digits, shown here and typed on the
page, good for ten minutes and five tries.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vanthu_agent.asked import Refused

CODE_SECONDS = 600.0
MOST_TRIES = 5
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True)
class Site:
    """A paired site."""

    origin: str
    pairing: str
    secret: str
    name: str = ""
    person: str = ""

    def __repr__(self) -> str:
        return f"Site({self.origin})"


class Sites:
    """The file of paired sites."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def all(self) -> list[Site]:
        """Every paired site; none when the file is missing or damaged."""
        try:
            return [Site(**kept) for kept in json.loads(self._file.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def of(self, origin: str) -> list[Site]:
        """What was paired from this origin: one for each person who uses this computer."""
        return [site for site in self.all() if site.origin == origin]

    def add(self, site: Site) -> None:
        """Keep a site; that of the same origin and person is replaced."""
        with self._lock:
            others = [one for one in self.all() if (one.origin, one.person) != (site.origin, site.person)]
            self._write([*others, site])

    def forget(self, origin: str, pairing: str = "") -> None:
        """The site may ask for nothing any more: for the person of one pairing, or for nobody."""
        with self._lock:
            kept = [one for one in self.all() if one.origin != origin or pairing not in ("", one.pairing)]
            self._write(kept)

    def _write(self, sites: list[Site]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self._file.parent)  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([asdict(site) for site in sites], file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._file)


class PairingCode:
    """The code that is shown now, if any."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._code, self._until, self._tries = "", 0.0, 0

    def show(self) -> str:
        """A fresh code, in place of the one before."""
        with self._lock:
            self._code = f"{secrets.randbelow(10**8):08d}"
            self._until, self._tries = self._now() + CODE_SECONDS, 0
            return self._code

    @property
    def is_open(self) -> bool:
        """Whether a code is shown."""
        return bool(self._code) and self._now() <= self._until

    def use(self, typed: str) -> None:
        """Use it up. Raises Refused: PAIRING_CODE_WRONG, PAIRING_CLOSED."""
        with self._lock:
            if not self.is_open:
                raise Refused("PAIRING_CLOSED")
            if not hmac.compare_digest("".join(filter(str.isdigit, typed)).encode(), self._code.encode()):
                self._tries += 1
                self._code = "" if self._tries >= MOST_TRIES else self._code
                raise Refused("PAIRING_CODE_WRONG")
            self._code = ""


def may_pair(origin: str) -> bool:
    """Only pages that nobody on the way can change: https, or this computer itself."""
    parts = urlsplit(origin)
    if parts.path or parts.query or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.netloc.split(":")[0] in _LOOPBACK)


def folder() -> Path:
    """Where a program of this user keeps its settings."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home())) / "vanthu-agent"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "vanthu-agent"
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "vanthu-agent"


def make_private(path: Path) -> None:
    """Nobody else on this computer looks into the folder."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(OSError):
        path.chmod(0o700)
