"""State of the exchange room.

Deliveries, what was reported about them, packets going out and packets come in.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField, HashField
from vanthu.directory.models import Agency, Post
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


class InboxState(models.TextChoices):
    """What became of a packet that came in."""

    STORED = "STORED", "Chờ văn thư"
    TAKEN_IN = "TAKEN_IN", "Đã nhận vào hệ thống"
    REFUSED = "REFUSED", "Đã từ chối tiếp nhận"
    DUPLICATE = "DUPLICATE", "Trùng với gói tin đã nhận"
    QUARANTINED = "QUARANTINED", "Cách ly"
    DISCARDED = "DISCARDED", "Đã loại bỏ"


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


class ChangeKind(models.TextChoices):
    """What a sender does to a document that is out already (QCVN 102:2016, 2.2; NĐ 30/2020 Đ18)."""

    TAKE_BACK = "TAKE_BACK", "Lấy lại"
    RECALL = "RECALL", "Thu hồi"
    UPDATE = "UPDATE", "Cập nhật"
    REPLACE = "REPLACE", "Thay thế"


class ChangeState(models.TextChoices):
    """How far the sender's own decision is."""

    PROPOSED = "PROPOSED", "Chờ lãnh đạo quyết định"
    DECIDED = "DECIDED", "Đã quyết định"
    DROPPED = "DROPPED", "Không thực hiện"


class AnswerState(models.TextChoices):
    """What one recipient said to a change."""

    WAITING = "WAITING", "Chưa có văn bản liên quan"
    ASKED = "ASKED", "Chờ trả lời"
    AGREED = "AGREED", "Đồng ý"
    REFUSED = "REFUSED", "Từ chối"
    RETURNED = "RETURNED", "Đã nhận lại bản giấy"
    ENDED = "ENDED", "Không còn hiệu lực"


class Change(Entity):
    """A decision to take back, recall or update a document that was sent; kept with its reasons for ever.

    ``data`` holds what an update changes: ``before``, ``after``, ``added`` and ``removed`` identifiers.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=ChangeKind)
    state = models.CharField(max_length=10, choices=ChangeState)
    reason = models.TextField("lý do")
    decision = models.CharField("văn bản quyết định", max_length=200, blank=True)
    proposed_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    drop_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(state="PROPOSED"), name="exchange_one_proposal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.document_id}"


class ChangeTarget(Entity):
    """One recipient that is asked to agree to a change, and what it said.

    ``packet`` carried the request, None for paper.
    """

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="targets")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="change_targets")
    packet = models.ForeignKey(
        OutboxPacket, null=True, on_delete=models.PROTECT, related_name="change_targets"
    )
    state = models.CharField(max_length=10, choices=AnswerState, default=AnswerState.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answer = models.TextField(blank=True)
    answer_code = models.CharField("status by which it was answered", max_length=10, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["change", "delivery"], name="exchange_change_target_once"),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} → {self.delivery_id} {self.state}"


class IncomingChange(Entity):
    """A sender's request about a document that an agency of this site received, or has yet to receive.

    ``wire_id`` is the document's identifier as the request names it, ``about`` the packet that brought it (None
    until it comes), ``rule`` the text by which the system or a person was to answer.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    inbox = models.ForeignKey(InboxPacket, on_delete=models.PROTECT, related_name="changes")
    sender = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ChangeKind)
    wire_id = models.CharField(max_length=500)
    about = models.ForeignKey(InboxPacket, null=True, on_delete=models.PROTECT, related_name="asked_changes")
    state = models.CharField(max_length=10, choices=AnswerState, default=AnswerState.WAITING)
    reason = models.TextField(blank=True)
    rule = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answer = models.TextField(blank=True)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["inbox", "wire_id"], name="exchange_incoming_change_once"),
        ]
        indexes = [
            models.Index(
                fields=["agency", "wire_id"],
                condition=Q(state="WAITING"),
                name="exchange_change_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.wire_id} {self.state}"


class Link(models.Model):
    """A loop's lease and its last word from the axis.

    Which worker polls until when, and when the axis last answered.

    A lease in a row rather than a session lock, because a session lock does not survive a connection pooler.
    """

    name = models.CharField(primary_key=True, max_length=60)
    leased_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=1000, blank=True)
    list_of = models.CharField(max_length=300, blank=True)
    """Whose agency list was copied (address and system id), so that no version of another one is asked for."""
    list_version = models.BigIntegerField(default=0)
    """Up to which version the list was copied; 0: never, or the axis has no versions."""
    listed_whole_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    """That an axis lists an agency under a code; learnt from the axis, so never written by hand."""

    axis = models.CharField(max_length=30)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="listings")
    code = models.CharField(max_length=35)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["axis", "code"], name="exchange_listed_once")]

    def __str__(self) -> str:
        return f"{self.axis}: {self.code}"


