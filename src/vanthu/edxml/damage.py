"""Tells bytes that were destroyed on the way, and files that are not what their name says.

Owns the first bytes by which kinds of files are known, and the traces that a text decoder leaves in binary data.
Refuses to mend anything: what was replaced is gone.
"""

from __future__ import annotations

from vanthu.edxml.content import Content
from vanthu.edxml.media import TEXT_TYPES, extension, media_type

REPLACEMENT = "\ufffd".encode()
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_MARKS = {
    "pdf": (b"%PDF-",),
    "doc": (_OLE,),
    "xls": (_OLE,),
    "ppt": (_OLE,),
    # Office files with a password are OLE inside.
    "docx": (_ZIP, _OLE),
    "xlsx": (_ZIP, _OLE),
    "pptx": (_ZIP, _OLE),
    "zip": (_ZIP,),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "gif": (b"GIF8",),
    "rar": (b"Rar!\x1a\x07",),
    "7z": (b"7z\xbc\xaf\x27\x1c",),
}
_PDF_COMMENT = 64


def destroyed_as_text(content: Content, name: str) -> bool:
    """Whether a binary file was pushed through a text decoder.

    Told by its first bytes, or by being strewn with U+FFFD: honest compressed data holds those three bytes about
    once in 16 million; the threshold is far above.
    """
    if media_type(name) in TEXT_TYPES or content.size == 0:
        return False
    head = content.head(_PDF_COMMENT)
    if _head_destroyed(head, extension(name)):
        return True
    count = 0
    carried = b""
    for chunk in content.chunks():
        window = carried + chunk
        count += window.count(REPLACEMENT)
        carried = window[-2:]
    return count >= 8 and count * 10_000 >= content.size


def _head_destroyed(head: bytes, ending: str) -> bool:
    """Whether the file's mark stands there with its high bytes replaced, by U+FFFD or by question marks.

    A PDF's second line is a comment of four high bytes, put there so that nobody takes the file for text.
    """
    if head.startswith(b"%PDF-"):
        comment = head.split(b"\n" if b"\n" in head[:12] else b"\r", 1)[-1].lstrip(b"\r\n")
        return comment.startswith((b"%????", b"%" + REPLACEMENT))
    for mark in _MARKS.get(ending, ()):
        as_question = bytes(byte if byte < 0x80 else 0x3F for byte in mark)
        if not mark.isascii() and head.startswith((as_question, mark.decode("utf-8", "replace").encode())):
            return True
    return False


def other_kind(content: Content, name: str) -> bool:
    """Whether the first bytes are those of another kind of file than the name says; false when in doubt."""
    wanted = _MARKS.get(extension(name))
    head = content.head(8)
    if wanted is None or head.startswith(wanted):
        return False
    return any(head.startswith(marks) for marks in _MARKS.values())
