"""State of the trusted lists that the site believes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField
from vanthu.directory.models import Agency


class AuthorityCategory(models.TextChoices):
    """``pades.Category`` with its names (R104)."""

    GOVERNMENT = "GOVERNMENT", "Chuyên dùng công vụ"
    PUBLIC = "PUBLIC", "Công cộng"


class TrustList(Entity):
    """A trusted list (ETSI TS 119 612) by which the whole site judges signatures.

    ``signers`` are the SHA-256 of the certificates that may sign it, as its keeper entered them. ``content`` is the
    last good list (``trustlists.TrustedList.as_dict``), ``content_sha256`` the blob it was read from; what cannot be
    read or is not signed as expected leaves both as they are and stands in ``problem``. ``kept_by``: in whose event
    log its changes stand.
    """

    kept_by = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    url = models.CharField(
        "where newer ones are fetched; empty: they are uploaded", max_length=500, blank=True
    )
    category = models.CharField(max_length=12, choices=AuthorityCategory)
    signers: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    content_sha256 = BlobField()
    sequence = models.PositiveIntegerField()
    issued = models.DateTimeField()
    next_update = models.DateTimeField("until when it says to be current; empty: closed for good", null=True)
    taken_at = models.DateTimeField("when this content was taken")
    looked_at = models.DateTimeField()
    look_again_at = models.DateTimeField(null=True, db_index=True)
    tries = models.PositiveSmallIntegerField("failed looks in a row", default=0)
    problem = models.CharField("why the last look brought nothing", max_length=500, blank=True)
    active = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(active=True), name="signing_trust_list_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
