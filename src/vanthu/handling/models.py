"""State of the handling room."""

from __future__ import annotations

from typing import Any

from django.db import models

from vanthu.base.models import Entity
from vanthu.directory.models import Post
from vanthu.exchange.models import InboxPacket
from vanthu.records.models import Document


class Stage(models.TextChoices):
    """``Document.state`` of an incoming document (requirements, appendix A)."""

    ARRIVED = "ARRIVED", "Mới đến"
    REJECTED = "REJECTED", "Đã từ chối tiếp nhận"
    REGISTERED = "REGISTERED", "Đã vào sổ, chờ chỉ đạo"
    ASSIGNED = "ASSIGNED", "Đã giao xử lý"
    IN_PROGRESS = "IN_PROGRESS", "Đang xử lý"
    COMPLETED = "COMPLETED", "Hoàn thành"
    RECALLED = "RECALLED", "Đã bị thu hồi"


class IntakeVerdict(models.TextChoices):
    """What the automatic check recommends; the clerk decides (requirements 2.4.11)."""

    CHECKING = "CHECKING", "Đang kiểm tra"
    ACCEPTABLE = "ACCEPTABLE", "Đủ điều kiện tiếp nhận"
    WARNING = "WARNING", "Tiếp nhận được, có cảnh báo"
    REJECT = "REJECT", "Đề nghị từ chối"


class RejectReason(models.TextChoices):
    """Coded reasons for refusing a document (R17, L13)."""

    WRONG_ADDRESSEE = "WRONG_ADDRESSEE", "Gửi sai nơi nhận"
    NOT_INTACT = "NOT_INTACT", "Văn bản không toàn vẹn"
    BAD_SIGNATURE = "BAD_SIGNATURE", "Chữ ký số không hợp lệ"
    INCOMPLETE = "INCOMPLETE", "Thiếu tệp hoặc không đọc được"
    WRONG_FORM = "WRONG_FORM", "Sai thể thức, thẩm quyền"
    DUPLICATE = "DUPLICATE", "Văn bản trùng"
    OTHER = "OTHER", "Lý do khác"


class Intake(models.Model):
    """How one document came in, what the check found, and what the clerk decided."""

    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="intake"
    )
    inbox = models.OneToOneField(InboxPacket, null=True, on_delete=models.PROTECT, related_name="intake")
    received_at = models.DateTimeField()
    deadline = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=IntakeVerdict, default=IntakeVerdict.CHECKING)
    checks: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    check_attempts = models.PositiveSmallIntegerField(default=0)
    decided_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reject_code = models.CharField(max_length=20, blank=True, choices=RejectReason)
    reject_reason = models.CharField(max_length=500, blank=True)
    completed_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"intake of {self.document_id}"


class AssignmentRole(models.TextChoices):
    """Part of a person in the work on a document (R89)."""

    LEAD = "LEAD", "Chủ trì"
    COLLABORATE = "COLLABORATE", "Phối hợp"
    INFORM = "INFORM", "Để biết"


class Directive(Entity):
    """A leader's directive (bút phê): appended, never overwritten (R87)."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="directives")
    author = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("ý kiến chỉ đạo")
    due_at = models.DateTimeField("thời hạn", null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:40]


class Assignment(Entity):
    """A person's part in the work, given by a directive."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="assignments")
    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="assignments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=12, choices=AssignmentRole)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["directive", "post"], name="handling_assignment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.post_id}"


class ProgressNote(Entity):
    """What somebody reports of the work."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="progress_notes")
    author = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:40]


class DestructionState(models.TextChoices):
    """How far the destruction of a recalled document's content is."""

    ASKED = "ASKED", "Chờ lãnh đạo quyết định"
    DECIDED = "DECIDED", "Đang tiêu hủy"
    DONE = "DONE", "Đã tiêu hủy"
    DROPPED = "DROPPED", "Không tiêu hủy"


class Destruction(Entity):
    """The minutes of destroying what a recalled document contained: who, by which rule, which contents (PL VI III.8).

    Nobody in ``asked_by`` and ``decided_by``: by policy alone. ``contents`` names each content by its hash with what
    became of it.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="destructions")
    state = models.CharField(max_length=10, choices=DestructionState)
    reason = models.TextField()
    rule = models.CharField(max_length=200)
    asked_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    drop_reason = models.TextField(blank=True)
    contents: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                condition=~models.Q(state="DROPPED"),
                name="handling_one_destruction",
            ),
        ]

    def __str__(self) -> str:
        return f"destruction of {self.document_id}: {self.state}"
