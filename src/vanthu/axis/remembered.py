"""Members and their keys as this process remembers them, for ``VANTHU_AXIS_MEMORY_SECONDS`` at most.

Otherwise every call of a busy member begins with the same look-up. A member that was stopped, a secret or a key that
was replaced: this process learns of it when the memory is over, at the latest within a second. Refuses to remember
who is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Generic, TypeVar

from django.conf import settings

from vanthu.axis import secrets
from vanthu.axis.models import Member, MemberKey
from vanthu.evidence import Key, verifying_key

T = TypeVar("T")
MOST = 5_000
"""Rows kept of each kind; when there are more, all are forgotten."""


class Memory(Generic[T]):
    """What a look-up found, by name, for a moment."""

    def __init__(self, find: Callable[[str], T | None]) -> None:
        self._find = find
        self._found: dict[str, tuple[float, T]] = {}

    def __call__(self, name: str) -> T | None:
        """What is known under the name, at most that old; None when there is nothing."""
        at, found = self._found.get(name, (0.0, None))
        if found is not None and monotonic() - at < settings.VANTHU.axis_memory_seconds:
            return found
        # The time before the look-up: what changes meanwhile must not live longer.
        at = monotonic()
        fresh = self._find(name)
        if fresh is None:
            self._found.pop(name, None)
            return None
        if len(self._found) >= MOST:
            self.clear()
        self._found[name] = at, fresh
        return fresh

    def forget(self, name: str) -> None:
        """Look it up anew the next time."""
        self._found.pop(name, None)

    def clear(self) -> None:
        """Look everything up anew."""
        self._found.clear()


@dataclass(frozen=True)
class KnownMember:
    """A member that may call, with its secrets in the clear; ``old_secret`` is empty when there is none."""

    member: Member
    secret: str
    old_secret: str

    def usable_secrets(self, now: datetime) -> tuple[str, ...]:
        """The member's secret, and the one before while it still works."""
        until = self.member.old_secret_until
        if self.old_secret and until is not None and now < until:
            return self.secret, self.old_secret
        return (self.secret,)


@dataclass(frozen=True)
class KnownKey:
    """A key that may sign calls, and the member it belongs to."""

    member: Member
    key: Key


def _member(system_id: str) -> KnownMember | None:
    found = Member.objects.filter(system_id=system_id, active=True).first()
    if found is None:
        return None
    old = secrets.unlock(found.old_secret_box) if found.old_secret_box else ""
    return KnownMember(found, secrets.unlock(found.secret_box), old)


def _key(kid: str) -> KnownKey | None:
    row = MemberKey.objects.filter(kid=kid, revoked_at=None, member__active=True)
    found = row.select_related("member").first()
    return KnownKey(found.member, verifying_key(found.jwk)) if found else None


member = Memory(_member)
"""The member that calls itself so, where it may call."""

key = Memory(_key)
"""The key of that id, where it was not revoked and its member may call."""
