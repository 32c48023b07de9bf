"""Is a PDF made for keeping (PDF/A)? Looked at before the first signature, for afterwards nothing can be converted.

Owns the reading of what a file declares of itself, and of the facts in its objects that contradict it: fonts, colour
profile, encryption, what acts by itself, what lies outside, files inside, layers, transparency, structure. Refuses to
convert, and to promise conformance: what pages draw, glyphs and their widths, colours used and the metadata's agreement
with the file's own are not judged; that takes a full validator, which an archive runs. Source: ISO 19005-1 to -4;
requirement L35.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

from vanthu.pades.opening import Pdf, opened

_MOST_OBJECTS = 200_000
_ACTS = "có lệnh tự chạy hoặc mở chương trình khác"
_ACTING = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Rendition"}


@dataclass(frozen=True)
class Archival:
    """``declared`` as people write it (``PDF/A-2B``), empty for none; ``lacking`` as phrases for the drafter."""

    declared: str
    lacking: tuple[str, ...] = ()

    @property
    def fit(self) -> bool:
        """Declared, and nothing seen that contradicts it."""
        return bool(self.declared) and not self.lacking


def archival(pdf: Pdf) -> Archival:
    """What the file declares and lacks; a file that cannot be read declares nothing."""
    try:
        with opened(pdf) as document:
            declared = _declared(document)
            return Archival(declared, tuple(_lacking(document, declared)))
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


def _lacking(document: pikepdf.Pdf, declared: str) -> list[str]:
    facts = [*_of_file(document, declared)]
    first = declared.startswith("PDF/A-1")
    for count, item in enumerate(document.objects):
        if count >= _MOST_OBJECTS:
            break
        held = item.stream_dict if isinstance(item, pikepdf.Stream) else item
        if isinstance(held, Dictionary):
            facts += _of_object(held, is_stream=held is not item, first=first)
    return list(dict.fromkeys(facts))


def _of_file(document: pikepdf.Pdf, declared: str) -> Iterator[str]:
    root = document.Root
    form, names = _held(root, Name.AcroForm), _held(root, Name.Names)
    if document.is_encrypted:
        yield "tệp bị mã hóa"
    if not any(_is_profile(one) for one in root.get(Name.OutputIntents, [])):
        yield "không có đặc tả màu"
    if Name.ID not in document.trailer:
        yield "không có mã định danh tệp"
    if Name.XFA in form or bool(form.get(Name.NeedAppearances, False)):
        yield "có biểu mẫu động"
    if Name.JavaScript in names or Name.AA in root or _acts(_held(root, Name.OpenAction)):
        yield _ACTS
    if Name.EmbeddedFiles in names and declared.startswith(("PDF/A-1", "PDF/A-2")):
        yield "có tệp khác đính bên trong"
    if Name.OCProperties in root and declared.startswith("PDF/A-1"):
        yield "có lớp nội dung bật, tắt được"
    if declared.endswith("A") and not (Name.StructTreeRoot in root and Name.Lang in root):
        yield "không có cấu trúc văn bản như mức A đòi hỏi"


def _of_object(held: Dictionary, *, is_stream: bool, first: bool) -> Iterator[str]:
    if not _is_embedded(held):
        yield "có phông chữ không nhúng trong tệp"
    if (str(held.get(Name.S, "")) in _ACTING and Name.Type not in held) or _acts(held):
        yield _ACTS
    if is_stream and (Name.F in held or Name.Ref in held or Name.OPI in held):
        yield "có nội dung nằm ngoài tệp"
    if is_stream and "/LZWDecode" in str(held.get(Name.Filter, "")):
        yield "dùng cách nén không được phép (LZW)"
    if first and _is_see_through(held):
        yield "có hiệu ứng trong suốt mà PDF/A-1 không cho phép"


def _acts(action: Any) -> bool:
    return str(action.get(Name.S, "")) in _ACTING and str(action.get(Name.Type, "/Action")) == "/Action"


def _is_profile(intent: Any) -> bool:
    return isinstance(intent, Dictionary) and Name.DestOutputProfile in intent


def _is_embedded(held: Dictionary) -> bool:
    """False for a font, or what describes one, without its program; composite and drawn fonts have none themselves."""
    kind = str(held.get(Name.Type, ""))
    if kind == "/FontDescriptor":
        return any(key in held for key in (Name.FontFile, Name.FontFile2, Name.FontFile3))
    simple = str(held.get(Name.Subtype, "")) in {"/Type1", "/MMType1", "/TrueType"}
    return not (kind == "/Font" and simple and Name.FontDescriptor not in held)


def _is_see_through(held: Dictionary) -> bool:
    if str(_held(held, Name.Group).get(Name.S, "")) == "/Transparency":
        return True
    mask = held.get(Name.SMask)
    if mask is not None and mask != Name("/None"):
        return True
    faint = any(float(held.get(key, 1)) < 1 for key in (Name.ca, Name.CA) if _is_state(held))
    return faint or (_is_state(held) and str(held.get(Name.BM, "/Normal")) not in {"/Normal", "/Compatible"})


def _is_state(held: Dictionary) -> bool:
    """A graphics state; its type need not be written."""
    return str(held.get(Name.Type, "/ExtGState")) == "/ExtGState" and Name.Subtype not in held


def _held(holder: Any, key: Name) -> Any:
    found = holder.get(key)
    return found if isinstance(found, Dictionary) else {}
