"""What the modern door keeps: keys of members, used signatures, uploads with their signatures, webhooks."""

from __future__ import annotations

from typing import Any

from django.db import models

from vanthu.axis.models.members import Member
from vanthu.base.models import Entity


class MemberKey(Entity):
    """A public key that signs calls of a member; several may be valid at once, so that keys change in peace."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="keys")
    kid = models.CharField("dấu vân khóa", max_length=60, unique=True)
    """JWK thumbprint (RFC 7638). A revoked key keeps its row and can never be registered again."""
    jwk: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    created_at = models.DateTimeField("đăng ký")
    revoked_at = models.DateTimeField("thu hồi", null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.kid


class UsedSignature(models.Model):
    """A signature that was used, until it would not be accepted any more anyway."""

    id = models.CharField(primary_key=True, max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.id


class Upload(Entity):
    """One upload by its Idempotency-Key, and the sender's signature over it.

    Written just before the packet is accepted, so that nobody finds the packet without its signature; a crash
    between the two leaves a row without a packet, which the next try completes.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    key = models.CharField("Idempotency-Key", max_length=200)
    fingerprint = models.CharField("hash of what was asked for", max_length=64)
    sha256 = models.CharField(max_length=64)
    proof: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    packet_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="axis_upload_once")]
        indexes = [models.Index(fields=["member", "sha256"], name="axis_upload_sha256")]

    def __str__(self) -> str:
        return self.key


class Webhook(Entity):
    """An address of a member that is told when something waits; never what.

    ``told`` is what the last answered call said. ``failures`` in a row open the circuit: the next try is at
    ``next_try_at``, later each time.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField("địa chỉ", max_length=500)
    created_at = models.DateTimeField()
    told = models.CharField(max_length=100, blank=True)
    told_at = models.DateTimeField("gọi được gần nhất", null=True)
    failures = models.PositiveIntegerField("số lần lỗi liên tiếp", default=0)
    last_error = models.CharField(max_length=300, blank=True)
    next_try_at = models.DateTimeField("lần gọi sau", null=True)
    paused_at = models.DateTimeField("tạm dừng từ", null=True)
    """Since when the operator lets nobody call it; the member's lists and waits tell the same."""

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["member", "url"], name="axis_webhook_once")]

    def __str__(self) -> str:
        return self.url


class WebhookCall(Entity):
    """One call of a webhook and how it went; only the latest are kept, for the operator."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField("lúc")
    test = models.BooleanField("gọi thử", default=False)
    problem = models.CharField("lỗi", max_length=300, blank=True)
    """Empty: it was answered."""
    milliseconds = models.PositiveIntegerField("thời gian")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.problem or "đã trả lời"