class AxisStage(models.TextChoices):
    """How far an agency is on its way onto an axis, as the axis tells (QĐ 28/2018)."""

    NOT_READY = "NOT_READY", "Chưa sẵn sàng"
    READY = "READY", "Sẵn sàng"
    CONNECTED = "CONNECTED", "Đã kết nối"
    TRIAL_PASSED = "TRIAL_PASSED", "Đã qua thử nghiệm"
    LIVE = "LIVE", "Chính thức"


class AxisStanding(models.Model):
    """Where an agency of this site stands at one axis, as that axis told last; never written by hand.

    ``items``: what its trial has to show, with ``text``, ``passed_at`` (RFC 3339 or empty) and ``doc_id``; ``gaps``:
    what a survey found missing; ``partners``: agencies (``code``, ``name``) with which everything can be tried.
    """

    axis = models.CharField(max_length=30)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="standings")
    code = models.CharField(max_length=35)
    stage = models.CharField(max_length=20, choices=AxisStage)
    stage_at = models.DateTimeField(null=True)
    items: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    gaps: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    partners: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["axis", "agency"], name="exchange_standing_once")]

    def __str__(self) -> str:
        return f"{self.axis}: {self.code} {self.stage}"


class SenderProof(Entity):
    """The sender system's signature over one packet, with the key it was checked by: evidence for later.

    ``sha256`` is the packet's; a status names its packet by the same hash.
    """

    sha256 = HashField()
    sender_code = models.CharField(max_length=100)
    axis = models.CharField(max_length=30)
    jwk: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    proof: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    signed_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256", "sender_code"], name="exchange_sender_proof_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_code} {self.sha256[:12]}"


class Cause(models.TextChoices):
    """What is not ready (QĐ 28/2018/QĐ-TTg Đ7.1)."""

    INFRASTRUCTURE = "INFRASTRUCTURE", "Hạ tầng"
    TECHNOLOGY = "TECHNOLOGY", "Công nghệ"
    SECURITY = "SECURITY", "An toàn, an ninh"
    INTERCONNECTION = "INTERCONNECTION", "Giải pháp kết nối, liên thông"


class Side(models.TextChoices):
    """Which side is not ready."""

    SENDER = "SENDER", "Cơ quan mình"
    RECEIVER = "RECEIVER", "Nơi nhận"


class NotReady(Entity):
    """Why a side cannot send or receive electronic documents, from when, on what evidence (R15, R180, R181).

    Entered by an agency for itself: ``recipient`` is empty when it is not ready itself.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=Side)
    cause = models.CharField(max_length=20, choices=Cause)
    since = models.DateField()
    reason = models.CharField(max_length=500)
    evidence = models.CharField("document or ticket that shows it", max_length=500)
    noted_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "recipient"],
                condition=Q(ended_at=None),
                name="exchange_one_open_exception",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(side="SENDER", recipient=None) | Q(side="RECEIVER", recipient__isnull=False),
                name="exchange_exception_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.side}"


class PaperList(Entity):
    """One line of the list, decided by the head, of documents that paper accompanies (QĐ 28/2018 Đ7.2.b; R76).

    An empty ``type_code`` means every type, no ``recipient`` everybody. In force from ``since`` to the day before
    ``until``.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=200)
    type_code = models.CharField(max_length=60, blank=True)
    recipient = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    noted_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["agency", "since"], name="exchange_paper_list")]

    def __str__(self) -> str:
        return f"{self.decision}: {self.type_code or '*'}"
