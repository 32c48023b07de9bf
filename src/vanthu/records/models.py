"""State of the records room."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField, HashField
from vanthu.directory.models import Agency, Post
from vanthu.formalities import Steering, Urgency
from vanthu.records.words import Words
from vanthu.vietnamese import fold


class Direction(models.TextChoices):
    """Whether a document leaves or enters the agency."""

    OUTGOING = "OUTGOING", "Văn bản đi"
    INCOMING = "INCOMING", "Văn bản đến"


class CirculationRestriction(models.TextChoices):
    """Stamps that forbid sending by network (R72)."""

    NONE = "", "Không"
    RETURN_AFTER_MEETING = "RETURN_AFTER_MEETING", "TRẢ LẠI SAU KHI HỌP"
    RETURN_AFTER_READING = "RETURN_AFTER_READING", "XEM XONG TRẢ LẠI"
    INTERNAL_ONLY = "INTERNAL_ONLY", "LƯU HÀNH NỘI BỘ"
    RECALLABLE = "RECALLABLE", "TÀI LIỆU THU HỒI"


class Document(Entity):
    """One document as one agency has it: what it issued, or what it received (PL VI Phần II)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="documents")
    direction = models.CharField(max_length=10, choices=Direction)
    state = models.CharField(max_length=30)
    type_code = models.CharField("tên loại", max_length=60)
    subject = models.CharField("trích yếu", max_length=500)
    urgency = models.PositiveSmallIntegerField(
        "độ khẩn", default=Urgency.NORMAL, choices=[(level.value, level.label) for level in Urgency]
    )
    restriction = models.CharField(
        "chỉ dẫn phạm vi lưu hành", max_length=30, blank=True, choices=CirculationRestriction
    )
    steering = models.CharField(
        "chỉ đạo, báo cáo",
        max_length=10,
        blank=True,
        default="",
        choices=[(kind.value, kind.label) for kind in Steering],
    )
    trial = models.BooleanField("gói tin thử nghiệm", default=False)
    """Came to try the exchange before one side was live on the axis; no official document."""
    number = models.PositiveIntegerField("số", null=True, blank=True)
    notation = models.CharField("ký hiệu", max_length=60, blank=True)
    code = models.CharField("số, ký hiệu", max_length=80, blank=True)
    issued_date = models.DateField("ngày ban hành", null=True, blank=True)
    issue_place = models.CharField("địa danh", max_length=50, blank=True)
    issuer_name = models.CharField("cơ quan ban hành", max_length=200, blank=True)
    issuer_organ_id = models.CharField("mã định danh cơ quan ban hành", max_length=35, blank=True)
    document_id = models.CharField("mã định danh văn bản", max_length=200, blank=True)
    signer_name = models.CharField("người ký", max_length=100, blank=True)
    signer_position = models.CharField("chức vụ người ký", max_length=200, blank=True)
    signer_competence = models.CharField("thẩm quyền ký", max_length=100, blank=True)
    distribution: models.JSONField[list[str], list[str]] = models.JSONField("nơi nhận", default=list)
    page_count = models.PositiveIntegerField("số trang", default=0)
    language = models.CharField("ngôn ngữ", max_length=30, default="Tiếng Việt")
    note = models.CharField("ghi chú", max_length=500, blank=True)
    reply_due = models.DateField("hạn trả lời", null=True, blank=True)
    due_at = models.DateTimeField("thời hạn giải quyết", null=True, blank=True)
    arrival_number = models.PositiveIntegerField("số đến", null=True, blank=True)
    arrived_at = models.DateTimeField("ngày đến", null=True, blank=True)
    created_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    frozen_at = models.DateTimeField("recalled or replaced by its issuer: nothing of it changes", null=True)
    sealed_at = models.DateTimeField("recalled by its sender: content and metadata out of reach", null=True)
    search_text = models.TextField(editable=False, default="")

    class Meta:
        indexes = [
            models.Index(fields=["agency", "direction", "state", "-id"], name="records_document_state"),
            GinIndex(Words("search_text"), name="records_document_words"),
            models.Index(
                fields=["agency", "direction", "steering", "-id"],
                condition=~Q(steering=""),
                name="records_document_steering",
            ),
            models.Index(fields=["agency", "document_id"], name="records_document_docid"),
            models.Index(fields=["agency", "code", "issued_date"], name="records_document_code"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "document_id"],
                condition=Q(direction="OUTGOING") & ~Q(document_id=""),
                name="records_outgoing_document_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the accent-less text that the lists search; a sealed document is found by nothing."""
        words = (self.code, self.subject, self.issuer_name, self.signer_name)
        self.search_text = "" if self.sealed_at else fold(" ".join(words))
        super().save(*args, **kwargs)


class FileKind(models.TextChoices):
    """What a file is to its document."""

    MAIN = "MAIN", "Văn bản chính"
    ANNEX = "ANNEX", "Phụ lục, văn bản kèm theo"
    SOURCE = "SOURCE", "Tệp soạn thảo gốc"
    PACKET = "PACKET", "Gói tin liên thông"
    COMMENT = "COMMENT", "Tệp góp ý"
    PRESERVED = "PRESERVED", "Bản lưu trữ dài hạn"
    CONTENT = "CONTENT", "Nội dung bên trong tệp ký số"


class FileStage(models.TextChoices):
    """How far a file has come; each stage is a new file, the earlier ones stay (rule 2 of the design)."""

    DRAFT = "DRAFT", "Dự thảo"
    PREPARED = "PREPARED", "Trình ký"
    SIGNED = "SIGNED", "Đã ký"
    SEALED = "SEALED", "Đã ký số cơ quan"
    RECEIVED = "RECEIVED", "Nhận từ trục"


PDF = "application/pdf"
SIGNED = "application/pkcs7-mime"
"""Media type of a signature file, its content inside or beside it (RFC 8551, 3.2)."""
ENCRYPTED = "application/pkcs7-mime; smime-type=enveloped-data"
"""Media type of a file that only the key of its recipient opens (RFC 8551, 3.2)."""


class DocumentFile(Entity):
    """One immutable file version. ``current`` tells which version of its (kind, ordinal) is shown and sent."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=10, choices=FileKind)
    stage = models.CharField(max_length=10, choices=FileStage)
    ordinal = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveSmallIntegerField(default=1)
    current = models.BooleanField(default=True)
    name = models.CharField(max_length=500)
    media_type = models.CharField(max_length=100, default="application/pdf")
    sha256 = BlobField(given_up=Q(document__sealed__purged_at__isnull=False))
    size = models.BigIntegerField()
    source_sha256 = HashField(blank=True)
    created_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "ordinal", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "ordinal"],
                condition=Q(current=True),
                name="records_one_current_file",
            ),
            models.UniqueConstraint(
                fields=["document", "kind", "ordinal", "version"], name="records_file_version"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody has opened it yet."""
        return self.media_type == ENCRYPTED


class SealedDocument(models.Model):
    """What a recalled document was, kept as evidence out of everybody's reach (NĐ 30/2020 Đ18.4b; PL VI III.8).

    No page, search or API reads ``metadata``; the recall's own facts stand in plain columns.
    """

    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="sealed"
    )
    at = models.DateTimeField()
    reason = models.TextField()
    by_name = models.CharField(max_length=200)
    metadata: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    purged_at = models.DateTimeField("its contents are given up and destroyed from then on", null=True)

    def __str__(self) -> str:
        return f"sealed {self.document_id}"


