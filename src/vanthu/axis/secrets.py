"""Members' secrets at rest: encrypted under a key derived from the site's Django secret key.

HMAC needs the secret in the clear, so it cannot be stored as a hash. A copy of the database alone reveals
nothing; old keys in ``SECRET_KEY_FALLBACKS`` still open what they closed.
"""

from __future__ import annotations

import base64
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from vanthu.errors import MustAct, VanthuError


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
    return _box(_site_keys()).encrypt(secret.encode()).decode()


def unlock(box: str) -> str:
    """The secret behind a stored value; raises :class:`SecretUnreadable`."""
    try:
        return _box(_site_keys()).decrypt(box.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def _site_keys() -> tuple[str | bytes, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _box(keys: tuple[str | bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str | bytes) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"vanthu axis member secrets v1")
    return base64.urlsafe_b64encode(hkdf.derive(key if isinstance(key, bytes) else key.encode()))
