"""Where the Times-like font of documents (Tinos, every Vietnamese letter, metrics of Times New Roman) lies on
disk.

It comes from the npm packages installed beside the program; whatever fonts the machine has are never trusted.
"""

from __future__ import annotations

import os
from pathlib import Path

from vanthu.errors import MustAct, VanthuError

_FOLDER = Path("@expo-google-fonts/tinos")


class FontsMissing(VanthuError):
    """The font files are not installed."""

    code = "FONTS_MISSING"
    message = "Không tìm thấy phông chữ Tinos. Hãy chạy “npm ci” trong thư mục cài đặt."
    must_act = MustAct.ADMINISTRATOR
    http_status = 500


def tinos_folder() -> Path:
    """Folder that holds the four Tinos files, in subfolders. Raises FontsMissing.

    Looked for in ``VANTHU_NODE_MODULES`` if set, then in ``node_modules`` above this file and the working
    directory.
    """
    named = os.environ.get("VANTHU_NODE_MODULES")
    places = [Path(named)] if named else []
    above = (*Path(__file__).resolve().parents, Path.cwd(), *Path.cwd().parents)
    places += [parent / "node_modules" for parent in above]
    for place in places:
        if (place / _FOLDER).is_dir():
            return place / _FOLDER
    raise FontsMissing
