"""Opens an agency's key for one use. Each place of keys has one opener here."""

from __future__ import annotations

from vanthu import cms
from vanthu.encryption.models import AgencyKey, KeyPlace


def unlock(key: AgencyKey, secret: str) -> cms.OpeningKey:
    """The key, open; ``secret`` is its passphrase or PIN. Raises ``WrongPassphrase``, ``KeyDamaged``."""
    assert KeyPlace(key.place) is KeyPlace.PKCS12
    return cms.Pkcs12OpeningKey.open(bytes(key.material), secret)
