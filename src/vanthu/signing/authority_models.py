"""State of the authority to sign: what the head gave in writing, what the signer's block of a file says."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from vanthu.base.models import Entity
from vanthu.directory.models import Agency, Post
from vanthu.legal.authority import Prefix


class Authority(Entity):
    """What somebody may sign by a writing: types, drafting units, dates, the document it follows from (Đ13).

    Empty ``type_codes``: all administrative types; empty ``unit_ids``: documents of every unit; empty ``field_ids``: of
    every field of work. ``scope`` says the contents in words, for people. ``under`` is the order (TL.) within which a
    unit's head lets a deputy sign.
    Never deleted: it ends with a reason.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="authorities")
    prefix = models.CharField(max_length=3, choices=[(one.value, one.label) for one in Prefix])
    giver = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    under = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="passed_on")
    type_codes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    unit_ids: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    field_ids: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    scope = models.CharField(max_length=500, blank=True)
    basis = models.CharField(max_length=300)
    since = models.DateField()
    until = models.DateField(null=True)
    recorded_by_name = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(prefix="TUQ") | Q(until__isnull=False), name="signing_delegation_ends"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="signing_authority_in_writing"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="signing_authority_span"
            ),
        ]
        indexes = [models.Index(fields=["agency", "post"], name="signing_authority_post")]

    def __str__(self) -> str:
        return f"{self.prefix}. {self.post_id}"


class PrintedBlock(models.Model):
    """The block of one signer as printed on one content, read once: the content never changes.

    ``key`` is made of the content's digest and the signer's name: a joint document has a block for each.
    """

    key = models.CharField(max_length=64, primary_key=True)
    found = models.BooleanField()
    position: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.key[:12]} {self.name}"
