"""Searching packets, and the page of one packet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.axis import payloads, proofs
from vanthu.axis.models import DeliveryState, Member
from vanthu.axis.views.operator import operator_only
from vanthu.axis.watch import packets


@operator_only
@require_GET
def packet_list(request: HttpRequest) -> HttpResponse:
    """The newest packets, or those that match."""
    filters = packets.Filters(
        text=_word(request, "q", 255),
        kind=_word(request, "kind", 30),
        state=_word(request, "state", 10),
        member=_word(request, "member", 35),
        urgent=request.GET.get("urgent") == "1",
    )
    return render(request, "axis/packets.html", _found(filters, _key(request.GET.get("before", ""))))


def _found(filters: packets.Filters, before: UUID | None) -> dict[str, Any]:
    return {
        "page": packets.find(filters, before),
        "filters": filters,
        "states": DeliveryState.choices,
        "kinds": [(one.name, one.label) for one in payloads.all_types().values()],
        "members": Member.objects.values_list("system_id", "name"),
    }


@operator_only
@require_GET
def packet_page(request: HttpRequest, packet_id: UUID) -> HttpResponse:
    """One packet with its whole life."""
    return render(request, "axis/packet.html", {"life": packets.life(packet_id)})


@operator_only
@require_GET
def packet_proof(_request: HttpRequest, packet_id: UUID) -> HttpResponse:
    """The proof file of a packet, which verifies without the axis."""
    return HttpResponse(
        proofs.proof_file(str(packet_id)),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="bang-chung-{packet_id}.json"'},
    )


def _word(request: HttpRequest, name: str, longest: int) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:longest]


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
