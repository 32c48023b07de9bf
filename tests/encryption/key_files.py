"""Key files for encryption out of the test authority; made once per run."""

from __future__ import annotations

import functools

from tests import world as worlds

from vanthu.demo import pki

PASSPHRASE = pki.DEMO_PASSPHRASE
_MEMBERS = (
    pki.AgencyCert("ma-hoa-tinh", "Ủy ban nhân dân tỉnh Hà Tĩnh", "H27", encrypts=True),
    pki.AgencyCert("ma-hoa-so", "Sở Nội vụ tỉnh Hà Tĩnh", "H27.14", encrypts=True),
    pki.AgencyCert("ma-hoa-so-moi", "Sở Nội vụ tỉnh Hà Tĩnh", "H27.14", encrypts=True),
    pki.AgencyCert("ma-hoa-khac", "Sở Tài chính", "H27.09", encrypts=True),
)


@functools.cache
def p12(slug: str) -> bytes:
    """The PKCS#12 file of a member."""
    _make()
    return pki.p12_path(worlds.authority(), slug).read_bytes()


@functools.cache
def _make() -> None:
    pki.create(worlds.authority(), [], _MEMBERS, port=worlds.AUTHORITY_PORT)


def certificate(slug: str) -> bytes:
    """The certificate in it, DER."""
    from vanthu.cms import Pkcs12OpeningKey

    der: bytes = Pkcs12OpeningKey.open(p12(slug), PASSPHRASE).certificate.dump()
    return der
