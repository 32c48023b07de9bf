"""What a signature, a seal, a number or a date looks like: form XObjects for the appearance of a field.

Owns drawing of pictures and lines of text, upright on pages that are shown rotated. A picture is multiplied onto the
page like ink, so that black letters under it stay black. Refuses to choose what is shown (``profiles``).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyhanko.pdf_utils.writer import BasePdfFileWriter

from vanthu.pades.pdfobjects import (
    Dictionary,
    Reference,
    Stream,
    array,
    dictionary,
    name,
    number,
    real,
    stream,
)
from vanthu.pades.pictures import opened
from vanthu.pades.places import Area
from vanthu.pades.text import Run, TextFont, show

_UPRIGHT = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@dataclass(frozen=True)
class Canvas:
    """The size of a box as the reader sees it (points) and the /Rotate of its page."""

    width: float
    height: float
    rotate: int = 0


def empty(writer: BasePdfFileWriter, canvas: Canvas) -> Reference:
    """An appearance with nothing on it."""
    return _form(writer, canvas, b"", dictionary({}))


def text(writer: BasePdfFileWriter, canvas: Canvas, font: TextFont, runs: list[Run]) -> Reference:
    """An appearance with text in black. Raises TextNotDrawable."""
    operators, resources = show(writer, font, runs)
    return _form(writer, canvas, b"/Tx BMC q " + operators + b" Q EMC", resources)


def image(writer: BasePdfFileWriter, canvas: Canvas, png: bytes) -> Reference:
    """An appearance with a PNG centred at the largest size that fits. Raises ImageRefused."""
    return stamp(writer, canvas, png, (0, 0, canvas.width, canvas.height))


def stamp(
    writer: BasePdfFileWriter,
    canvas: Canvas,
    png: bytes,
    area: Area,
    font: TextFont | None = None,
    runs: Sequence[Run] = (),
) -> Reference:
    """An appearance with a PNG as large as fits into ``area`` of the canvas, and lines of text in ``font``.

    Raises ImageRefused, TextNotDrawable.
    """
    operators, entries = _picture(writer, png, area)
    if font is not None and runs:
        words, resources = show(writer, font, list(runs))
        operators += b" q " + words + b" Q"
        entries["Font"] = resources["/Font"]
    return _form(writer, canvas, operators, dictionary(entries))


def _picture(writer: BasePdfFileWriter, png: bytes, area: Area) -> tuple[bytes, dict[str, Any]]:
    picture = _decode(png)
    scale = min((area[2] - area[0]) / picture.width, (area[3] - area[1]) / picture.height)
    wide, high = picture.width * scale, picture.height * scale
    left, low = (area[0] + area[2] - wide) / 2, (area[1] + area[3] - high) / 2
    operators = f"q /Ink gs {wide:.3f} 0 0 {high:.3f} {left:.3f} {low:.3f} cm /Im1 Do Q".encode()
    states = dictionary({"Ink": dictionary({"Type": name("ExtGState"), "BM": name("Multiply")})})
    return operators, {
        "XObject": dictionary({"Im1": _image_object(writer, picture)}),
        "ExtGState": states,
    }


def _form(writer: BasePdfFileWriter, canvas: Canvas, operators: bytes, resources: Dictionary) -> Reference:
    form = stream(
        {
            "Type": name("XObject"),
            "Subtype": name("Form"),
            "BBox": _numbers(0, 0, canvas.width, canvas.height),
            "Matrix": _numbers(*_UPRIGHT[canvas.rotate], 0, 0),
            "Resources": resources,
        },
        data=operators,
    )
    return writer.add_object(form)


def _numbers(*values: float) -> Any:
    return array([real(value) for value in values])


@dataclass(frozen=True)
class _Picture:
    width: int
    height: int
    colours: bytes
    alpha: bytes


@lru_cache(maxsize=16)
def _decode(png: bytes) -> _Picture:
    """Colours and transparency, deflated; kept because the same seal is used all day."""
    rgba = opened(png)
    return _Picture(
        rgba.width,
        rgba.height,
        zlib.compress(rgba.convert("RGB").tobytes(), 9),
        zlib.compress(rgba.getchannel("A").tobytes(), 9),
    )


def _image_object(writer: BasePdfFileWriter, picture: _Picture) -> Reference:
    mask = writer.add_object(_samples(picture, "DeviceGray", picture.alpha))
    colours = _samples(picture, "DeviceRGB", picture.colours)
    colours[name("SMask")] = mask
    return writer.add_object(colours)


def _samples(picture: _Picture, colour_space: str, deflated: bytes) -> Stream:
    return stream(
        {
            "Type": name("XObject"),
            "Subtype": name("Image"),
            "Width": number(picture.width),
            "Height": number(picture.height),
            "ColorSpace": name(colour_space),
            "BitsPerComponent": number(8),
            "Filter": name("FlateDecode"),
        },
        encoded=deflated,
    )
