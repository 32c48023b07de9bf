"""Which packets the axis accepted, and for whom they are held."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from vanthu.axis.models.members import AxisAgency, Member
from vanthu.base.models import Entity


class PacketKind(models.TextChoices):
    """The two transport types of the standard; others are declared (:mod:`vanthu.axis.payloads`)."""

    EDOC = "edoc", "Văn bản"
    STATUS = "status", "Trạng thái"


class Packet(Entity):
    """A packet that the axis accepted. Holds what routing needs, and no subject.

    The database does not check what it and its deliveries point to: six checks per packet, each of which locks a row
    that all packets share. Members and agencies are never deleted, and the statement that accepts a packet compares
    the version of the list by which they were found.
    """

    kind = models.CharField("loại", max_length=30, choices=PacketKind)
    """Of the standard's two, or a declared type's name; the choices only give the two their labels."""
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="packets", db_constraint=False)
    sender = models.ForeignKey(
        AxisAgency, on_delete=models.PROTECT, related_name="sent_packets", db_constraint=False
    )
    sender_code = models.CharField("mã bên gửi", max_length=35)
    document_id = models.CharField("mã văn bản", max_length=255, blank=True)
    document_code = models.CharField("số, ký hiệu", max_length=120, blank=True)
    status_code = models.CharField("mã trạng thái", max_length=10, blank=True)
    refers_to = models.CharField("mã văn bản được báo trạng thái", max_length=255, blank=True)
    business_type = models.PositiveSmallIntegerField("nghiệp vụ", default=0)
    priority = models.PositiveSmallIntegerField("độ khẩn", default=0)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField("kích thước")
    body_file = models.CharField(max_length=120, blank=True)
    """Where a large body lies under the file store; empty: the body is in :class:`PacketBody`."""
    accepted_at = models.DateTimeField("thời điểm nhận")
    receipt = models.TextField()
    notices = models.JSONField(default=list)
    """What the sender was told beside the receipt: codes out of force, agencies with a successor."""
    trials: tuple[str, ...] | None = None
    """Codes of those who get it as a trial; no column, known of a packet that was accepted just now."""

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], name="axis_packet_sha256"),
            models.Index(fields=["document_id"], name="axis_packet_document"),
            models.Index(Upper("document_code"), name="axis_packet_code", condition=~Q(document_code="")),
            models.Index(fields=["refers_to"], name="axis_packet_refers_to", condition=~Q(refers_to="")),
            # Rows stand in the order of time; such an index costs an accepted packet next to nothing.
            BrinIndex(fields=["accepted_at"], name="axis_packet_accepted", pages_per_range=16),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class PacketBody(models.Model):
    """The bytes of a small packet, apart so that lists do not drag them along.

    One partition per day (UTC, by the time in the packet's key), so that old bodies go as whole tables; uncompressed,
    for base64 of compressed files does not shrink. No foreign key: the row is written with its packet.
    """

    packet = models.OneToOneField(
        Packet, primary_key=True, on_delete=models.DO_NOTHING, related_name="body", db_constraint=False
    )
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class DeliveryState(models.TextChoices):
    """Transport state of one packet at one recipient; not the business status."""

    INITIAL = "initial", "Chờ nhận"
    PROCESSING = "processing", "Đang nhận"
    DONE = "done", "Đã nhận"
    FAIL = "fail", "Nhận lỗi"


WAITING = (DeliveryState.INITIAL, DeliveryState.PROCESSING)


class AxisDelivery(Entity):
    """One packet for one recipient. Its id is the ``docId`` that the recipient's system sees."""

    packet = models.ForeignKey(
        Packet, on_delete=models.PROTECT, related_name="deliveries", db_constraint=False, db_index=False
    )
    """Found by the index of the constraint below."""
    recipient = models.ForeignKey(
        AxisAgency, on_delete=models.PROTECT, related_name="deliveries", db_constraint=False
    )
    recipient_code = models.CharField("mã bên nhận", max_length=35)
    written_code = models.CharField("mã bên gửi đã ghi", max_length=35, blank=True)
    """What the sender wrote, where the packet goes to the successor of the agency it is addressed to."""
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="deliveries", db_constraint=False
    )
    origin = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    """The member that sent the packet, here so that a list can take turns between senders without a join."""
    kind = models.CharField(max_length=30, choices=PacketKind)
    priority = models.PositiveSmallIntegerField(default=0)
    trial = models.BooleanField("gói tin thử nghiệm", default=False)
    """One side was not live when the packet was accepted: it was sent to try the exchange."""
    state = models.CharField(
        "trạng thái", max_length=10, choices=DeliveryState, default=DeliveryState.INITIAL
    )
    description = models.CharField("ghi chú", max_length=500, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    handed_over_at = models.DateTimeField("tải lần đầu", null=True)
    acknowledged_at = models.DateTimeField("xác nhận", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["packet", "recipient"], name="axis_delivery_once"),
        ]
        indexes = [
            models.Index(
                models.F("member"),
                models.F("kind"),
                models.F("priority").desc(),
                models.F("id"),
                name="axis_delivery_waiting",
                condition=Q(state__in=["initial", "processing"]),
            ),
            models.Index(models.F("id").desc(), name="axis_delivery_failed", condition=Q(state="fail")),
            BrinIndex(
                fields=["created_at", "acknowledged_at"], name="axis_delivery_times", pages_per_range=16
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient_code} {self.state}"
