"""People's own connections to remote signing services: proved in the browser, kept encrypted, ended at will.

Owns the attempt that waits in the browser's session (bound to it by ``state``, good for ten minutes, used once) and the
tokens that came of it. Refuses an answer to no attempt of this session, a late one, one for another service, and to
hand a person's token to anybody else. The protocol is ``pades.csc_sign_in``'s.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from vanthu.audit.ledger import action, record
from vanthu.base import boxes, clock
from vanthu.base.actors import Actor
from vanthu.errors import VanthuError
from vanthu.pades.csc import CscAccess, CscService
from vanthu.pades.csc_sign_in import CscSignIn, SignIn, Token, refused_by
from vanthu.pades.errors import RemoteCodeRefused, RemoteNotAllowed, RemoteSignInNeeded
from vanthu.signing.models import RemoteService
from vanthu.signing.sign_in_models import RemoteSignIn

SERVICE_PURPOSE = "vanthu remote signing service secrets v1"
TOKEN_PURPOSE = "vanthu remote signing sign-ins v1"  # noqa: S105 - what a key is derived for
ATTEMPT_PURPOSE = "vanthu remote signing attempts v1"
ATTEMPT_LASTS = timedelta(minutes=10)
SOON = timedelta(seconds=30)
"""A token that ends so soon is renewed first: the call takes time."""
_SLOT = "remote_sign_in"

Session = MutableMapping[str, Any]


class RemoteServiceUnknown(VanthuError):
    """The agency has no connection to such a service."""

    code = "REMOTE_SERVICE_UNKNOWN"
    message = "Cơ quan chưa kết nối dịch vụ ký số từ xa này."
    http_status = 404


class SignInUnknown(VanthuError):
    """The browser came back with an answer that this session does not wait for."""

    code = "REMOTE_SIGN_IN_UNKNOWN"
    message = (
        "Lần xác nhận này không khớp với lần đang chờ của bạn (có thể bạn đã mở hai trang hoặc đăng nhập lại); chưa có "
        "gì được ký. Hãy làm lại."
    )
    http_status = 409


class SignInLate(VanthuError):
    """The browser came back after the attempt's time."""

    code = "REMOTE_SIGN_IN_LATE"
    message = "Lần xác nhận ở dịch vụ ký số từ xa đã quá mười phút; chưa có gì được ký. Hãy làm lại."
    http_status = 409


@dataclass(frozen=True)
class Attempt:
    """What a browser that comes back goes on with."""

    service_id: UUID
    do: str
    """``connect``, or what is signed: ``sign``, ``issue``, ``batch``."""
    about: str
    """The document or batch; empty to connect."""
    rows: tuple[UUID, ...]
    """Signatures that are awaited, in the order of the hashes."""
    then: str
    """The page of this site to go to afterwards."""
    verifier: str


def service_of(actor: Actor, service_id: UUID) -> RemoteService:
    """A service that the person's agency is connected to. Raises :class:`RemoteServiceUnknown`."""
    found = RemoteService.objects.filter(pk=service_id, agency_id=actor.agency_id).first()
    if found is None:
        raise RemoteServiceUnknown
    return found


def people_service_of(actor: Actor, service_id: UUID) -> RemoteService:
    """The same, for one that wants people to prove themselves."""
    found = service_of(actor, service_id)
    if not found.people:
        raise RemoteServiceUnknown
    return found


def remember(session: Session, begun: SignIn, attempt: Attempt) -> str:
    """Keep the attempt in the browser's session, in place of one before; answers where the browser goes."""
    session[_SLOT] = {
        "state": begun.state,
        "verifier": boxes.lock(begun.verifier, ATTEMPT_PURPOSE),
        "service": str(attempt.service_id),
        "do": attempt.do,
        "about": attempt.about,
        "rows": [str(row) for row in attempt.rows],
        "then": attempt.then,
        "at": clock.now().isoformat(),
    }
    return begun.address


def take(session: Session, service_id: UUID, state: str) -> Attempt:
    """The attempt that ``state`` answers; it is used up. Raises :class:`SignInUnknown`, :class:`SignInLate`."""
    kept = session.get(_SLOT)
    if (
        not isinstance(kept, dict)
        or kept["service"] != str(service_id)
        or not hmac.compare_digest(kept["state"].encode(), state.encode())
    ):
        raise SignInUnknown
    del session[_SLOT]
    if clock.now() > datetime.fromisoformat(kept["at"]) + ATTEMPT_LASTS:
        raise SignInLate
    return Attempt(
        service_id,
        kept["do"],
        kept["about"],
        tuple(UUID(row) for row in kept["rows"]),
        kept["then"],
        boxes.unlock(kept["verifier"], ATTEMPT_PURPOSE),
    )


def then_of(session: Session, otherwise: str) -> str:
    """Where the browser came from, also when its answer is refused."""
    kept = session.get(_SLOT)
    return str(kept["then"]) if isinstance(kept, dict) else otherwise


def begin_connecting(session: Session, service: RemoteService, *, then: str) -> str:
    """The service's page on which the person proves themselves; afterwards they are back at ``then``."""
    begun = at(service, "connect").to_use()
    attempt = Attempt(service.pk, "connect", "", (), then, begun.verifier)
    return remember(session, begun, attempt)


