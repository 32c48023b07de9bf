"""The key that signs receipts: the operator's file, or one made on first use in the data folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from vanthu.evidence import Key, made_key_file, private_key_file


def receipt_key() -> Key:
    """The signing key of this axis; raises ``BadKey`` or ``OSError`` when a named file is no good."""
    return _loaded(settings.VANTHU.axis_key_file, settings.VANTHU.data_dir)


@lru_cache(maxsize=2)
def _loaded(named: Path | None, folder: Path) -> Key:
    return private_key_file(named or made_key_file(folder / "axis-receipt-key.pem"))
