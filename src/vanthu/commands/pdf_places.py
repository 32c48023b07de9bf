"""``vanthu pdf place``: where number, date, signature and seal of a draft would go, as text and as a picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vanthu.commands import pdf
from vanthu.commands.terminal import print_json, printable, require_new, write_new

if TYPE_CHECKING:
    from PIL.Image import Image

    from vanthu.formalities.placement import FoundPlaces
    from vanthu.pades.places import Box

NAMES = {"number": "Số", "date": "Ngày", "signature": "Chữ ký", "seal": "Con dấu", "initials": "Ký nháy"}
COLOURS = {
    "number": (17, 94, 163),
    "date": (17, 94, 163),
    "signature": (24, 71, 214),
    "seal": (198, 33, 39),
    "initials": (107, 70, 193),
}
SCALE = 1.5
"""Pixels per point of the picture."""


def place(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The draft, unsigned PDF.")],
    *,
    signer: Annotated[
        str, typer.Option("--signer", help="The signer's name, to choose among several blocks.")
    ] = "",
    image: Annotated[
        Path | None,
        typer.Option("--image", help="Draw the pages with the places into this PNG; must not exist."),
    ] = None,
    as_json: pdf.AsJson = False,
) -> None:
    """Show where number, date, signature and seal would go (points from the page's bottom left; pages from 1)."""
    pdf.quiet_libraries()
    rows, remarks = pdf.or_exit(lambda: _placed(file, signer or None, image), as_json)
    if as_json:
        print_json({"ok": True, "places": rows, "notes": remarks})
        return
    for row in rows:
        corners = "  ".join(f"{name} {row[name]:.1f}" for name in ("x0", "y0", "x1", "y1"))
        sure = f"  chắc chắn {row['confidence']:.0%}" if "confidence" in row else ""
        typer.echo(f"{NAMES[row['what']]:<10} trang {row['page']}  {corners}{sure}")
    for remark in remarks:
        typer.echo(printable(f"Lưu ý: {remark['message']} ({remark['code']})"))


def _placed(
    file: Path, signer: str | None, image: Path | None
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    from vanthu.formalities.placement import find_or_make_places

    if image is not None:
        require_new(image)
    content = file.read_bytes()
    found = find_or_make_places(content, signer_name=signer)
    if image is not None:
        write_new(image, _drawn(content, found))
    rows = [
        {
            "what": what,
            "page": box.page + 1,
            "x0": round(box.x0, 2),
            "y0": round(box.y0, 2),
            "x1": round(box.x1, 2),
            "y1": round(box.y1, 2),
            **({"confidence": found.confidence[what]} if what in found.confidence else {}),
        }
        for what, box in _boxes(found)
    ]
    return rows, [{"code": note.code, "message": note.text} for note in found.notes]


def _boxes(found: FoundPlaces) -> Iterator[tuple[str, Box]]:
    places = found.places
    yield from (("number", places.number.box), ("date", places.date.box))
    yield from (("signature", places.signature), ("seal", places.seal))
    yield from (("initials", box) for box in places.initials)


def _drawn(content: bytes, found: FoundPlaces) -> bytes:
    """The pages that hold a place, side by side, as PNG."""
    from PIL import Image

    from vanthu.formalities.pdftext import open_pdf

    boxes = list(_boxes(found))
    with open_pdf(content) as document:
        pages = [
            _page(document[number], [(what, box) for what, box in boxes if box.page == number])
            for number in sorted({box.page for _, box in boxes})
        ]
    sheet = Image.new("RGB", (sum(page.width for page in pages), max(page.height for page in pages)), "white")
    left = 0
    for page in pages:
        sheet.paste(page, (left, 0))
        left += page.width
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _page(page: Any, boxes: list[tuple[str, Box]]) -> Image:
    from PIL import Image, ImageDraw, ImageFont

    from vanthu.formalities.fonts import tinos_folder

    left, _, _, top = page.get_cropbox()
    rotation = page.get_rotation()
    page.set_rotation(0)  # places are measured on the page as it lies in the file
    picture = page.render(scale=SCALE).to_pil().convert("RGBA")
    over = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(over)
    font = ImageFont.truetype(str(next(tinos_folder().glob("**/Tinos_700Bold.ttf"))), 16)
    for what, box in boxes:
        corners = [
            ((box.x0 - left) * SCALE, (top - box.y1) * SCALE),
            ((box.x1 - left) * SCALE, (top - box.y0) * SCALE),
        ]
        colour = COLOURS[what]
        draw = pen.ellipse if what == "seal" else pen.rectangle
        draw(corners, fill=(*colour, 45), outline=(*colour, 255), width=2)
        pen.text((corners[0][0] + 2, corners[0][1] - 19), NAMES[what], font=font, fill=(*colour, 255))
    drawn = Image.alpha_composite(picture, over).convert("RGB")
    return drawn.rotate(-rotation, expand=True) if rotation else drawn
