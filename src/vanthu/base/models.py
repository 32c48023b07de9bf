"""The abstract row every table starts from."""

from __future__ import annotations

from django.db import models

from vanthu.base.ids import new_id


class Entity(models.Model):
    """A row with a time-ordered key made by the application."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
