"""People's computers that sign and open for this site: pairing with vanthu-agent, and requests that it believes.

Owns the pairing's secret and the proof on each request. A page only carries what the server proved and what the
agent answered; it holds no secret after the pairing. Refuses computers of other people, unconfirmed and revoked
ones. What a request looks like is ``vanthu_agent.asked``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from vanthu.audit.ledger import action, record
from vanthu.base import boxes, clock
from vanthu.base.actors import Actor
from vanthu.errors import VanthuError
from vanthu.signing.models import AgentPairing
from vanthu_agent.asked import proof
from vanthu_agent.opening import Sealed, written

PURPOSE = "vanthu agent pairing secrets v1"
CONFIRM_WITHIN = timedelta(minutes=10)
LONGEST_CHALLENGE = 200
MOST_PEOPLE = 50
"""At one computer."""


class AgentNotPaired(VanthuError):
    """The computer is not this person's, or not paired any more."""

    code = "AGENT_NOT_PAIRED"
    message = "Máy này chưa được ghép nối với tài khoản của bạn. Hãy ghép nối ở trang “Khóa ký của tôi”."
    http_status = 404


class PairingNotProved(VanthuError):
    """What came back from the computer was not made with the pairing's secret, or too late."""

    code = "AGENT_PAIRING_NOT_PROVED"
    message = "Chưa ghép nối được: vanthu-agent không xác nhận. Hãy lấy mã mới và làm lại."
    http_status = 409


class AgentAnswerUnreadable(VanthuError):
    """What the page brought back is no answer of the agent."""

    code = "AGENT_ANSWER_UNREADABLE"
    message = "Không đọc được câu trả lời của vanthu-agent. Hãy tải lại trang và làm lại."


@dataclass(frozen=True)
class ToSign:
    """One signature that the agent is asked for, and what it shows its owner."""

    item_id: str
    title: str
    number: str
    to_sign: bytes
    pss: bool = False
    """With an RSA key: RSASSA-PSS."""

    def said(self) -> dict[str, Any]:
        """As it stands in a request."""
        return {"to_sign": base64.b64encode(self.to_sign).decode(), "pss": self.pss}


@dataclass(frozen=True)
class ToOpen:
    """One encrypted file whose key the agent is asked for, and what it shows its owner."""

    item_id: str
    title: str
    number: str
    sealed: Sealed

    def said(self) -> dict[str, Any]:
        """As it stands in a request."""
        return {"sealed": written(self.sealed)}


@action
def begin_pairing(actor: Actor) -> tuple[AgentPairing, str]:
    """A pairing that waits for its computer, and the secret, which goes through the person's page once."""
    secret = secrets.token_urlsafe(32)
    pairing = AgentPairing.objects.create(
        person_id=_person(actor), name="", secret_box=boxes.lock(secret, PURPOSE), begun_at=clock.now()
    )
    _forget_unconfirmed(actor)
    record(actor, "signing.begin_pairing", kind="agent", object_id=pairing.pk)
    return pairing, secret


@action
def confirm_pairing(actor: Actor, pairing_id: UUID, shown: str, computer: str) -> AgentPairing:
    """The computer proved that it has the secret. Raises AgentNotPaired, PairingNotProved."""
    pairing = AgentPairing.objects.select_for_update().filter(pk=pairing_id, person_id=_person(actor)).first()
    if pairing is None or pairing.revoked_at is not None:
        raise AgentNotPaired
    expected = proof(boxes.unlock(pairing.secret_box, PURPOSE), f"paired {pairing.pk}")
    late = pairing.confirmed_at is None and clock.now() > pairing.begun_at + CONFIRM_WITHIN
    if late or not hmac.compare_digest(expected.encode(), shown.encode()):
        raise PairingNotProved
    pairing.name = computer[:100]
    pairing.confirmed_at = pairing.confirmed_at or clock.now()
    pairing.save()
    record(actor, "signing.pair_agent", kind="agent", object_id=pairing.pk, data={"computer": pairing.name})
    return pairing


@action
def revoke_pairing(actor: Actor, pairing_id: UUID) -> None:
    """The computer is asked for nothing any more. Raises AgentNotPaired."""
    pairing = pairing_of(actor, pairing_id)
    pairing.revoked_at = clock.now()
    pairing.save(update_fields=["revoked_at"])
    record(actor, "signing.revoke_agent", kind="agent", object_id=pairing.pk, data={"computer": pairing.name})


def pairings(actor: Actor) -> list[AgentPairing]:
    """The person's paired computers, newest first."""
    return list(_confirmed(actor).order_by("-confirmed_at"))


def pairing_of(actor: Actor, said: UUID | str) -> AgentPairing:
    """One of the person's paired computers, also by what a page says of it: the agent names the pairings of everybody
    who uses the computer, separated by blanks. Raises AgentNotPaired."""
    try:
        named = [UUID(one) for one in str(said).split()[:MOST_PEOPLE]]
    except ValueError as problem:
        raise AgentNotPaired from problem
    found = _confirmed(actor).filter(pk__in=named).order_by("-confirmed_at").first()
    if found is None:
        raise AgentNotPaired
    return found


def request_for(
    actor: Actor,
    pairing_id: UUID | str,
    challenge: str,
    do: str,
    *,
    certificate: bytes = b"",
    items: Sequence[ToSign | ToOpen] = (),
) -> dict[str, str]:
    """A request that the person's agent will believe once, because it answers its ``challenge``.

    ``do``: ``certificates`` lists what is plugged in, ``look`` asks whether ``certificate`` (DER) is there,
    ``sign`` signs ``items`` with its key, ``open`` opens them. Raises AgentNotPaired.
    """
    pairing = pairing_of(actor, pairing_id)
    AgentPairing.objects.filter(pk=pairing.pk).update(used_at=clock.now())
    said: dict[str, Any] = {
        "pairing": str(pairing.pk),
        "challenge": challenge[:LONGEST_CHALLENGE],
        "do": do,
        "person": actor.name,
        "certificate": hashlib.sha256(certificate).hexdigest() if certificate else "",
        "items": [
            {
                "id": item.item_id,
                "title": item.title,
                "number": item.number,
                **item.said(),
            }
            for item in items
        ],
    }
    text = json.dumps(said, ensure_ascii=False)
    return {"request": text, "mac": proof(boxes.unlock(pairing.secret_box, PURPOSE), text)}


def opened_keys(answer: str) -> dict[str, bytes]:
    """What the agent answered to ``open`` (JSON): item → content key. Raises :class:`AgentAnswerUnreadable`."""
    try:
        given = json.loads(answer)
        return {str(item): base64.b64decode(key, validate=True) for item, key in given.items()}
    except (ValueError, TypeError, AttributeError) as problem:
        raise AgentAnswerUnreadable from problem


def site_name() -> str:
    """How the site calls itself in the agent's window."""
    return str(settings.VANTHU.site_name)


def address() -> str:
    """Where a page reaches the agent on the person's own computer."""
    return f"http://127.0.0.1:{settings.VANTHU.agent_port}"


def _confirmed(actor: Actor) -> QuerySet[AgentPairing]:
    return AgentPairing.objects.filter(
        person_id=_person(actor), confirmed_at__isnull=False, revoked_at__isnull=True
    )


def _forget_unconfirmed(actor: Actor) -> None:
    old = clock.now() - CONFIRM_WITHIN
    AgentPairing.objects.filter(
        person_id=_person(actor), confirmed_at__isnull=True, begun_at__lt=old
    ).delete()


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise AgentNotPaired
    return actor.person_id
