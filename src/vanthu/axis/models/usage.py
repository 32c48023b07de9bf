"""How much each member calls, minute by minute, and which signed calls were used up."""

from __future__ import annotations

from django.db import models

from vanthu.axis.models.members import Member


class MemberMinute(models.Model):
    """What a member did in one minute, summed over all processes; kept for some days."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="minutes")
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    """Refused because of a limit or a time stamp."""
    received_bytes = models.BigIntegerField(default=0)
    lag_ms = models.BigIntegerField(null=True)
    """The smallest distance of the axis' clock to a new time stamp, ahead of it when negative; see ``drift``."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "minute"], name="axis_member_minute_once")]
        indexes = [models.Index(fields=["minute"], name="axis_member_minute_age")]

    def __str__(self) -> str:
        return f"{self.member} {self.minute:%H:%M} {self.calls}"


class UsedCall(models.Model):
    """A signed call that must not count twice, by the hash of its signature; kept while it could come again."""

    key = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
