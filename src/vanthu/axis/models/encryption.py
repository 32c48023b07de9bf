"""What agencies publish for being encrypted to; the axis passes it on and vouches for nothing in it."""

from __future__ import annotations

from typing import Any

from django.db import models

from vanthu.axis.models.members import AxisAgency


class AgencyEncryption(models.Model):
    """The newest publication of an agency (``vanthu.relay.publications``), as its system signed it."""

    agency = models.OneToOneField(
        AxisAgency, on_delete=models.CASCADE, primary_key=True, related_name="encryption"
    )
    publication: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    said_at = models.DateTimeField()
    published_at = models.DateTimeField()
    told_at = models.DateTimeField("when the parent axis was told last", null=True)

    def __str__(self) -> str:
        return f"{self.agency_id} {self.said_at:%Y-%m-%d}"
