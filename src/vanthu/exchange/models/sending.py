"""Packets going out, the deliveries that they serve, and what recipients reported about them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField
from vanthu.directory.models import Agency
from vanthu.records.models import Document


class Channel(models.TextChoices):
    """By which way a recipient gets a document (QĐ 28/2018 Đ4, Đ7)."""

    LOCAL = "LOCAL", "Trên cùng hệ thống"
    AXIS = "AXIS", "Trục liên thông"
    PAPER = "PAPER", "Bản giấy"


class DeliveryState(models.TextChoices):
    """How far a document has come at one recipient; moves forward only, refusal is final (QĐ 28/2018)."""

    QUEUED = "QUEUED", "Chờ gửi"
    SENT = "SENT", "Đã gửi"
    ARRIVED = "ARRIVED", "Đã đến"
    REJECTED = "REJECTED", "Bị từ chối tiếp nhận"
    ACCEPTED = "ACCEPTED", "Đã tiếp nhận"
    ASSIGNED = "ASSIGNED", "Đã phân công"
    IN_PROGRESS = "IN_PROGRESS", "Đang xử lý"
    COMPLETED = "COMPLETED", "Đã hoàn thành"
    FAILED = "FAILED", "Không gửi được"
    RECALLED = "RECALLED", "Đã thu hồi"


class Transport(models.TextChoices):
    """How far the axis says a sent document is at one recipient (``getSentEdocList``)."""

    HELD = "HELD", "Trục đang giữ"
    HANDED_OVER = "HANDED_OVER", "Đã giao cho hệ thống nhận"
    ACKNOWLEDGED = "ACKNOWLEDGED", "Hệ thống nhận đã lưu"
    REFUSED = "REFUSED", "Hệ thống nhận không đọc được"


class PacketKind(models.TextChoices):
    """The two kinds that an axis knows."""

    EDOC = "edoc", "Văn bản"
    STATUS = "status", "Trạng thái"


class OutboxState(models.TextChoices):
    """What became of a packet going out."""

    WAITING = "WAITING", "Chờ gửi"
    SENT = "SENT", "Đã gửi"
    SPLIT = "SPLIT", "Đã tách riêng từng nơi nhận"
    FAILED = "FAILED", "Không gửi được"


class OutboxPacket(Entity):
    """One packet to be sent, written in the transaction that decided it.

    One document packet serves all recipients of a channel. Sending it twice is harmless, for the axis answers
    with its first receipt; so nothing keeps a worker from taking up what another left lying.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="outbox_packets")
    kind = models.CharField(max_length=10, choices=PacketKind)
    channel = models.CharField(max_length=10, choices=Channel)
    axis = models.CharField("name of the axis", max_length=30, blank=True)
    sender_code = models.CharField(max_length=35)
    recipients: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    status_code = models.CharField(max_length=10, blank=True)
    status_key = models.CharField(
        "document, code and addressee of a status", max_length=100, null=True, unique=True
    )
    sha256 = BlobField()
    size = models.BigIntegerField()
    priority = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=OutboxState, default=OutboxState.WAITING)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    axis_doc_id = models.CharField(max_length=100, blank=True)
    receipt = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    ask_at = models.DateTimeField("when to ask the axis how far it is", null=True)
    last_error_code = models.CharField(max_length=60, blank=True)
    last_error = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="WAITING"), name="exchange_outbox_waiting"
            ),
            models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="exchange_outbox_ask"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]} → {', '.join(self.recipients)}"


class Delivery(Entity):
    """One document on its way to one recipient.

    ``sent_at`` is the instant the axis accepted it, or it entered the other mailbox on this site (R3);
    ``received_at`` the instant it entered the recipient's system, as reported (R4). Both are written by the
    system only.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    recipient_code = models.CharField(max_length=35, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    axis = models.CharField("name of the axis", max_length=30, blank=True)
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.QUEUED)
    rule = models.CharField("rule that chose the channel", max_length=20, blank=True)
    with_paper = models.BooleanField("paper follows the electronic original", default=False)
    paper_sent_at = models.DateTimeField(null=True)
    encrypted = models.BooleanField("files are encrypted for the recipient", default=False)
    trial = models.BooleanField("the axis took it as a trial, not officially", default=False)
    notice = models.CharField(
        "what the axis said of the recipient when it took it", max_length=500, blank=True
    )
    packet = models.ForeignKey(OutboxPacket, null=True, on_delete=models.PROTECT, related_name="deliveries")
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    transport = models.CharField(max_length=12, choices=Transport, blank=True)
    transport_at = models.DateTimeField(null=True)
    transport_text = models.CharField(max_length=500, blank=True)
    axis_doc_id = models.CharField(max_length=100, blank=True)
    receipt = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error_code = models.CharField(max_length=60, blank=True)
    last_error = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "recipient"], name="exchange_one_delivery"),
        ]
        indexes = [
            models.Index(fields=["agency"], condition=Q(state="FAILED"), name="exchange_delivery_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} → {self.recipient_code}"


class DeliveryStatus(Entity):
    """One business status that a recipient reported; every event is kept, whatever its order."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="statuses")
    code = models.CharField(max_length=10)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    staff = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=250, blank=True)
    description = models.TextField(blank=True)
    raw = models.CharField("hash of the stored packet", max_length=64, blank=True)

    class Meta:
        ordering = ["at", "code"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "code", "at"], name="exchange_status_event"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.at:%Y-%m-%d %H:%M:%S}"
