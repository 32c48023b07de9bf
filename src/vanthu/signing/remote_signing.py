"""Signing with a remote key whose owner confirms each signing on the service's own page (CSC, credential scope).

Owns the two steps around that page: where the browser goes for the files that wait, and the signatures for what it
brings back. What waits is ``awaiting``'s, as for every key that this site cannot reach. Refuses a key that is not the
enrolled one any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from vanthu.base.actors import Actor
from vanthu.pades import Pending
from vanthu.pades.csc import Credential, CscService
from vanthu.pades.csc_sign_in import SignIn
from vanthu.signing import keys, sign_ins
from vanthu.signing.awaiting import SignatureNotAwaited
from vanthu.signing.materials import RemotePlace
from vanthu.signing.models import AwaitedSignature, RemoteService, SigningKey


def service_of(key: SigningKey) -> RemoteService:
    """Where the key lies. Raises KeyAtHand for a key of another kind."""
    if not keys.wanted(key).signs_in:
        raise keys.KeyAtHand
    return RemoteService.objects.get(pk=RemotePlace.load(bytes(key.material)).service_id)


def ready(actor: Actor, key: SigningKey) -> tuple[CscService, Credential]:
    """The service answers and still has the enrolled key: asked before a number is taken. Raises RemoteSignInNeeded,
    RemoteUnavailable, RemoteKeyUnknown, CertificateChanged."""
    place = RemotePlace.load(bytes(key.material))
    service = sign_ins.service_for(service_of(key), actor.person_id)
    credential = service.credential(place.credential_id)
    keys.require_same(key, credential.certificate)
    return service, credential


def begin(key: SigningKey, credential: Credential, rows: Sequence[AwaitedSignature], about: str) -> SignIn:
    """Where the key's owner confirms the signatures that wait. Raises TooManyAtOnce, SchemeAbsent."""
    pending = [Pending.from_dict(row.pending) for row in rows]
    messages = [one.to_sign for one in pending]
    scheme = pending[0].scheme
    return sign_ins.at(service_of(key), "sign").to_sign(credential, messages, scheme=scheme, about=about)


def signatures(actor: Actor, wanted: Sequence[UUID], token: str) -> dict[UUID, bytes]:
    """What the confirmation is good for: the signatures of the rows that it was given for, in that order.

    Raises SignatureNotAwaited when one of them waits no more, and what ``CscService`` raises.
    """
    found = (
        AwaitedSignature.objects.select_related("key").filter(post_id=actor.own_post).in_bulk(list(wanted))
    )
    if not wanted or set(found) != set(wanted):
        raise SignatureNotAwaited
    rows = [found[key] for key in wanted]
    service, credential = ready(actor, rows[0].key)
    pending = [Pending.from_dict(row.pending) for row in rows]
    made = service.sign_authorized(
        credential, [one.to_sign for one in pending], token=token, scheme=pending[0].scheme
    )
    return dict(zip(wanted, made, strict=True))
