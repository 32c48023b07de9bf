"""State of the copying room."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField, HashField
from vanthu.directory.models import Agency, Post
from vanthu.records.models import Document, RegisterEntry

PURGED = Q(document__sealed__purged_at__isnull=False)
"""Copies of a document whose contents were given up."""


class Form(models.TextChoices):
    """Form of a copy (NĐ 30/2020 Đ25; abbreviations of Phụ lục III mục I)."""

    TRUE_COPY = "SY", "Sao y"
    SECONDARY_COPY = "SL", "Sao lục"
    EXTRACT = "TrS", "Trích sao"


class Way(models.TextChoices):
    """From what onto what (NĐ 30/2020 Đ25)."""

    ELECTRONIC_TO_PAPER = "E2P", "Từ văn bản điện tử sang văn bản giấy"
    PAPER_TO_ELECTRONIC = "P2E", "Từ văn bản giấy sang văn bản điện tử"
    PAPER_TO_PAPER = "P2P", "Từ văn bản giấy sang văn bản giấy"
    ELECTRONIC_TO_ELECTRONIC = "E2E", "Từ văn bản điện tử sang văn bản điện tử"


class Copy(Entity):
    """One copy. What was copied is written down as it was then, for the record outlives changes of the document.

    ``document`` is empty for a paper that the system does not hold. Paper copies have a line of the register; an
    electronic one has none, for its form shows no number (Phụ lục I Phần II.I). A line never changes but for
    ``file_*``, set once, and the withdrawal.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="copies_made")
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="copies"
    )
    form = models.CharField("hình thức sao", max_length=3, choices=Form)
    way = models.CharField(max_length=3, choices=Way)
    lookup = models.CharField("mã tra cứu", max_length=16, unique=True)
    entry = models.OneToOneField(RegisterEntry, null=True, on_delete=models.PROTECT, related_name="copy")
    code = models.CharField("số, ký hiệu bản sao", max_length=80, blank=True)
    source_code = models.CharField("số, ký hiệu văn bản", max_length=80)
    source_date = models.DateField("ngày ban hành", null=True)
    source_issuer = models.CharField("cơ quan ban hành", max_length=200)
    source_type = models.CharField("tên loại", max_length=60, blank=True)
    source_subject = models.CharField("trích yếu", max_length=500, blank=True)
    subject_public = models.BooleanField("trích yếu được tra cứu công khai", default=False)
    source_sha256 = HashField("hash of the electronic original", blank=True)
    pages_sha256 = BlobField("hash of the pages that the clerk brought", blank=True, given_up=PURGED)
    made_from = models.CharField("sao từ bản sao nào", max_length=200, blank=True)
    extent = models.CharField("phần được trích", max_length=300, blank=True)
    signer_name = models.CharField("người ký bản sao", max_length=100)
    signer_position = models.CharField(max_length=200)
    signer_competence = models.CharField(max_length=200, blank=True)
    sheets = models.PositiveSmallIntegerField("số bản", default=1)
    recipients: models.JSONField[list[str], list[str]] = models.JSONField("nơi nhận", default=list)
    made_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    made_by_name = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    file_sha256 = BlobField(blank=True, db_index=True, given_up=PURGED)
    file_size = models.BigIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField(max_length=500, blank=True)
    request_key = models.UUIDField(
        "chosen by whoever called, so that a repeated call makes no second copy", null=True
    )

    class Meta:
        indexes = [models.Index(fields=["agency", "-id"], name="copying_copy_agency")]
        constraints = [
            models.UniqueConstraint(fields=["agency", "request_key"], name="copying_once_per_request"),
            models.CheckConstraint(
                condition=Q(way__in=["E2P", "P2P"], entry__isnull=False)
                | Q(way__in=["P2E", "E2E"], entry__isnull=True) & ~Q(file_sha256=""),
                name="copying_paper_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.code or self.lookup}"

    @property
    def on_paper(self) -> bool:
        """Whether the copy is printed and stamped."""
        return self.way in (Way.ELECTRONIC_TO_PAPER, Way.PAPER_TO_PAPER)


class BegunCopy(Entity):
    """An electronic copy that waits for the agency's key on the clerk's own computer; forgotten when it does not sign
    in time. ``wanted`` is ``rules.Wanted`` as JSON; ``begun_at`` and ``lookup`` are those that the copy shows."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    document_id: UUID | None
    wanted: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    lookup = models.CharField(max_length=16)
    pages_sha256 = BlobField(db_index=True)
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.wanted['form']} {self.lookup}"
