"""The line to the parent axis, and what crosses the border between this axis and another."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.axis.models.members import Member
from vanthu.axis.models.packets import AxisDelivery, Packet
from vanthu.base.models import Entity


class Parent(models.Model):
    """The parent axis as this one sees it: the member that its agencies belong to here, and how the line is.

    ``list_version`` is how far the parent's agency list was copied, ``told_version`` how far the parent was told of
    our agencies; ``untold`` are the codes it refused to register, with its words. ``encryption_version`` is how far
    was copied what agencies up there publish for being encrypted to.
    """

    member = models.OneToOneField(Member, primary_key=True, on_delete=models.PROTECT, related_name="parent")
    list_version = models.BigIntegerField(default=0)
    told_version = models.BigIntegerField(default=0)
    untold = models.JSONField(default=dict)
    encryption_version = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    silent_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField("trả lời gần nhất", null=True)
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return str(self.member)


class Errand(models.Model):
    """A lease: one worker at a time talks to the parent about one matter, only to spare double questions."""

    name = models.CharField(max_length=30, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """When a sender was last served on the way up: whoever waited longest comes next."""

    origin = models.OneToOneField(Member, primary_key=True, on_delete=models.CASCADE, related_name="+")
    served_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.origin_id)


class ForwardState(models.TextChoices):
    """How far a packet is on its way to the parent axis."""

    WAITING = "waiting", "Chờ chuyển"
    SENT = "sent", "Trục cấp trên đã nhận"
    SETTLED = "settled", "Đã có kết quả"
    FAILED = "failed", "Không chuyển được"


class Forward(Entity):
    """One packet on its way up, for one or more recipients behind the parent.

    ``due_at`` is the next try while waiting, the next question about its fate once sent. ``sent_sha256`` is the
    hash of the bytes that left, which differ from the packet's own by the hop written into them.
    """

    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="forwards")
    origin = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField("độ khẩn", default=0)
    state = models.CharField("trạng thái", max_length=10, choices=ForwardState, default=ForwardState.WAITING)
    attempts = models.PositiveIntegerField("số lần thử", default=0)
    waiting_since = models.DateTimeField("chờ từ")
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField("thời điểm chuyển", null=True)
    remote_id = models.CharField(max_length=100, blank=True)
    receipt = models.TextField(blank=True)
    sent_sha256 = models.CharField(max_length=64, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(
                models.F("origin"),
                models.F("priority").desc(),
                models.F("id"),
                name="axis_forward_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["due_at"], name="axis_forward_asked", condition=Q(state="sent")),
            models.Index(fields=["-id"], name="axis_forward_failed", condition=Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.packet_id} {self.state}"


class ForwardedDelivery(models.Model):
    """Which delivery goes up with which forward."""

    delivery = models.OneToOneField(
        AxisDelivery, primary_key=True, on_delete=models.CASCADE, related_name="forwarded"
    )
    forward = models.ForeignKey(Forward, on_delete=models.CASCADE, related_name="targets")

    def __str__(self) -> str:
        return str(self.delivery_id)


class Arrival(Entity):
    """What the parent had for an agency here, by the parent's id: taken in, or refused with a reason.

    ``told`` is the last transport state that the parent was told.
    """

    remote_id = models.CharField(max_length=100, unique=True)
    delivery = models.ForeignKey(AxisDelivery, null=True, on_delete=models.PROTECT, related_name="arrivals")
    refusal = models.CharField("lý do từ chối", max_length=500, blank=True)
    told = models.CharField(max_length=10, blank=True)
    arrived_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["delivery"], name="axis_arrival_untold", condition=~Q(told__in=["done", "fail"])
            )
        ]

    def __str__(self) -> str:
        return self.remote_id


class DownwardCopy(models.Model):
    """The bytes that a child axis fetched of a packet: its own text and our hop; kept as evidence."""

    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="downward")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["packet", "member"], name="axis_downward_once")]

    def __str__(self) -> str:
        return self.sha256
