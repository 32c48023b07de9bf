"""The axis' log: what it did with packets, in batches that are chained, signed and stamped with the time.

An entry is written with the change that it records, and put into a batch within seconds; from then on the
database refuses to change it. One log for the whole axis, without a common lock while packets are taken in.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity


class EvidenceBatch(models.Model):
    """A closed batch: its signed header, and the time-stamp over it as soon as the authority gave one."""

    number = models.BigIntegerField(primary_key=True)
    header = models.TextField()
    hash = models.CharField(max_length=64)
    last = models.BigIntegerField()
    """Sequence of its last entry in the log."""
    closed_at = models.DateTimeField()
    token = models.BinaryField(null=True)
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["number"], name="axis_batch_unstamped", condition=Q(token=None))]

    def __str__(self) -> str:
        return str(self.number)


class LogEntry(Entity):
    """One line of the log.

    ``content`` is the canonical JSON that the batch covers; the other columns repeat what is looked for.
    ``statement`` holds the signed refusal of a refused packet (a receipt is with its packet). ``address`` is where
    the call came from; it is not part of what others can prove.
    """

    about = models.UUIDField()
    """The packet, or the refusal."""
    event = models.CharField(max_length=20)
    delivery = models.UUIDField(null=True)
    member = models.UUIDField()
    at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)
    content = models.TextField()
    statement = models.TextField(blank=True)
    batch = models.ForeignKey(
        EvidenceBatch,
        on_delete=models.PROTECT,
        null=True,
        related_name="entries",
        db_constraint=False,
        db_index=False,
    )
    """Written in one transaction with its entries, and never deleted: the database need not check each of them."""
    position = models.PositiveIntegerField(null=True)
    """Place in the batch, from 0."""

    class Meta:
        indexes = [
            models.Index(fields=["about"], name="axis_log_about"),
            models.Index(fields=["id"], name="axis_log_open", condition=Q(batch=None)),
            models.Index(fields=["batch"], name="axis_log_batch", condition=~Q(batch=None)),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.about}"


class AxisKey(models.Model):
    """A public key that signed for this axis, kept so that what it signed can be checked after it is replaced."""

    kid = models.CharField(primary_key=True, max_length=64)
    jwk = models.JSONField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.kid
