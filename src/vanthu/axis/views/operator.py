"""The operator's pages, and the published key of the axis."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from vanthu.axis import proofs, queries
from vanthu.axis.models import AxisDelivery
from vanthu.axis.views.calls import wire_time
from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.web.middleware import actor as acting

View = Callable[[HttpRequest], HttpResponseBase]


@require_http_methods(["GET", "HEAD"])
def jwks(_request: HttpRequest) -> JsonResponse:
    """The public keys that verify what this axis signed, the one in use first (RFC 7517)."""
    return JsonResponse({"keys": proofs.known_keys()})


def operator_only(view: View) -> View:
    """Signed in with the operator's role; raises ``RoleRequired`` for other people."""

    @functools.wraps(view)
    def checked(request: HttpRequest) -> HttpResponseBase:
        acting(request).require(Role.OPERATOR)
        return view(request)

    return login_required(checked)


@operator_only
@require_http_methods(["GET", "HEAD"])
def overview(request: HttpRequest) -> HttpResponse:
    """The operator's page; with htmx only its live part."""
    template = "axis/_live.html" if request.headers.get("HX-Request") else "axis/overview.html"
    return render(request, template, _live(request))


def _live(request: HttpRequest) -> dict[str, Any]:
    search = request.GET.get("q", "").replace("\0", "").strip()[:255]
    lines = queries.member_lines()
    return {
        "search": search,
        "lines": lines,
        "waiting": sum(line.waiting for line in lines),
        "oldest": min((line.oldest for line in lines if line.oldest), default=None),
        "deliveries": list(_shown(queries.latest_deliveries(search))),
    }


def _shown(deliveries: list[AxisDelivery]) -> Iterator[dict[str, Any]]:
    """Dates are formatted here: in the template it takes most of the page's time."""
    for delivery in deliveries:
        yield {
            "delivery": delivery,
            "packet": delivery.packet,
            "accepted": clock.local(delivery.created_at).strftime("%d/%m/%Y %H:%M:%S"),
            "acknowledged": wire_time(delivery.acknowledged_at),
        }
