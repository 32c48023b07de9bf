"""The page on which an agency sees where it stands at each axis: stage, trial log, what to do next."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.base.actors import Role, RoleRequired
from vanthu.exchange import queries, standing
from vanthu.exchange.models import AxisStage
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

READERS = frozenset({Role.CLERK, Role.ADMINISTRATOR, Role.LEADER})


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The agency's standing at each axis; for clerks, administrators and leaders."""
    actor = acting(request)
    if READERS.isdisjoint(actor.roles):
        raise RoleRequired(role="văn thư, quản trị hoặc lãnh đạo")
    links = {row.axis.name: row.link for row in queries.axis_links()}
    stages = list(AxisStage)
    rows = [
        {
            "shown": shown,
            "link": links.get(shown.axis.name),
            "at": stages.index(AxisStage(shown.standing.stage)) if shown.standing else 0,
            "not_ready": shown.standing is not None and shown.standing.stage == AxisStage.NOT_READY,
        }
        for shown in standing.of_agency(actor.agency_id)
    ]
    context = {"rows": rows, "stages": [said(stage.label) for stage in stages]}
    return render(request, "exchange/standing.html", context)
