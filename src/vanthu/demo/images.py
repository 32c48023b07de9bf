"""Draws a demonstration seal and a demonstration handwritten signature.

Owns pictures that look right on a page (red round seal, blue pen stroke, both transparent) and are the same
for the same name. Refuses to imitate a real agency's seal: the lower edge says that it is a specimen.
"""

from __future__ import annotations

import hashlib
import io
import math
import random
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SEAL_RED = (206, 17, 38, 255)
PEN_BLUE = (20, 50, 160, 255)
_CLEAR = (0, 0, 0, 0)
_SEAL_PIXELS = 600
_FINER = 2
"""Drawn twice as large and reduced, for smooth edges."""


def seal(agency: str, *, font: Path, lower_text: str = "CON DẤU MẪU") -> bytes:
    """A PNG of a round red seal: ``agency`` along the upper edge, a star in the middle, ``lower_text``
    below."""
    size = _SEAL_PIXELS * _FINER
    picture = Image.new("RGBA", (size, size), _CLEAR)
    draw = ImageDraw.Draw(picture)
    _ring(draw, size, 0.012, 0.020)
    _ring(draw, size, 0.040, 0.006)
    _ring(draw, size, 0.200, 0.006)
    _star(draw, size / 2, size * 0.17)
    _along_circle(
        picture, agency.upper(), font, radius=size * 0.375, largest=size * 0.085, widest=255, top=True
    )
    _along_circle(
        picture, lower_text.upper(), font, radius=size * 0.375, largest=size * 0.07, widest=75, top=False
    )
    return _png(picture, (_SEAL_PIXELS, _SEAL_PIXELS), SEAL_RED)


def signature(name: str) -> bytes:
    """A PNG of a blue pen stroke that depends on ``name`` alone."""
    chance = random.Random(hashlib.sha256(name.encode()).digest())  # noqa: S311 - a drawing, not a secret
    width, height = 700 * _FINER, 300 * _FINER
    picture = Image.new("RGBA", (width, height), _CLEAR)
    draw = ImageDraw.Draw(picture)
    points = _pen_path(chance, width, height, letters=max(4, min(9, len(name) // 2)))
    _stroke(draw, points, thick=7 * _FINER)
    flourish = [
        (width * 0.12, height * 0.80),
        (width * 0.45, height * (0.86 + chance.random() * 0.06)),
        (width * 0.95, height * (0.58 + chance.random() * 0.12)),
    ]
    _stroke(draw, _curve(flourish), thick=5 * _FINER)
    return _png(picture, (700, 300), PEN_BLUE)


def _png(picture: Image.Image, size: tuple[int, int], ink: tuple[int, int, int, int]) -> bytes:
    """One ink everywhere, only its opacity varies: no dark fringe, and a picture that packs small."""
    reduced = Image.new("RGBA", size, ink)
    reduced.putalpha(picture.getchannel("A").resize(size, Image.Resampling.LANCZOS))
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def _ring(draw: ImageDraw.ImageDraw, size: int, inset: float, thickness: float) -> None:
    edge = size * inset
    draw.ellipse((edge, edge, size - edge, size - edge), outline=SEAL_RED, width=round(size * thickness))


def _star(draw: ImageDraw.ImageDraw, centre: float, radius: float) -> None:
    corners = []
    for step in range(10):
        reach = radius if step % 2 == 0 else radius * 0.382
        angle = math.pi * step / 5 - math.pi / 2
        corners.append((centre + reach * math.cos(angle), centre + reach * math.sin(angle)))
    draw.polygon(corners, fill=SEAL_RED)


def _along_circle(
    picture: Image.Image, words: str, font: Path, *, radius: float, largest: float, widest: float, top: bool
) -> None:
    """Each letter turned to stand on the circle; smaller letters when ``widest`` degrees would not hold
    them."""
    face = ImageFont.truetype(str(font), round(largest))
    spacing = 1.12
    needed = math.degrees(face.getlength(words) * spacing / radius)
    if needed > widest:
        face = ImageFont.truetype(str(font), max(8, round(largest * widest / needed)))
        needed = math.degrees(face.getlength(words) * spacing / radius)
    angle = -needed / 2
    for letter in words:
        advance = math.degrees(face.getlength(letter) * spacing / radius)
        turn = angle + advance / 2
        if letter != " ":
            _place_letter(
                picture, letter, face, radius=radius, clockwise=turn if top else 180 - turn, top=top
            )
        angle += advance


def _place_letter(
    picture: Image.Image,
    letter: str,
    face: ImageFont.FreeTypeFont,
    *,
    radius: float,
    clockwise: float,
    top: bool,
) -> None:
    middle = picture.width / 2
    tile_size = round(face.size * 3)
    tile = Image.new("RGBA", (tile_size, tile_size), _CLEAR)
    ImageDraw.Draw(tile).text((tile_size / 2, tile_size / 2), letter, font=face, fill=SEAL_RED, anchor="mm")
    tile = tile.rotate(-clockwise if top else 180 - clockwise, resample=Image.Resampling.BICUBIC)
    x = middle + radius * math.sin(math.radians(clockwise)) - tile_size / 2
    y = middle - radius * math.cos(math.radians(clockwise)) - tile_size / 2
    picture.alpha_composite(tile, (round(x), round(y)))


Point = tuple[float, float]


def _pen_path(chance: random.Random, width: int, height: int, letters: int) -> list[Point]:
    step = width * 0.8 / letters
    knots: list[Point] = [(width * 0.06, height * 0.62), (width * 0.12, height * 0.12)]
    for index in range(letters):
        left = width * 0.12 + index * step
        fade = 1 - 0.55 * index / letters
        low = height * (0.66 + chance.uniform(-0.05, 0.10))
        high = height * (0.66 - fade * chance.uniform(0.15, 0.5))
        knots += [(left + step * 0.25, low), (left + step * chance.uniform(0.55, 0.95), high)]
        if chance.random() < 0.35:
            knots.append((left + step * 0.35, high + height * 0.10))
    knots.append((width * 0.96, height * 0.5))
    return _curve(knots)


def _curve(knots: list[Point]) -> list[Point]:
    """Catmull–Rom spline through the knots."""
    padded = [knots[0], *knots, knots[-1]]
    points = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for tick in range(40):
            points.append(
                (
                    _blend(before[0], start[0], end[0], after[0], tick / 40),
                    _blend(before[1], start[1], end[1], after[1], tick / 40),
                )
            )
    return points


def _blend(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t * t
        + (3 * start - before - 3 * end + after) * t * t * t
    )


def _stroke(draw: ImageDraw.ImageDraw, points: list[Point], thick: float) -> None:
    """A pen presses harder on the way down than on the way up."""
    press = thick * 0.6
    for (x0, y0), (x1, y1) in pairwise(points):
        target = thick if y1 > y0 else thick * 0.5
        press += (target - press) * 0.08
        reach = press / 2
        steps = max(1, int(math.hypot(x1 - x0, y1 - y0) / 2))
        for step in range(steps):
            x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=PEN_BLUE)
