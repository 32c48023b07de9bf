"""The key that signs receipts: the operator's file, or one made on first use in the data folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from vanthu.evidence import Key, made_key_file, private_key_file


def receipt_key() -> Key:
    """The signing key of this axis; raises ``BadKey`` or ``OSError`` when a named file is no good."""
    named: Path | None = settings.VANTHU.axis_key_file
    return _loaded(named or made_key_file(settings.VANTHU.data_dir / "axis-receipt-key.pem"))


@lru_cache(maxsize=2)
def _loaded(path: Path) -> Key:
    return private_key_file(path)
