"""State of the encryption room."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import HashField
from vanthu.directory.models import Agency, Post
from vanthu.records.models import Document


class KeyPlace(models.TextChoices):
    """Where the private key lives."""

    PKCS12 = "PKCS12", "Tệp khóa PKCS#12"
    PKCS11 = "PKCS11", "Thiết bị khóa của máy chủ (PKCS#11)"
    AGENT = "AGENT", "Thiết bị của người giữ khóa"


class Standing(models.TextChoices):
    """What the last check of a certificate found."""

    GOOD = "GOOD", "Còn hiệu lực"
    UNKNOWN = "UNKNOWN", "Chưa hỏi được tình trạng thu hồi"
    REVOKED = "REVOKED", "Đã bị thu hồi"
    EXPIRED = "EXPIRED", "Đã hết hạn"
    NOT_YET_VALID = "NOT_YET_VALID", "Chưa có hiệu lực"
    UNTRUSTED = "UNTRUSTED", "Không do tổ chức được tin cậy cấp"
    CHAIN_BROKEN = "CHAIN_BROKEN", "Chuỗi chứng thư số không hợp lệ"
    WEAK = "WEAK", "Thuật toán hoặc khóa không còn an toàn"


class AgencyKey(Entity):
    """A key that opens what was encrypted for an agency of this site; retired ones still open what is old.

    ``material``: for PKCS#12 the encrypted file, for PKCS#11 the name of the token, empty for a
    token in somebody's own computer, which is found by its certificate. Passphrase and PIN are never kept.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="encryption_keys")
    place = models.CharField(max_length=10, choices=KeyPlace, default=KeyPlace.PKCS12)
    material = models.BinaryField()
    certificate = models.BinaryField()
    subject = models.CharField(max_length=500)
    serial = models.CharField(max_length=80)
    valid_to = models.DateTimeField()
    active = models.BooleanField(default=True)
    enrolled_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(active=True), name="encryption_one_active_key"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def elsewhere(self) -> bool:
        """Whether the key is in somebody's own computer, where vanthu-agent opens with it."""
        return self.place == KeyPlace.AGENT


class AgencyCertificate(Entity):
    """A certificate that contents for an agency are encrypted to, of this site or of another.

    ``standing`` is what the last check found; what is asked of it (an authority's answer) needs the network and so is
    not asked while a document is being sent.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="encryption_certificates")
    certificate = models.BinaryField()
    sha256 = HashField("dấu vân tay")
    subject = models.CharField(max_length=500)
    issuer = models.CharField(max_length=500)
    serial = models.CharField(max_length=80)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    standing = models.CharField(max_length=15, choices=Standing, default=Standing.UNKNOWN)
    checked_at = models.DateTimeField(null=True)
    source = models.CharField("nguồn", max_length=300)
    published = models.BooleanField(default=False)
    """The agency's own statement named it (``published``), and no clerk put it away by hand since."""
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "sha256"], name="encryption_certificate_once"),
        ]
        indexes = [
            models.Index(fields=["agency"], condition=Q(active=True), name="encryption_certificate_active"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.serial}"


class PublishedKeys(models.Model):
    """What an axis is told of the certificates that contents for one of our agencies are encrypted to."""

    axis = models.CharField(max_length=50)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="published_keys")
    body: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    """The publication as it is sent; written down first, so that it is sent the same again."""
    told_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["axis", "agency"], name="encryption_published_once"),
        ]

    def __str__(self) -> str:
        return f"{self.axis} {self.agency_id}"


class AgencyStatement(models.Model):
    """The newest statement of an agency elsewhere about its certificates, as an axis' agency list had it."""

    agency = models.OneToOneField(
        Agency, on_delete=models.CASCADE, primary_key=True, related_name="encryption_statement"
    )
    axis = models.CharField(max_length=50)
    """What people call it."""
    key_id = models.CharField(max_length=60)
    """Thumbprint of the key whose statements withdraw certificates: that of the first one, until a clerk says so."""
    other_key_id = models.CharField(max_length=60, blank=True)
    """The newest statement is signed by another key: it adds certificates, but withdraws none."""
    said_at = models.DateTimeField()
    statement = models.TextField()
    problem = models.CharField(max_length=500, blank=True)
    """Why certificates in it are not used."""
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.agency_id} {self.said_at:%Y-%m-%d}"


class Without(models.TextChoices):
    """What happens with recipients who have no certificate to encrypt to."""

    STOP = "STOP", "Dừng lại, không gửi cho đến khi đủ chứng thư số"
    PAPER = "PAPER", "Gửi bản giấy cho những nơi này"
    PLAIN = "PLAIN", "Gửi không mã hóa cho những nơi này"


class Choice(models.Model):
    """Somebody decided that a document is sent encrypted (QĐ 33/2019/QĐ-UBND Đ13.1)."""

    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="encryption"
    )
    without = models.CharField(max_length=6, choices=Without, default=Without.STOP)
    by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.document_id}: {self.without}"
