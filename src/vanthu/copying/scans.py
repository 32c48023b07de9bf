"""Whether a scan meets the standard of digitised documents: colour, at least 200 dpi, every page a picture at 100 %.

Owns the reading of pages that strangers' scanners made. Refuses to mend a scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import pikepdf

LEAST_DPI = 200
SLACK = 0.97
"""Scanners crop a little; 200 dpi may then be 196."""
_GREY = {"/DeviceGray", "/CalGray"}
MOST_TOLD = 5


def scan_problems(pdf: BinaryIO) -> list[str]:
    """What is wrong with a scan, page by page, as ends of a sentence; empty when it meets the standard.

    Source: NĐ 30/2020 PL I Phần II.I.2.
    """
    with pikepdf.open(pdf, access_mode=pikepdf.AccessMode.stream) as document:
        found = [
            f"trang {number}: {what}" for number, page in enumerate(document.pages, 1) for what in _of(page)
        ]
    more = len(found) - MOST_TOLD
    return [*found[:MOST_TOLD], f"và {more} điểm khác"] if more > 0 else found


def _of(page: Any) -> Iterator[str]:
    pictures = list(page.get_images().values())
    if not pictures:
        yield "không phải ảnh quét"
        return
    largest = max(pictures, key=lambda one: int(one.Width) * int(one.Height))
    left, low, right, high = (float(edge) for edge in page.mediabox)
    unit = float(page.obj.get("/UserUnit", 1))
    inches = sorted(((right - left) * unit / 72, (high - low) * unit / 72))
    pixels = sorted((int(largest.Width), int(largest.Height)))
    dpi = min(size / long for size, long in zip(pixels, inches, strict=True))
    if dpi < LEAST_DPI * SLACK:
        yield f"độ phân giải {dpi:.0f} dpi"
    if int(largest.get("/BitsPerComponent", 1)) == 1 or str(largest.get("/ColorSpace")) in _GREY:
        yield "không phải ảnh màu"
