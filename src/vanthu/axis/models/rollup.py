"""Counts of days that are over, so that statistics of years are read in an instant (R46, K22)."""

from __future__ import annotations

from django.db import models

from vanthu.axis.models.members import AxisAgency, Member


class CountedDay(models.Model):
    """A calendar day in Viet Nam whose counts are written; without its row the day is counted when asked for."""

    day = models.DateField(primary_key=True)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)


class Direction(models.TextChoices):
    """What is counted, seen from a member or agency; each belongs to the day on which it happened.

    ``TAKEN`` and ``FAILED`` are hand-overs that the recipient's system acknowledged on that day.
    """

    SENT = "sent", "Gửi"
    RECEIVED = "received", "Nhận"
    TAKEN = "taken", "Đã giao"
    FAILED = "failed", "Nhận lỗi"


class Counts(models.Model):
    """One number of a day; ``size`` in bytes (0 unless sent), ``last_at`` the latest of what was counted."""

    day = models.DateField()
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    direction = models.CharField(max_length=10, choices=Direction)
    kind = models.CharField(max_length=30)
    priority = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    size = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        abstract = True


class MemberDay(Counts):
    """A day's numbers of one member."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "member", "direction", "kind", "priority"], name="axis_member_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.member_id} {self.direction} {self.number}"


class AgencyDay(Counts):
    """A day's numbers of one agency under the member that it then had."""

    agency = models.ForeignKey(AxisAgency, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "day", "agency", "direction", "kind", "priority"],
                name="axis_agency_day_once",
            )
        ]
        indexes = [models.Index(fields=["day"], name="axis_agency_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.agency_id} {self.direction} {self.number}"