class LinkKind(models.TextChoices):
    """How one document refers to another."""

    REPLY_TO = "REPLY_TO", "Trả lời văn bản"
    REPLACES = "REPLACES", "Thay thế văn bản"
    RELATED = "RELATED", "Liên quan"


class DocumentLink(Entity):
    """A directed link between two documents of the same agency."""

    source = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="links")
    target = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=12, choices=LinkKind)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="records_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class Register(Entity):
    """A register book: one sequence of numbers per year (NĐ 30/2020 Đ15, Đ22)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="registers")
    direction = models.CharField(max_length=10, choices=Direction)
    name = models.CharField("tên sổ", max_length=200)
    type_codes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Document types that have this sequence of their own; empty for the agency's general register."""

    class Meta:
        ordering = ["direction", "name"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "direction", "name"], name="records_register_name"),
        ]

    def __str__(self) -> str:
        return self.name


class RegisterYear(Entity):
    """The sequence of one register in one year: the last number given and when."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "year"], name="records_register_year"),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.year}"


class RegisterEntry(Entity):
    """One line of a register. A mistaken line is voided with a reason, never deleted."""

    sequence = models.ForeignKey(RegisterYear, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField("số")
    document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="register_entries"
    )
    said = models.CharField("what the line is about when it is no document", max_length=500, blank=True)
    at = models.DateTimeField("thời điểm vào sổ")
    by_name = models.CharField("người vào sổ", max_length=200)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sequence", "number"], name="records_entry_number"),
            models.UniqueConstraint(
                fields=["document", "sequence"], condition=Q(voided_at=None), name="records_entry_document"
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=False) | ~Q(said=""), name="records_entry_is_about_something"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Capacity(models.TextChoices):
    """As what somebody takes part in a document."""

    DRAFTER = "DRAFTER", "Người soạn thảo"
    REVIEWER = "REVIEWER", "Lãnh đạo đơn vị"
    SIGNER = "SIGNER", "Người ký"
    REGISTRY = "REGISTRY", "Văn thư"
    DIRECTOR = "DIRECTOR", "Người chỉ đạo"
    LEAD = "LEAD", "Chủ trì"
    COLLABORATOR = "COLLABORATOR", "Phối hợp"
    INFORMED = "INFORMED", "Để biết"


class Participation(Entity):
    """Who takes part in a document: the one table the access rule reads.

    ``principal`` is a post or a role of an agency; ``document_ref`` repeats the document's time-ordered key so that
    one index gives a page of anybody's documents, newest first.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="participations")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    principal = models.UUIDField()
    direction = models.CharField(max_length=10, choices=Direction)
    capacity = models.CharField(max_length=14, choices=Capacity)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "document", "capacity"], name="records_participation_once"
            ),
        ]
        indexes = [
            models.Index(fields=["principal", "direction", "-document"], name="records_participation_list")
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.capacity}"


