"""What is done to a document that is out: the sender's decisions, recipients' answers, requests of other senders."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.directory.models import Agency, Post
from vanthu.exchange.models.receiving import InboxPacket
from vanthu.exchange.models.sending import Delivery, OutboxPacket
from vanthu.records.models import Document


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
