"""What is kept of the axes: leases and last words, who is listed where, this site's standing, senders' signatures."""

from __future__ import annotations

from django.db import models

from vanthu.base.models import Entity
from vanthu.blobs.fields import HashField
from vanthu.directory.models import Agency


class Link(models.Model):
    """A loop's lease and its last word from the axis.

    Which worker polls until when, and when the axis last answered.

    A lease in a row rather than a session lock, because a session lock does not survive a connection pooler.
    """

    name = models.CharField(primary_key=True, max_length=60)
    leased_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=1000, blank=True)
    list_of = models.CharField(max_length=300, blank=True)
    """Whose agency list was copied (address and system id), so that no version of another one is asked for."""
    list_version = models.BigIntegerField(default=0)
    """Up to which version the list was copied; 0: never, or the axis has no versions."""
    listed_whole_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    """That an axis lists an agency under a code; learnt from the axis, so never written by hand."""

    axis = models.CharField(max_length=30)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="listings")
    code = models.CharField(max_length=35)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["axis", "code"], name="exchange_listed_once")]

    def __str__(self) -> str:
        return f"{self.axis}: {self.code}"


class AxisStage(models.TextChoices):
    """How far an agency is on its way onto an axis, as the axis tells (QĐ 28/2018)."""

    NOT_READY = "NOT_READY", "Chưa sẵn sàng"
    READY = "READY", "Sẵn sàng"
    CONNECTED = "CONNECTED", "Đã kết nối"
    TRIAL_PASSED = "TRIAL_PASSED", "Đã qua thử nghiệm"
    LIVE = "LIVE", "Chính thức"


class AxisStanding(models.Model):
    """Where an agency of this site stands at one axis, as that axis told last; never written by hand.

    ``items``: what its trial has to show, with ``text``, ``passed_at`` (RFC 3339 or empty) and ``doc_id``; ``gaps``:
    what a survey found missing; ``partners``: agencies (``code``, ``name``) with which everything can be tried.
    """

    axis = models.CharField(max_length=30)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="standings")
    code = models.CharField(max_length=35)
    stage = models.CharField(max_length=20, choices=AxisStage)
    stage_at = models.DateTimeField(null=True)
    items: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    gaps: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    partners: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["axis", "agency"], name="exchange_standing_once")]

    def __str__(self) -> str:
        return f"{self.axis}: {self.code} {self.stage}"


class SenderProof(Entity):
    """The sender system's signature over one packet, with the key it was checked by: evidence for later.

    ``sha256`` is the packet's; a status names its packet by the same hash.
    """

    sha256 = HashField()
    sender_code = models.CharField(max_length=100)
    axis = models.CharField(max_length=30)
    jwk: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    proof: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    signed_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256", "sender_code"], name="exchange_sender_proof_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_code} {self.sha256[:12]}"
