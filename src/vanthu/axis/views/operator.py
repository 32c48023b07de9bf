"""The operator's overview, queues and failures, and the published key of the axis."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vanthu.axis import actions, proofs
from vanthu.axis.views import charts
from vanthu.axis.watch import failures as failing
from vanthu.axis.watch import keys, packets, parent, queues, traffic
from vanthu.axis.watch.causes import Party
from vanthu.axis.watch.parent import ParentLine
from vanthu.axis.watch.queues import QueueLine
from vanthu.axis.watch.thresholds import Tone
from vanthu.base.actors import Role
from vanthu.web.middleware import actor as acting

View = Callable[..., HttpResponseBase]
LATEST = 8


@require_http_methods(["GET", "HEAD"])
def jwks(_request: HttpRequest) -> JsonResponse:
    """The public keys that verify what this axis signed, the one in use first (RFC 7517)."""
    return JsonResponse({"keys": proofs.known_keys()})


def operator_only(view: View) -> View:
    """Signed in with the operator's role; raises ``RoleRequired`` for other people."""

    @functools.wraps(view)
    def checked(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        acting(request).require(Role.OPERATOR)
        return view(request, *args, **named)

    return login_required(checked)


@operator_only
@require_http_methods(["GET", "HEAD"])
def overview(request: HttpRequest) -> HttpResponse:
    """What an operator on duty looks at; with htmx only its live part."""
    if search := request.GET.get("q"):
        return redirect(f"{reverse('axis_packets')}?{urlencode({'q': search})}")
    if request.headers.get("HX-Request"):
        return render(request, "axis/_live.html", _live())
    return render(request, "axis/overview.html", _live() | _traffic(request))


def _live() -> dict[str, Any]:
    lines, above = queues.lines(), parent.parent_line()
    held: list[QueueLine | ParentLine] = [*lines, *([above] if above else [])]
    oldest = min((line.oldest for line in held if line.oldest), default=None)
    return {
        "figures": traffic.figures(
            sum(line.waiting for line in held), sum(line.urgent for line in held), oldest
        ),
        "worrying": [line for line in lines if line.tone is not Tone.CALM],
        "above": above if above and above.tone is not Tone.CALM else None,
        "ending": [line for line in keys.certificates() if line.tone is not Tone.CALM],
        "members": len(lines),
        "latest": packets.find(packets.Filters()).lines[:LATEST],
    }


@operator_only
@require_GET
def traffic_chart(request: HttpRequest) -> HttpResponse:
    """The chart of the traffic alone, which fetches itself again."""
    return render(request, "axis/_traffic.html", _traffic(request))


def _traffic(request: HttpRequest) -> dict[str, Any]:
    span = traffic.Span.named(request.GET.get("span", ""))
    steps = traffic.volumes(span)
    return {"span": span, "spans": charts.SPANS, "chart": charts.traffic(span, steps)}


@operator_only
@require_GET
def queue_list(request: HttpRequest) -> HttpResponse:
    """What waits for whom; with htmx only the table."""
    template = "axis/_queues.html" if request.headers.get("HX-Request") else "axis/queues.html"
    return render(request, template, {"lines": queues.lines(), "above": parent.parent_line()})


@operator_only
@require_GET
def key_list(request: HttpRequest) -> HttpResponse:
    """Certificates, secrets and keys with their age and end, and the axis' own clock."""
    return render(
        request,
        "axis/keys.html",
        {
            "certificates": keys.certificates(),
            "secrets": keys.secrets(),
            "own_clock": keys.own_clock(),
            "days": settings.VANTHU.axis_secret_days,
        },
    )


@operator_only
@require_GET
def failure_list(request: HttpRequest) -> HttpResponse:
    """Failures by cause, narrowed to the party that must act."""
    found = failing.failures(queues.lines())
    party = next((one for one in Party if one.name == request.GET.get("party")), None)
    return render(
        request,
        "axis/failures.html",
        {
            "groups": found.of(party) if party else found.groups,
            "all": found,
            "parties": [(one, sum(group.number for group in found.of(one))) for one in Party],
            "party": party,
        },
    )


@operator_only
@require_POST
def hand_over_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Offer one failed hand-over to its recipient once more."""
    delivery = actions.hand_over_again(delivery_id, acting(request))
    messages.success(request, _("Đã đưa lại vào hàng chờ của %(code)s.") % {"code": delivery.recipient_code})
    if "from_failures" in request.POST:
        return redirect("axis_failures")
    return redirect("axis_packet", delivery.packet_id)


@operator_only
@require_POST
def hand_over_group_again(request: HttpRequest, cause: str) -> HttpResponse:
    """Offer every failed hand-over of one cause once more."""
    failed = failing.resendable(cause)
    done = actions.hand_over_all_again(failed, acting(request))
    said = ngettext("Đã giao lại %(n)d gói tin.", "Đã giao lại %(n)d gói tin.", done) % {"n": done}
    messages.success(request, said)
    return redirect("axis_failures")
