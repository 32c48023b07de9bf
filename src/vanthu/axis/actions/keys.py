"""Keys of members: registered by the operator or by the member itself, revoked for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vanthu.audit.ledger import action, record
from vanthu.axis.actions.shared import OPERATOR, acting, one_at_a_time
from vanthu.axis.models import Member, MemberKey
from vanthu.axis.relay.errors import KeyNotFound, KeyTaken, TooManyKeys
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.evidence import public_jwk, verifying_key

MOST_KEYS = 8


def add_key(member: Member, jwk: Mapping[str, Any], actor: Actor = OPERATOR) -> MemberKey:
    """Register a public key (JWK, Ed25519 or P-256) for a member; the same key again changes nothing.

    Raises ``BadKey``, :class:`KeyTaken` also for a key that was revoked, :class:`TooManyKeys`.
    """
    public = public_jwk(verifying_key(jwk))
    known = MemberKey.objects.filter(kid=public["kid"]).first()
    if known is None:
        return _add(member, public, actor)
    if known.member_id != member.id or known.revoked_at is not None:
        raise KeyTaken(kid=known.kid)
    return known


@action
def _add(member: Member, public: dict[str, Any], actor: Actor) -> MemberKey:
    one_at_a_time([f"keys of {member.id}"])
    if MemberKey.objects.filter(member=member, revoked_at=None).count() >= MOST_KEYS:
        raise TooManyKeys(limit=MOST_KEYS)
    key, _ = MemberKey.objects.get_or_create(
        kid=public["kid"], defaults={"member": member, "jwk": public, "created_at": clock.now()}
    )
    if key.member_id != member.id:
        raise KeyTaken(kid=key.kid)
    data = {"member": member.system_id, "kid": key.kid, "by": actor.name}
    record(actor, "axis.key_added", kind="axis.member", object_id=member.id, data=data)
    return key


@action
def revoke_key(kid: str, actor: Actor = OPERATOR, member: Member | None = None) -> None:
    """Believe a key no longer, from now on; what it signed before stays provable.

    ``member`` limits it to that member's own keys. Raises :class:`KeyNotFound`.
    """
    keys = MemberKey.objects.select_for_update().filter(kid=kid, revoked_at=None)
    key = (keys if member is None else keys.filter(member=member)).first()
    if key is None:
        raise KeyNotFound(kid=kid[:60])
    key.revoked_at = clock.now()
    key.save(update_fields=["revoked_at"])
    data = {"kid": kid, "by": actor.name}
    record(actor, "axis.key_revoked", kind="axis.member", object_id=key.member_id, data=data)


def revoke_own_key(member: Member, kid: str, address: str = "") -> None:
    """A member gives up one of its keys. Raises :class:`KeyNotFound`."""
    revoke_key(kid, acting(member, address), member)
