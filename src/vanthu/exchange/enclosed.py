"""Marks of state secrecy inside signed files (``.p7m``): in the name of what they hold, and on its first page.

Only what is needed for it is read: hostile pages in a confined process. Refuses to look into a content for a further
signed file, and to decide what happens to a packet (:mod:`vanthu.exchange.secrecy`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from vanthu import cms
from vanthu.edxml.media import media_type
from vanthu.edxml.model import Attachment
from vanthu.formalities import stampzone
from vanthu.formalities.secrecy import (
    Described,
    MarkPlace,
    SecrecyLevel,
    SecrecyMark,
    find_marks,
    stamp_of,
)
from vanthu.pades.confined import OverBudget, run_confined
from vanthu.records.models import PDF
from vanthu.signing import service

_ENDINGS = (".p7m", ".p7s", ".sig", ".cms")
_NOT_SIGNED = (b"%PDF", b"PK\x03\x04")
"""Beginnings of files that are no CMS: the most there are, known without opening them further."""


def marks_in(attachments: Iterable[Attachment]) -> Iterator[SecrecyMark]:
    """The marks inside the signed files among a packet's attachments."""
    for one in attachments:
        if one.content.head(4) in _NOT_SIGNED:
            continue
        with one.content.open() as stream, tempfile.TemporaryFile() as target:
            if cms.recognise(stream) is cms.Form.CMS and _taken_out(stream, target):
                yield from marks_of_content(one.name, target)


def marks_of_content(outer: str, content: BinaryIO) -> tuple[SecrecyMark, ...]:
    """The marks of what the signed file ``outer`` holds: in its name, or in the head of a PDF's first page. A page that
    cannot be read within the budget shows none."""
    is_pdf = cms.recognise(content) is cms.Form.PDF
    name = content_name(outer, is_pdf=is_pdf)
    named = find_marks(Described(attachment_names=(name,)))
    if named or not is_pdf:
        return tuple(replace(mark, place=MarkPlace.CONTENT) for mark in named)
    try:
        stamped: list[str] = run_confined(stampzone.CONFINED, content, None, budget=service.budget())
    except OverBudget:
        return ()
    return tuple(replace(stamp_of(SecrecyLevel(level)), place=MarkPlace.CONTENT) for level in stamped)


def content_name(outer: str, *, is_pdf: bool) -> str:
    """What the content of a signed file is called."""
    name = next((outer[: -len(end)] for end in _ENDINGS if outer.lower().endswith(end)), outer)
    return f"{name}.pdf" if is_pdf and media_type(name) != PDF else name


def _taken_out(stream: BinaryIO, target: BinaryIO) -> bool:
    try:
        return cms.content_of(stream, target) is not None
    except cms.ContentTooLarge:
        return False
