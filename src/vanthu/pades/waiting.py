"""Which signatures a prepared file still waits for. Refuses to know who they belong to."""

from __future__ import annotations

import io
import re
from typing import Any

from vanthu.pades.errors import PdfDamaged
from vanthu.pades.preparing import SIGNER_FIELD
from vanthu.pades.reading import READING_PROBLEMS, open_reader

_SIGNERS = re.compile(re.escape(SIGNER_FIELD).replace(r"\{order\}", r"(\d+)"))


def empty_signer_fields(pdf: bytes) -> tuple[str, ...]:
    """The signers' fields that nobody has signed yet, in signing order; empty for a file that was never prepared.

    Raises PdfDamaged, PdfEncrypted.
    """
    root = open_reader(io.BytesIO(pdf)).root
    try:
        fields: Any = root["/AcroForm"]["/Fields"] if "/AcroForm" in root else ()
        named = [item.get_object() for item in fields]
        empty = [
            str(item["/T"])
            for item in named
            if "/T" in item and "/FT" in item and item["/FT"] == "/Sig" and "/V" not in item
        ]
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem
    found = [(int(match[1]), name) for name in empty if (match := _SIGNERS.fullmatch(name))]
    return tuple(name for _, name in sorted(found))
