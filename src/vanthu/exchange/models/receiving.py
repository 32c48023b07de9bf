"""Packets that came in, and the cases of those with a mark of state secrecy."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField
from vanthu.directory.models import Agency
from vanthu.exchange.models.sending import Delivery, PacketKind
from vanthu.records.models import Document


class InboxState(models.TextChoices):
    """What became of a packet that came in."""

    STORED = "STORED", "Chờ văn thư"
    TAKEN_IN = "TAKEN_IN", "Đã nhận vào hệ thống"
    REFUSED = "REFUSED", "Đã từ chối tiếp nhận"
    DUPLICATE = "DUPLICATE", "Trùng với gói tin đã nhận"
    QUARANTINED = "QUARANTINED", "Cách ly"
    DISCARDED = "DISCARDED", "Đã loại bỏ"


LACKS_DOCUMENT = ("EXCHANGE_ORPHAN_STATUS", "EXCHANGE_ORPHAN_CHANGE")
"""Why a status or a request lies in quarantine that names no document known here."""


NEEDED_NO_MORE = (
    Q(kind="edoc", document__sealed__purged_at__isnull=False)
    | Q(kind="edoc", first__document__sealed__purged_at__isnull=False)
    | Q(secret__state__in=["PURGED"])
    | Q(secret__key_box__gt="", secret__state__in=["HELD", "PURGE_ASKED", "CLEAR_ASKED"])
)
"""Received packets whose readable bytes nobody needs: their document's contents were given up, two people gave the
packet up, or it lies encrypted for a mark of state secrecy."""


class InboxPacket(Entity):
    """One packet as it came, for one agency of this site. The bytes lie in the blob store, unchanged (R6).

    ``identity`` is set on the first packet of a business identity only (sender, DocumentId, kind of
    business); the database so keeps a second from being taken in.
    """

    source = models.CharField("name of the axis, or local", max_length=30)
    axis_doc_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=PacketKind)
    sha256 = BlobField(given_up=NEEDED_NO_MORE)
    size = models.BigIntegerField()
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    sender_code = models.CharField(max_length=100, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    wire_id = models.CharField("DocumentId as the sender wrote it", max_length=500, blank=True)
    business_type = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=100, blank=True)
    promulgation_date = models.DateField(null=True)
    subject = models.CharField(max_length=500, blank=True)
    status_code = models.CharField(max_length=10, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    steering_type = models.PositiveSmallIntegerField("SteeringType as the packet says it", null=True)
    trial = models.BooleanField("the axis took it as a trial, not officially", default=False)
    identity = models.CharField(max_length=64, null=True)
    state = models.CharField(max_length=12, choices=InboxState, default=InboxState.STORED)
    first = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="duplicates")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="inbox_packets")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.CharField(max_length=1000, blank=True)
    must_act = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "axis_doc_id", "agency"],
                name="exchange_inbox_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(fields=["agency", "identity"], name="exchange_inbox_identity"),
        ]
        indexes = [
            models.Index(
                fields=["agency", "-id"], condition=Q(state="QUARANTINED"), name="exchange_quarantine"
            ),
            models.Index(fields=["agency", "wire_id"], name="exchange_inbox_wire_id"),
            models.Index(
                fields=["source", "received_at"],
                condition=Q(acknowledged_at=None) & ~Q(source="local"),
                name="exchange_inbox_unacknowledged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.axis_doc_id} {self.state}"

    @property
    def lacks_document(self) -> bool:
        """Whether a clerk may say which document it is about."""
        return self.sender_id is not None and self.error_code in LACKS_DOCUMENT


class SecretState(models.TextChoices):
    """Where the case of a packet with a mark of state secrecy stands; it ends only by two people."""

    HELD = "HELD", "Đang cách ly"
    PURGE_ASKED = "PURGE_ASKED", "Chờ người thứ hai: tiêu hủy"
    CLEAR_ASKED = "CLEAR_ASKED", "Chờ người thứ hai: cho nhận"
    PURGED = "PURGED", "Đã tiêu hủy"
    CLEARED = "CLEARED", "Không phải bí mật nhà nước"


class SecretCase(models.Model):
    """A packet that came with a mark of state secrecy: where the marks are, never the words beside them."""

    inbox = models.OneToOneField(
        InboxPacket, primary_key=True, on_delete=models.PROTECT, related_name="secret"
    )
    level = models.CharField("độ mật", max_length=20)
    marks: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=SecretState, default=SecretState.HELD)
    asked_by = models.CharField("người đề nghị", max_length=200, blank=True)
    asked_person = models.UUIDField(null=True)
    asked_at = models.DateTimeField(null=True)
    reason = models.CharField("lý do", max_length=500, blank=True)
    decided_by = models.CharField("người xác nhận", max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    reported_to = models.CharField("đã báo cáo", max_length=300, blank=True)
    reported_by = models.CharField(max_length=200, blank=True)
    reported_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField("nội dung bị xóa lúc", null=True)
    hidden_sha256 = BlobField(blank=True, db_index=True, given_up=Q(key_box=""))
    """The packet's bytes, encrypted (``hiding``)."""
    key_box = models.TextField(blank=True, editable=False)
    """Their key, encrypted under the site's secret; empty once it was destroyed."""

    def __str__(self) -> str:
        return f"{self.inbox_id} {self.level} {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether two people have still to decide."""
        return self.state not in (SecretState.PURGED, SecretState.CLEARED)
