"""Pictures of handwritten signatures and seals, made fit for signing when they are enrolled.

Owns the removal of the paper behind the ink, the colour that the decree wants, and the real size that a picture
tells. Refuses pictures that are not small PNG files or that hold no ink.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageChops

from vanthu.pades.errors import ImageBlank, ImageRefused
from vanthu.pades.profiles import Ink

MAX_PIXELS = 4_000_000
MAX_BYTES = 8_000_000
_CLEAR_SHARE = 0.05
"""A picture with this share of clear pixels has a transparent background already."""
_FAINT = 24
"""Coverage (0 to 255) below which a pixel is paper: the noise of a scan."""
_MARGIN = 2
_PLAUSIBLE_MM = (15.0, 90.0)


@dataclass(frozen=True)
class RealSize:
    """Width and height in millimetres."""

    width_mm: float
    height_mm: float


def opened(png: bytes) -> Image.Image:
    """The picture as RGBA. Raises ImageRefused for what is no PNG or has more than four million pixels."""
    if len(png) > MAX_BYTES:
        raise ImageRefused
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ImageRefused(width=picture.width, height=picture.height)
            return picture.convert("RGBA")
    except ImageRefused:
        raise
    except Exception as problem:  # Pillow raises many kinds for a broken file
        raise ImageRefused from problem


def enrolled(png: bytes, ink: Ink) -> bytes:
    """``png`` as it is kept for signing: ink in the decree's colour on a transparent ground, cropped to the ink.

    A picture that is so already comes back unchanged. A scan of ink on paper loses the paper: how dark a pixel is
    becomes how opaque it is. Ink of another colour becomes ``ink``. The resolution that the file tells is kept, so
    that the seal's real size stays known. Raises ImageRefused, ImageBlank. Source: NĐ 30/2020 PL I.II.7d, 8a.
    """
    picture = opened(png)
    alpha = picture.getchannel("A")
    clear = sum(alpha.histogram()[:_FAINT]) >= _CLEAR_SHARE * picture.width * picture.height
    coverage = alpha if clear else _coverage(picture)
    box = coverage.point(lambda level: 255 if level >= _FAINT else 0).getbbox()
    if box is None:
        raise ImageBlank
    colour = _colour_of(picture, coverage)
    if clear and _is(colour, ink):
        return png
    made = Image.new("RGB", picture.size, colour if _is(colour, ink) else ink.value).convert("RGBA")
    made.putalpha(coverage.point(lambda level: level if level >= _FAINT else 0))
    out = io.BytesIO()
    made.crop(_widened(box, picture.size)).save(out, "PNG", optimize=True, dpi=_resolution(png))
    return out.getvalue()


def real_size(png: bytes) -> RealSize | None:
    """The size at which the picture was scanned or drawn; None when the file does not say or says nonsense."""
    resolution = _resolution(png)
    width, height = struct.unpack(">II", png[16:24]) if len(png) >= 24 else (0, 0)
    if resolution is None or not width or not height:
        return None
    size = RealSize(width / resolution[0] * 25.4, height / resolution[1] * 25.4)
    least, most = _PLAUSIBLE_MM
    return size if least <= size.width_mm <= most and least <= size.height_mm <= most else None


def _coverage(picture: Image.Image) -> Image.Image:
    """How much ink lies on each pixel of a scan: 0 for the paper, 255 for the darkest ink."""
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    red, green, blue = flat.split()
    light = ImageChops.darker(ImageChops.darker(red, green), blue)
    paper = _level(light, share=0.5)
    ink = _level(light, share=0.01)
    if paper - ink < 40:
        raise ImageBlank
    reach = max(1.0, 0.85 * (paper - ink) - 8)
    return light.point(lambda level: round(min(255.0, max(0.0, 255 * (paper - 8 - level) / reach))))


def _level(light: Image.Image, *, share: float) -> int:
    """The grey level under which this share of the pixels lies."""
    wanted = share * light.width * light.height
    seen = 0
    for level, count in enumerate(light.histogram()):
        seen += count
        if seen >= wanted:
            return level
    return 255


def _colour_of(picture: Image.Image, coverage: Image.Image) -> tuple[int, int, int]:
    """The mean colour of the pixels that are mostly ink."""
    mask = coverage.point(lambda level: 255 if level >= 160 else 0)
    if mask.getbbox() is None:
        mask = coverage.point(lambda level: 255 if level >= _FAINT else 0)
    sums, count = [0, 0, 0], mask.histogram()[255]
    for index, band in enumerate(picture.convert("RGB").split()):
        histogram = band.histogram(mask)
        sums[index] = sum(level * number for level, number in enumerate(histogram))
    return sums[0] // count, sums[1] // count, sums[2] // count


def _is(colour: tuple[int, int, int], ink: Ink) -> bool:
    red, green, blue = colour
    if ink is Ink.BLUE:
        return blue > red + 30 and blue > green + 15
    return red > green + 60 and red > blue + 60


def _widened(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return (
        max(0, left - _MARGIN),
        max(0, top - _MARGIN),
        min(size[0], right + _MARGIN),
        min(size[1], bottom + _MARGIN),
    )


def _resolution(png: bytes) -> tuple[float, float] | None:
    """Pixels per inch that the file tells; None when it tells none."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            found = picture.info.get("dpi")
    except (OSError, ValueError, SyntaxError, struct.error, zlib.error):
        return None
    if not found or min(found) < 30:
        return None
    return float(found[0]), float(found[1])
