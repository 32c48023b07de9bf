"""Model fields that name contents by their SHA-256: one content or a list that has to stay, one that is only mentioned.

Owns who holds what: a content is held by every row whose :class:`BlobField` or :class:`BlobListField` names it, unless
the row gave it up. A system check refuses a ``…sha256`` field that is none of these, so that no new model can forget to
hold what it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core import checks
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    Text = models.CharField[str, str]
    TextList = models.JSONField[list[str], list[str]]
else:
    Text, TextList = models.CharField, models.JSONField

SHA256_LENGTH = 64
ELSEWHERE = frozenset({"axis"})
"""Rooms that keep no contents in the blob store; hashes in their models are no business of it."""


class HashField(Text):
    """The SHA-256 of bytes that others keep, or nobody; in migrations a plain column of text."""

    def __init__(self, *args: Any, **named: Any) -> None:
        named.setdefault("max_length", SHA256_LENGTH)
        super().__init__(*args, **named)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """As the plain field, for the database knows no difference."""
        name, _path, args, named = super().deconstruct()
        return name, "django.db.models.CharField", args, named


class BlobField(HashField):
    """The SHA-256 of a content in the blob store that the row needs; empty where it names none.

    ``given_up`` describes the rows that need theirs no longer, although they still name it.
    """

    def __init__(self, *args: Any, given_up: Q | None = None, **named: Any) -> None:
        self.given_up = given_up
        super().__init__(*args, **named)

    def names(self, sha256: str) -> bool:
        """Whether some row still needs the content."""
        rows = self.model._default_manager.filter(**{self.name: sha256})
        return (rows.exclude(self.given_up) if self.given_up is not None else rows).exists()


class BlobListField(TextList):
    """The SHA-256 of several contents in the blob store that the row needs; in migrations a plain column of JSON."""

    def __init__(self, *args: Any, **named: Any) -> None:
        named.setdefault("default", list)
        super().__init__(*args, **named)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """As the plain field, for the database knows no difference."""
        name, _path, args, named = super().deconstruct()
        return name, "django.db.models.JSONField", args, named

    def names(self, sha256: str) -> bool:
        """Whether some row needs the content."""
        return self.model._default_manager.filter(**{f"{self.name}__contains": [sha256]}).exists()


def held(sha256: str) -> bool:
    """Whether a row of any model still needs the content."""
    return any(field.names(sha256) for field in holding_fields())


def holding_fields() -> Iterator[BlobField | BlobListField]:
    """The fields of all models that hold contents."""
    for model in apps.get_models():
        yield from (
            field for field in model._meta.local_fields if isinstance(field, (BlobField, BlobListField))
        )


@checks.register(checks.Tags.models)
def every_hash_says_whether_it_holds(**_: Any) -> list[checks.CheckMessage]:
    """A field called ``…sha256`` is a :class:`BlobField` or a :class:`HashField`."""
    return [
        checks.Error(
            "names a content by its hash and says neither BlobField nor HashField", obj=field, id="blobs.E001"
        )
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.name.endswith("sha256")
        and not isinstance(field, HashField)
        and model._meta.app_label not in ELSEWHERE
        and not field.primary_key
    ]
