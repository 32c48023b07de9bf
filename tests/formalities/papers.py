"""Real pages for the tests of reading and placing: set with typst, with quirks that drafts have."""

from __future__ import annotations

import json
from functools import lru_cache
from io import BytesIO

import pikepdf
import pypdfium2
import typst

from vanthu.formalities.fonts import tinos_folder

HEAD = """
#let data = json(bytes(sys.inputs.data))
#set text(font: "Tinos", size: 13pt, lang: "vi")
#set page(paper: "a4", flipped: data.landscape, margin: (top: 20mm, bottom: 20mm, left: 30mm, right: 17mm))
#grid(columns: (66fr, 97fr), row-gutter: 4mm,
  align(center)[SỞ NỘI VỤ \\ *VĂN PHÒNG*], align(center)[*CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM*],
  align(center, text(data.number)), align(center, move(dy: data.drop * 1pt, emph(text(14pt, data.date)))))
"""
BODY = """
#v(5mm)
#align(center)[*THÔNG BÁO* \\ *Về lịch trực cơ quan*]
#for n in range(data.pages - 1) { par("Nội dung trang " + str(n + 1)); pagebreak() }
Giao Chánh Văn phòng đôn đốc thực hiện; ngày 15 tháng 3 năm 2026 tổng kết./.
#v(8mm)
"""
BLOCK = """
#grid(columns: (1fr, 1fr), [*_Nơi nhận:_* \\ - Như trên; \\ - Lưu: VT. #place(bottom + right, text(11pt, data.beside))],
  align(center, { for line in data.position { strong(line); linebreak() }
    v(data.space * 1mm); if data.remark != "" { emph(data.remark); v(10mm) }
    if data.other_post != "" { strong(data.other_post); linebreak() }
    strong(data.name) }))
"""
ANNEX = """
#if data.annex {
  pagebreak()
  align(center)[*PHỤ LỤC* \\ _(Kèm theo Thông báo số    /TB-VP ngày    tháng    năm 2026)_]
  table(columns: 3, [*TT*], [*HỌ VÀ TÊN*], [*CHỨC VỤ*], [1], [Nguyễn Thị Hoa], [Chuyên viên],
    [2], [Trần Văn Minh], [Chuyên viên])
}
"""


@lru_cache(maxsize=64)
def paper(
    number: str = "Số:             /TB-VP",
    date: str = "Hà Tĩnh, ngày         tháng         năm 2026",
    *,
    position: tuple[str, ...] = ("CHÁNH VĂN PHÒNG",),
    name: str = "Nguyễn Thị Bích Ngọc",
    space: float = 25,
    remark: str = "",
    drop: float = 0,
    other_post: str = "",
    beside: str = "",
    pages: int = 1,
    annex: bool = False,
    landscape: bool = False,
    block: bool = True,
) -> bytes:
    """A notice whose words and blanks the test chooses; spaces are kept as typed."""
    values = {
        "number": number.replace(" ", "\u00a0"),
        "date": date.replace(" ", "\u00a0"),
        "position": position,
        "name": name,
        "space": space,
        "remark": remark,
        "drop": drop,
        "other_post": other_post,
        "beside": beside,
        "pages": pages,
        "annex": annex,
        "landscape": landscape,
    }
    source = HEAD + BODY + (BLOCK if block else "") + ANNEX
    pdf = _compiler().compile(
        input=source.encode(), sys_inputs={"data": json.dumps(values, ensure_ascii=False)}, timestamp=0
    )
    assert isinstance(pdf, bytes)
    return pdf


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(tinos_folder())]
    )
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


def cropped(pdf: bytes, box: tuple[float, float, float, float]) -> bytes:
    """The same pages showing only a part of the sheet."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            page.CropBox = pikepdf.Array(box)
        return _saved(document)


def shifted(pdf: bytes, x: float, y: float) -> bytes:
    """The same pages on a sheet whose lower left corner is not 0, 0."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            page.contents_add(document.make_stream(f"q 1 0 0 1 {x} {y} cm\n".encode()), prepend=True)
            page.contents_add(document.make_stream(b"\nQ"))
            left, bottom, right, top = (float(value) for value in page.mediabox)
            page.MediaBox = pikepdf.Array([left + x, bottom + y, right + x, top + y])
            page.CropBox = page.MediaBox
        return _saved(document)


def turned(pdf: bytes, angle: int) -> bytes:
    """The same document as some printers write it: text turned in the file, /Rotate turning it back for the
    eye.
    """
    matrices = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    a, b, c, d = matrices[angle]
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            width, height = float(page.mediabox[2]), float(page.mediabox[3])
            corners = [(a * x + c * y, b * x + d * y) for x in (0, width) for y in (0, height)]
            left, bottom = min(x for x, _ in corners), min(y for _, y in corners)
            right, top = max(x for x, _ in corners) - left, max(y for _, y in corners) - bottom
            page.contents_add(
                document.make_stream(f"q {a} {b} {c} {d} {-left} {-bottom} cm\n".encode()), prepend=True
            )
            page.contents_add(document.make_stream(b"\nQ"))
            page.MediaBox = pikepdf.Array([0, 0, right, top])
            page.Rotate = angle
        return _saved(document)


def scanned(pdf: bytes) -> bytes:
    """The same pages as pictures without words."""
    pictures = [page.render(scale=1).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(pdf)]
    target = BytesIO()
    pictures[0].save(target, format="PDF", save_all=True, append_images=pictures[1:])
    return target.getvalue()


def ink_in(pdf: bytes, box: object) -> int:
    """Number of dark dots inside a box of an upright page: 0 means that the place is free."""
    page = pypdfium2.PdfDocument(pdf)[box.page]  # type: ignore[attr-defined]
    left, _, _, top = page.get_mediabox()
    picture = page.render(scale=2).to_pil().convert("L")
    edges = (box.x0 - left, top - box.y1, box.x1 - left, top - box.y0)  # type: ignore[attr-defined]
    cut = picture.crop(tuple(round(2 * edge) for edge in edges))  # type: ignore[arg-type]
    return sum(cut.histogram()[:128])


def _saved(document: pikepdf.Pdf) -> bytes:
    target = BytesIO()
    document.save(target)
    return target.getvalue()