class Share(Entity):
    """Somebody of another agency may see what a document is and its files in force, and nothing else of it.

    For the agencies that issue a document together (văn bản liên tịch). Taken away, it is gone at once.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="shares")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    principal = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "document"], name="records_share_once"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.document_id}"


class Verb(models.TextChoices):
    """What a document waits for; "Việc của tôi" groups by it."""

    REVIEW = "REVIEW", "Xem xét"
    SIGN = "SIGN", "Ký"
    REVISE = "REVISE", "Chỉnh sửa"
    NUMBER = "NUMBER", "Cấp số, đóng dấu và phát hành"
    SEAL = "SEAL", "Đóng dấu văn bản liên tịch"
    OBTAIN = "OBTAIN", "Lấy chữ ký, dấu của cơ quan khác"
    OPEN = "OPEN", "Mở khóa tệp mã hóa"
    REGISTER = "REGISTER", "Vào sổ"
    DIRECT = "DIRECT", "Cho ý kiến chỉ đạo"
    HANDLE = "HANDLE", "Xử lý"
    COLLABORATE = "COLLABORATE", "Phối hợp"
    READ = "READ", "Xem để biết"
    FOLLOW = "FOLLOW", "Theo dõi gửi nhận"
    ANSWER = "ANSWER", "Trả lời yêu cầu của bên gửi"
    DECIDE = "DECIDE", "Quyết định thu hồi, cập nhật"
    DESTROY = "DESTROY", "Tiêu hủy nội dung bị thu hồi"


class WorkItem(Entity):
    """A document waits for one principal to do one thing. Gone when it is done."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="work_items")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    principal = models.UUIDField()
    verb = models.CharField(max_length=12, choices=Verb)
    urgency = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "principal", "verb"], name="records_work_once"),
        ]
        indexes = [models.Index(fields=["principal", "verb", "-urgency", "due_at"], name="records_work_list")]

    def __str__(self) -> str:
        return f"{self.verb} {self.document_id}"