def token_for(service: RemoteService, attempt: Attempt, answer: MutableMapping[str, Any]) -> Token:
    """What the browser's answer is good for. Raises RemoteSignInRefused, RemoteRefused, RemoteUnavailable,
    RemoteCodeRefused, RemoteNotAllowed."""
    if answer.get("error") or not answer.get("code"):
        error = str(answer.get("error", "no_code"))[:100]
        raise refused_by(service.name, error, str(answer.get("error_description", "")))
    kind = "connect" if attempt.do == "connect" else "sign"
    return at(service, kind).token(str(answer["code"])[:2000], attempt.verifier)


@action
def connect(actor: Actor, service: RemoteService, token: Token) -> RemoteSignIn:
    """Keep what the service gave the person, in place of what it gave before."""
    kept, _ = RemoteSignIn.objects.update_or_create(
        person_id=_person(actor), service=service, defaults={**_kept(token), "signed_in_at": clock.now()}
    )
    record(actor, "signing.remote_sign_in", kind="service", object_id=service.pk, data={"name": service.name})
    return kept


def disconnect(actor: Actor, service: RemoteService) -> None:
    """The site forgets the person's tokens, then has the service forget them. Raises RemoteUnavailable and
    RemoteRefused for the second alone."""
    token = _forget(actor, service)
    if token is not None:
        at(service, "connect").end(token)


@action
def _forget(actor: Actor, service: RemoteService) -> Token | None:
    held = RemoteSignIn.objects.select_for_update().filter(person_id=_person(actor), service=service).first()
    if held is not None:
        held.delete()
    record(
        actor, "signing.remote_sign_out", kind="service", object_id=service.pk, data={"name": service.name}
    )
    return None if held is None else _token(held)


def access_to(service: RemoteService, person_id: UUID | None) -> CscAccess:
    """How this site calls the service: as itself, or for services that want people, as this person. Raises
    RemoteSignInNeeded, RemoteUnavailable."""
    secret = _secret(service)
    if not service.people:
        own = CscAccess(client_id=service.client_id, client_secret=secret)
        return own if service.client_id else CscAccess(secret)
    return CscAccess(_access(service, person_id), personal=True)


def service_for(service: RemoteService, person_id: UUID | None = None) -> CscService:
    """The connection to a remote signing service; raises as :func:`access_to` does."""
    return CscService(service.name, service.url, access_to(service, person_id))


def held_by(actor: Actor, services: Iterable[RemoteService]) -> dict[UUID, RemoteSignIn]:
    """The person's connections that are good now or can be renewed, by service; one query."""
    found = RemoteSignIn.objects.filter(person_id=_person(actor), service__in=[one.pk for one in services])
    return {one.service_id: one for one in found if one.expires_at > clock.now() or _token(one).refresh}


def forget_expired() -> int:
    """Forget tokens that are of no use any more; returns how many."""
    ended = RemoteSignIn.objects.filter(expires_at__lte=clock.now())
    useless = [one.pk for one in ended if not _token(one).refresh]
    return RemoteSignIn.objects.filter(pk__in=useless).delete()[0]


def redirects(service: RemoteService) -> dict[str, str]:
    """The addresses of this site that browsers come back to; both are registered at the service, no other is used."""
    base = settings.VANTHU.base_url.rstrip("/")
    return {
        "connect": f"{base}/my-keys/remote/{service.pk}/back",
        "sign": f"{base}/sign/remote/{service.pk}/back",
    }


def at(service: RemoteService, kind: str) -> CscSignIn:
    """The service's OAuth 2.0 server, for ``connect`` or ``sign``."""
    return CscSignIn(
        service.name,
        service.oauth_url or service.url,
        service.client_id,
        redirects(service)[kind],
        _secret(service),
        service.url.rstrip("/").endswith("/v2"),
    )


def _access(service: RemoteService, person_id: UUID | None) -> str:
    mine = RemoteSignIn.objects.filter(service=service)
    held = mine.filter(person_id=person_id).first() if person_id else None
    if held is None:
        raise RemoteSignInNeeded(service=service.name)
    token = _token(held)
    if held.expires_at > clock.now() + SOON:
        return token.access
    if not token.refresh:
        raise RemoteSignInNeeded(service=service.name)
    try:
        fresh = at(service, "connect").renewed(token)
    except (RemoteCodeRefused, RemoteNotAllowed) as refusal:
        RemoteSignIn.objects.filter(pk=held.pk, token_box=held.token_box).delete()
        raise RemoteSignInNeeded(service=service.name) from refusal
    RemoteSignIn.objects.filter(pk=held.pk, token_box=held.token_box).update(**_kept(fresh))
    return fresh.access


def _kept(token: Token) -> dict[str, Any]:
    text = json.dumps([token.access, token.refresh])
    until = clock.now() + timedelta(seconds=token.seconds)
    return {"token_box": boxes.lock(text, TOKEN_PURPOSE), "expires_at": until}


def _token(held: RemoteSignIn) -> Token:
    access, refresh = json.loads(boxes.unlock(held.token_box, TOKEN_PURPOSE))
    return Token(access, refresh, 0)


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise RemoteServiceUnknown
    return actor.person_id


def _secret(service: RemoteService) -> str:
    return boxes.unlock(service.secret_box, SERVICE_PURPOSE) if service.secret_box else ""
