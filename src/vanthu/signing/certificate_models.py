"""State of the certificates: what is known of each, who was warned, what was asked of the authority, each use."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import HashField
from vanthu.directory.models import Agency, Post
from vanthu.records.models import Document


class CertificateStanding(models.Model):
    """What the daily look found: ``standing`` is a ``pades.Standing`` that was certain, ``certain_at`` when."""

    key = models.OneToOneField(
        "signing.SigningKey", on_delete=models.CASCADE, primary_key=True, related_name="known"
    )
    standing = models.CharField(max_length=20, blank=True)
    certain_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField()
    authority = models.CharField("pades.Category of its authority", max_length=12, blank=True)

    def __str__(self) -> str:
        return f"{self.key_id} {self.standing}"


class CertificateWarning(Entity):
    """One person was told once that a certificate ends within so many days (R189)."""

    key = models.ForeignKey("signing.SigningKey", on_delete=models.CASCADE, related_name="warnings")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField()
    given_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "days", "post"], name="signing_warned_once"),
        ]
        indexes = [
            models.Index(fields=["post"], condition=Q(seen_at=None), name="signing_warning_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.key_id} {self.days}"


class RequestKind(models.TextChoices):
    """What the certification authority is asked for (NĐ 68/2024)."""

    ISSUE = "ISSUE", "Cấp chứng thư số"
    RENEW = "RENEW", "Gia hạn chứng thư số"
    REVOKE = "REVOKE", "Thu hồi chứng thư số"


class CertificateRequest(Entity):
    """A request to the certification authority: printed and sent by people; here stands when and how it was told."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=RequestKind)
    key = models.ForeignKey(
        "signing.SigningKey", null=True, on_delete=models.PROTECT, related_name="requests"
    )
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_how = models.CharField(max_length=300, blank=True)
    told_by_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "kind"], condition=Q(answered_at=None), name="signing_one_open_request"
            ),
        ]
        indexes = [models.Index(fields=["agency", "-id"], name="signing_request_agency")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key_id}"


class Purpose(models.TextChoices):
    """What a key was used for."""

    SIGN = "SIGN", "Ký văn bản"
    SEAL = "SEAL", "Ký số của cơ quan"


class KeyUse(Entity):
    """One signature that was kept: with which key, by whom, by which authority. Written with the signature itself.
    ``document`` is empty for a copy of a paper that the system does not hold.

    ``authority`` says by which authority in words; ``writing`` is it, where somebody gave it.
    ``review`` is what the person responsible found after the device was lost.
    """

    UNREVIEWED, GENUINE, FORGED = "", "GENUINE", "FORGED"
    REVIEWS = [(UNREVIEWED, "Chưa rà soát"), (GENUINE, "Đúng người ký"), (FORGED, "Không phải người ký")]

    key = models.ForeignKey("signing.SigningKey", on_delete=models.PROTECT, related_name="uses")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    document_id: UUID | None
    about = models.CharField("what was signed, where it is not the document", max_length=300, blank=True)
    purpose = models.CharField(max_length=4, choices=Purpose)
    sha256 = HashField()
    by_name = models.CharField(max_length=200)
    authority = models.CharField(max_length=300, blank=True)
    writing = models.ForeignKey("signing.Authority", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    review = models.CharField(max_length=8, blank=True, choices=REVIEWS)
    reviewed_by_name = models.CharField(max_length=200, blank=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["key", "-at"], name="signing_use_of_key")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.document_id or self.about}"
