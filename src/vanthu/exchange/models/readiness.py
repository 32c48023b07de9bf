"""Why a side cannot exchange electronically, and which documents paper accompanies."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.directory.models import Agency, Post


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
