"""What a signature, a seal, a number or a date looks like: form XObjects for the appearance of a field.

Owns images (PNG with transparency) and upright drawing on pages that are shown rotated. Refuses pictures that
are not small PNG files.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from vanthu.pades.errors import ImageRefused
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
from vanthu.pades.text import Run, TextFont, show

MAX_PIXELS = 4_000_000

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
    picture = _decode(png)
    scale = min(canvas.width / picture.width, canvas.height / picture.height)
    wide, high = picture.width * scale, picture.height * scale
    left, low = (canvas.width - wide) / 2, (canvas.height - high) / 2
    operators = f"q {wide:.3f} 0 0 {high:.3f} {left:.3f} {low:.3f} cm /Im1 Do Q".encode()
    images = dictionary({"Im1": _image_object(writer, picture)})
    return _form(writer, canvas, operators, dictionary({"XObject": images}))


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
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ImageRefused(width=opened.width, height=opened.height)
            rgba = opened.convert("RGBA")
    except ImageRefused:
        raise
    except Exception as problem:  # Pillow raises many kinds for a broken file
        raise ImageRefused from problem
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
