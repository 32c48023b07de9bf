"""Is a PDF made for keeping (PDF/A)? Looked at before the first signature, for afterwards nothing can be converted.

Owns the reading of what a file declares of itself, and of the plain facts that contradict it. Refuses to convert, and
to promise conformance: that takes a full validator, which an archive runs. Source: ISO 19005; requirement L35.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

_MOST_FONTS = 2000


@dataclass(frozen=True)
class Archival:
    """``declared`` as people write it (``PDF/A-2B``), empty for none; ``lacking`` as phrases for the drafter."""

    declared: str
    lacking: tuple[str, ...] = ()

    @property
    def fit(self) -> bool:
        """Declared, and nothing seen that contradicts it."""
        return bool(self.declared) and not self.lacking


def archival(pdf: bytes) -> Archival:
    """What the file declares and lacks; a file that cannot be read declares nothing."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return Archival(_declared(document), tuple(_lacking(document)))
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError):
        return Archival("")


def remark(found: Archival) -> str:
    """A sentence for the drafter, empty when there is nothing to say."""
    if not found.declared:
        return (
            "Tệp không phải PDF/A (dạng dùng để lưu trữ lâu dài) và sau khi ký không chuyển được nữa; nên tải lên "
            "tệp Word để hệ thống tự chuyển, hoặc xuất PDF/A từ phần mềm soạn thảo."
        )
    if found.lacking:
        return (
            f"Tệp ghi là {found.declared} nhưng {', '.join(found.lacking)}; nên xuất lại PDF/A trước khi ký."
        )
    return ""


def _declared(document: pikepdf.Pdf) -> str:
    with document.open_metadata() as metadata:
        part, level = metadata.get("pdfaid:part", ""), metadata.get("pdfaid:conformance", "")
    return f"PDF/A-{part}{level}" if part else ""


def _lacking(document: pikepdf.Pdf) -> list[str]:
    lacking = []
    if document.is_encrypted:
        lacking.append("tệp bị mã hóa")
    if Name.OutputIntents not in document.Root:
        lacking.append("không có đặc tả màu")
    if not all(_embedded(font) for font in _fonts(document)):
        lacking.append("có phông chữ không nhúng trong tệp")
    return lacking


def _fonts(document: pikepdf.Pdf) -> list[Any]:
    found = []
    for item in document.objects:
        if isinstance(item, Dictionary) and item.get(Name.Type) == Name.FontDescriptor:
            found.append(item)
        if len(found) >= _MOST_FONTS:
            break
    return found


def _embedded(descriptor: Any) -> bool:
    return any(key in descriptor for key in (Name.FontFile, Name.FontFile2, Name.FontFile3))
