"""Secrets at rest: encrypted under a key derived from the site's Django secret key and their purpose.

A copy of the database alone reveals nothing; old keys in ``SECRET_KEY_FALLBACKS`` still open what they closed.
Refuses to open for one purpose what was closed for another.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from vanthu.errors import MustAct, VanthuError


class BoxUnreadable(VanthuError):
    """The secret was encrypted under another site key, or for another purpose."""

    code = "SECRET_UNREADABLE"
    message = "Không giải mã được thông tin bí mật đã lưu; kiểm tra secret_key_file của hệ thống."
    must_act = MustAct.ADMINISTRATOR
    http_status = 500


def lock(secret: str, purpose: str) -> str:
    """The secret as it is stored."""
    return _box(_site_keys(), purpose).encrypt(secret.encode()).decode()


def unlock(box: str, purpose: str) -> str:
    """The secret behind a stored value; raises :class:`BoxUnreadable`."""
    try:
        return _box(_site_keys(), purpose).decrypt(box.encode()).decode()
    except InvalidToken:
        raise BoxUnreadable from None


def _site_keys() -> tuple[str | bytes, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=16)
def _box(keys: tuple[str | bytes, ...], purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str | bytes, purpose: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return base64.urlsafe_b64encode(hkdf.derive(key if isinstance(key, bytes) else key.encode()))
