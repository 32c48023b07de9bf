"""State of the signing room."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField, HashField
from vanthu.directory.models import Agency, Person, Post
from vanthu.signing import (  # noqa: F401 - Django looks for models here
    authority_models,
    certificate_models,
    evidence_models,
    paper_models,
    sign_in_models,
    trust_models,
)
from vanthu.signing.device_models import KeyDevice


class KeyKind(models.TextChoices):
    """Where a private key lives; each kind has its own way of unlocking (``signing/keys.py``)."""

    PKCS12 = "PKCS12", "Tệp khóa PKCS#12"
    PKCS11 = "PKCS11", "Thiết bị bảo mật tại máy chủ (HSM)"
    CSC = "CSC", "Dịch vụ ký số từ xa"
    AGENT = "AGENT", "Thiết bị của người ký"


class EndReason(models.TextChoices):
    """Why a key is not used any more."""

    REPLACED = "REPLACED", "Đã có khóa khác thay"
    LOST = "LOST", "Thiết bị bị báo mất"
    DESTROYED = "DESTROYED", "Thiết bị đã hủy"
    REVOKED = "REVOKED", "Chứng thư đã bị thu hồi"


class SigningKey(Entity):
    """A certificate and the way to its key: of a person in a post, or of the agency (``post`` empty) (R65–R67).

    ``material`` is what the kind needs to reach the key: for PKCS#12 the encrypted file itself, else the JSON of
    ``signing.materials``. Passphrase, PIN and one-time password are never stored; they are asked for at each signing.
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
    image_sha256 = BlobField(blank=True)
    device = models.ForeignKey(
        KeyDevice, null=True, blank=True, on_delete=models.PROTECT, related_name="keys"
    )
    active = models.BooleanField(default=True)
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=12, blank=True, choices=EndReason)

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

    sha256 = HashField(db_index=True)
    verdict = models.CharField(max_length=15)
    report: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.verdict}"


class RemoteService(Entity):
    """A remote signing service (CSC API) that an agency's keys may lie at, and how the site proves itself there."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="remote_services")
    name = models.CharField(max_length=100)
    url = models.URLField(max_length=300)
    """With the version at its end: ``https://…/csc/v1``."""
    client_id = models.CharField(max_length=200, blank=True)
    secret_box = models.TextField(blank=True)
    """The client's secret, or a bearer token where there is no client id, encrypted (``base.boxes``)."""
    people = models.BooleanField(default=False)
    """Each person proves themselves to the service (``sign_ins``); else the site does."""
    oauth_url = models.URLField(max_length=300, blank=True)
    """The service's OAuth 2.0 server, where that has an address of its own."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "name"], name="signing_one_service_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class AgentPairing(Entity):
    """A person's computer whose vanthu-agent takes requests from this site; it counts from ``confirmed_at`` to
    ``revoked_at``. The secret signs requests, so that a page alone can ask the agent for nothing."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="agent_pairings")
    name = models.CharField(max_length=100)
    secret_box = models.TextField()
    begun_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class AwaitedSignature(Entity):
    """A file that is ready but for the signature of a key elsewhere; forgotten when it does not come in time.

    The file is the ``kept`` bytes of the stored content ``source_sha256``, then ``tail``; or, where it was written
    anew, the content ``prepared_sha256``. The row goes in the transaction that keeps the signed file.
    """

    key = models.ForeignKey(SigningKey, on_delete=models.CASCADE, related_name="awaited")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=20)
    document_id = models.UUIDField(db_index=True)
    file_id = models.UUIDField()
    ordinal = models.PositiveSmallIntegerField()
    source_sha256 = HashField()
    kept = models.BigIntegerField()
    tail = models.BinaryField()
    prepared_sha256 = BlobField(blank=True, db_index=True)
    pending: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.verb} {self.document_id}"
