"""State of the signing room."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.directory.models import Agency, Post


class KeyKind(models.TextChoices):
    """Where a private key lives; each kind has its own way of unlocking (``signing/keys.py``)."""

    PKCS12 = "PKCS12", "Tệp khóa PKCS#12"


class SigningKey(Entity):
    """A certificate and the way to its key: of a person in a post, or of the agency (``post`` empty) (R65–R67).

    ``material`` is what the kind needs to reach the key: for PKCS#12 the encrypted file itself. The passphrase is
    never stored; it is asked for at each signing.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="signing_keys")
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="keys")
    kind = models.CharField(max_length=12, choices=KeyKind, default=KeyKind.PKCS12)
    material = models.BinaryField()
    certificate = models.BinaryField()
    subject = models.CharField(max_length=500)
    serial = models.CharField(max_length=80)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    image_sha256 = models.CharField(max_length=64, blank=True)
    active = models.BooleanField(default=True)
    enrolled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(active=True, post=None), name="signing_one_agency_key"
            ),
            models.UniqueConstraint(
                fields=["post"], condition=Q(active=True), name="signing_one_key_per_post"
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class Validation(Entity):
    """What the check of one stored content found, at an instant; kept as evidence, never changed."""

    sha256 = models.CharField(max_length=64, db_index=True)
    verdict = models.CharField(max_length=15)
    report: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.verdict}"
