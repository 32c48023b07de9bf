"""Which rows keep a content from being destroyed follows from the fields of the models."""

from __future__ import annotations

from django.db import models
from django.test.utils import isolate_apps
from pytest import MonkeyPatch

from vanthu.blobs import fields


def test_every_model_says_of_every_hash_whether_it_holds_the_content() -> None:
    assert fields.every_hash_says_whether_it_holds() == []
    holding = {f"{field.model._meta.label}.{field.name}" for field in fields.holding_fields()}
    assert {
        "records.DocumentFile.sha256",
        "exchange.InboxPacket.sha256",
        "signing.SigningKey.image_sha256",
        "signing.SignatureEvidence.attachments",
    } <= holding
    assert "records.DocumentFile.source_sha256" not in holding, "it only mentions where the file came from"


@isolate_apps("vanthu.records")
def test_a_model_that_forgets_to_say_so_is_refused_when_the_program_starts(monkeypatch: MonkeyPatch) -> None:
    class Attachment(models.Model):  # noqa: DJ008 - nobody prints it
        file_sha256 = models.CharField(max_length=64)
        source_sha256 = fields.HashField()

        class Meta:
            app_label = "records"

    monkeypatch.setattr(fields.apps, "get_models", lambda: [Attachment])
    [error] = fields.every_hash_says_whether_it_holds()
    assert (error.id, error.obj) == ("blobs.E001", Attachment._meta.get_field("file_sha256"))
