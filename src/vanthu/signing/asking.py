"""What pages post and get when they sign with a key on a person's own computer; for the rooms' thin views.

``asked`` answers ``request`` and ``mac`` for the agent, nothing when there is nothing to sign; ``signatures`` reads
what the agent gave back.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from uuid import UUID

from django.http import HttpRequest, JsonResponse

from vanthu.base.actors import Actor
from vanthu.pades import Pending, Scheme
from vanthu.signing import agents
from vanthu.signing.agents import AgentAnswerUnreadable, ToSign
from vanthu.signing.models import AgentPairing, AwaitedSignature, SigningKey

Named = Callable[[AwaitedSignature], tuple[str, str]]
"""Title and number under which the agent shows what it signs."""


def paired(request: HttpRequest, actor: Actor) -> AgentPairing:
    """The person's own computer, before anything is prepared for it. Raises AgentNotPaired."""
    return agents.pairing_of(actor, request.POST.get("pairing", ""))


def asked(
    request: HttpRequest, actor: Actor, pairing: AgentPairing, rows: Sequence[AwaitedSignature], named: Named
) -> JsonResponse:
    """The proved request for what waits in ``rows``."""
    if not rows:
        return JsonResponse({})
    items = []
    for row in rows:
        waits = Pending.from_dict(row.pending)
        items.append(ToSign(str(row.pk), *named(row), waits.to_sign, waits.scheme is Scheme.PSS))
    certificate = bytes(SigningKey.objects.get(pk=rows[0].key_id).certificate)
    challenge = request.POST.get("challenge", "")
    return JsonResponse(
        agents.request_for(actor, pairing.pk, challenge, "sign", certificate=certificate, items=items)
    )


def signatures(request: HttpRequest) -> dict[UUID, bytes]:
    """By the id of what waited. Raises AgentAnswerUnreadable."""
    try:
        given = json.loads(request.POST.get("signatures", "{}"))
        return {UUID(key): base64.b64decode(value, validate=True) for key, value in given.items()}
    except (ValueError, TypeError, AttributeError) as problem:
        raise AgentAnswerUnreadable from problem
