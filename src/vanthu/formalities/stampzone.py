"""The stamp of state secrecy in the head of a first page, as far as the page has text; scans have none.

Refuses to decide what happens to the document (:mod:`vanthu.formalities.secrecy` says what a mark is).
"""

from __future__ import annotations

from typing import Any, BinaryIO

from vanthu.formalities.pdftext import UnreadablePdf, open_pdf, read_page
from vanthu.formalities.secrecy import SecrecyMark, stamp_in

HEAD_SHARE = 0.5
"""The stamp stands under number and notation, box 10a (NĐ 30/2020, Phụ lục I)."""


def stamp_marks(pdf: bytes | BinaryIO) -> tuple[SecrecyMark, ...]:
    """The marks that stand as lines of their own in the head of the first page. Raises ``UnreadablePdf``."""
    with open_pdf(pdf) as document:
        page = read_page(document, 0)
    head = (line.text for line in page.columns if page.from_top(line) < HEAD_SHARE)
    return tuple(mark for mark in map(stamp_in, head) if mark is not None)


def stamps_for_caller(stream: BinaryIO, _argument: Any, _ask: Any) -> list[str]:
    """The levels of the marks, for ``pades.confined.run_confined``; none in a file that cannot be read."""
    try:
        return [mark.level.value for mark in stamp_marks(stream)]
    except UnreadablePdf:
        return []


CONFINED = "vanthu.formalities.stampzone:stamps_for_caller"
