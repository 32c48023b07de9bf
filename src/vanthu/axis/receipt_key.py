"""The key that signs receipts: the operator's file, or one made on first use in the data folder."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from vanthu.evidence import Key, new_key, private_key_file, private_pem


def receipt_key() -> Key:
    """The signing key of this axis; raises ``BadKey`` or ``OSError`` when a named file is no good."""
    named: Path | None = settings.VANTHU.axis_key_file
    return _loaded(named or _made(settings.VANTHU.data_dir / "axis-receipt-key.pem"))


@lru_cache(maxsize=2)
def _loaded(path: Path) -> Key:
    return private_key_file(path)


def _made(path: Path) -> Path:
    """The file with the site's own key; of processes that start at once, the first one's key stays."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".axis-key-")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(private_pem(new_key()))
            target.flush()
            os.fsync(target.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return path
    finally:
        draft.unlink()
    return path
