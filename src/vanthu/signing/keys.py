"""Unlocking a held key for one signing. Each kind of key source has one opener here; callers see only KeySource."""

from __future__ import annotations

from collections.abc import Callable

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.errors import MustAct, VanthuError
from vanthu.pades import KeySource, Pkcs12Key
from vanthu.signing.models import KeyKind, SigningKey


class NoKey(VanthuError):
    """Nobody enrolled a key for this signature."""

    code = "NO_SIGNING_KEY"
    message = "Chưa có khóa ký cho {owner}; quản trị của cơ quan cần đăng ký chứng thư số."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 30/2020 Đ32"


def person_key(actor: Actor) -> SigningKey:
    """The active key of the acting post; raises :class:`NoKey`."""
    key = SigningKey.objects.filter(post_id=actor.own_post, active=True).first()
    if key is None:
        raise NoKey(owner=actor.name)
    return key


def agency_key(actor: Actor) -> SigningKey:
    """The agency's key, which only the clerk uses (NĐ 30/2020 Đ32.2); raises :class:`NoKey`."""
    actor.require(Role.CLERK)
    key = SigningKey.objects.filter(agency_id=actor.agency_id, post=None, active=True).first()
    if key is None:
        raise NoKey(owner=actor.agency_name)
    return key


def unlock(key: SigningKey, passphrase: str) -> KeySource:
    """Open the key for signing; raises the key errors of ``vanthu.pades`` (wrong passphrase, expired …)."""
    return _OPENERS[KeyKind(key.kind)](key, passphrase)


def _open_pkcs12(key: SigningKey, passphrase: str) -> KeySource:
    return Pkcs12Key.open(bytes(key.material), passphrase, at=clock.now())


_OPENERS: dict[KeyKind, Callable[[SigningKey, str], KeySource]] = {KeyKind.PKCS12: _open_pkcs12}
