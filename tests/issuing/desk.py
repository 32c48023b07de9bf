"""What the issuing tests share: people at their browsers, and documents brought to a stage."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests import world as worlds

from vanthu.demo import samples
from vanthu.directory.models import Post
from vanthu.issuing import actions
from vanthu.issuing.uploads import check_upload
from vanthu.records.models import Document, DocumentFile, RegisterEntry


def browser(post: Post) -> Client:
    """A browser in which the holder of the post is signed in."""
    client = Client()
    client.force_login(post.person)
    return client


def go(office: worlds.Office, who: str, document: Document | UUID, verb: str, **fields: Any) -> HttpResponse:
    """Press a button of the document page."""
    key = document.pk if isinstance(document, Document) else document
    return browser(office.posts[who]).post(f"/documents/{key}/{verb}", fields)


def fields_of(office: worlds.Office, *recipients: Any, **changed: Any) -> dict[str, Any]:
    """What the drafting form sends."""
    return {
        "type_code": "CONG_VAN",
        "subject": "Về việc rà soát công tác chuyển đổi số",
        "urgency": "0",
        "restriction": "",
        "signer_id": str(office.posts["leader"].pk),
        "issue_place": "Hà Tĩnh",
        "reply_due": "",
        "recipient_ids": [str(agency.pk) for agency in recipients],
        "distribution": "Như trên;\nLưu: VT, VP.",
        "note": "",
        "reply_to_id": "",
        **changed,
    }


def pdf(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def locked_pdf() -> bytes:
    """A PDF that wants a password."""
    with pikepdf.new() as document:
        document.add_blank_page()
        target = io.BytesIO()
        document.save(target, encryption=pikepdf.Encryption(owner="chu", user="nguoi-dung"))
    return target.getvalue()


def state_of(document: Document) -> tuple[Any, ...]:
    """Everything that a refused verb must leave as it was."""
    found = Document.objects.get(pk=document.pk)
    versions = list(
        DocumentFile.objects.filter(document=document).order_by("pk").values_list("sha256", "current")
    )
    numbers = RegisterEntry.objects.filter(document=document).count()
    waiting = sorted(found.work_items.values_list("principal", "verb"))
    return found.state, found.code, found.subject, versions, numbers, waiting, found.comments.count()


def in_review(world: worlds.World) -> Document:
    """Drafted in a unit with a head, submitted: the head reads it first."""
    document = worlds.draft(world.province, [world.department.agency], by="unit_specialist")
    actions.submit(world.province.unit_specialist, document.pk)
    return document


def submitted(world: worlds.World) -> Document:
    """In front of the chairman."""
    document = worlds.draft(world.province, [world.department.agency])
    actions.submit(world.province.specialist, document.pk)
    return document


def draft(world: worlds.World) -> Document:
    """Complete, not yet submitted."""
    return worlds.draft(world.province, [world.department.agency])


def with_annex(world: worlds.World) -> Document:
    """A draft with one annex."""
    document = draft(world)
    actions.attach_annex(world.province.specialist, document.pk, check_upload("phu-luc.pdf", samples.annex()))
    return document


def signed(world: worlds.World) -> Document:
    """Signed, in front of the clerk."""
    return worlds.signed(world.province, [world.department.agency])


Maker = Callable[[worlds.World], Document]
