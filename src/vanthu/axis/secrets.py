"""Members' secrets: made here, kept encrypted (``base.boxes``).

HMAC needs the secret in the clear, so it cannot be stored as a hash.
"""

from __future__ import annotations

import secrets

from vanthu.base import boxes
from vanthu.errors import MustAct, VanthuError

PURPOSE = "vanthu axis member secrets v1"


class SecretUnreadable(VanthuError):
    """The member's secret was encrypted under another site key."""

    code = "AXIS_SECRET_UNREADABLE"
    message = "Không giải mã được khóa bí mật của hệ thống thành viên; kiểm tra secret_key_file của trục."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 500


def new_secret() -> str:
    """A fresh secret of 256 bits, as printable ASCII."""
    return secrets.token_urlsafe(32)


def lock(secret: str) -> str:
    """The secret as it is stored."""
    return boxes.lock(secret, PURPOSE)


def unlock(box: str) -> str:
    """The secret behind a stored value; raises :class:`SecretUnreadable`."""
    try:
        return boxes.unlock(box, PURPOSE)
    except boxes.BoxUnreadable:
        raise SecretUnreadable from None
