"""Packets stopped for state secrecy: the list, one incident, and the steps of the two people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.axis import actions
from vanthu.axis.models import INCIDENT_OPEN, IncidentState, SecrecyIncident
from vanthu.axis.views.operator import operator_only
from vanthu.axis.watch import incidents
from vanthu.web.middleware import actor as acting


@operator_only
@require_GET
def incident_list(request: HttpRequest) -> HttpResponse:
    """Incidents, those that wait for a person first."""
    return render(request, "axis/incidents.html", {"incidents": incidents.newest()})


@operator_only
@require_GET
def incident_page(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """One incident: envelope data, marks with their law, what was done, what can be done; prints as a report."""
    incident = incidents.get(incident_id)
    return render(request, "axis/incident.html", _shown(incident, acting(request).person_id))


def _shown(incident: SecrecyIncident, person: UUID | None) -> dict[str, Any]:
    asked = incident.state in (IncidentState.PURGE_ASKED, IncidentState.CLEAR_ASKED)
    return {
        "incident": incident,
        "steps": incidents.steps(incident),
        "recipients": incidents.named(incident.recipient_codes),
        "open": incident.state in INCIDENT_OPEN,
        "asked": asked,
        "mine": asked and incident.asked_person == person,
    }


@operator_only
@require_POST
def incident_step(request: HttpRequest, incident_id: UUID, step: str) -> HttpResponse:
    """Ask, confirm, take back, or note a report."""
    actor, text = acting(request), request.POST.get("text", "")
    if step == "purge":
        actions.ask_purge(incident_id, actor, text)
        messages.success(request, _("Đã ghi đề nghị tiêu hủy. Cần một người vận hành khác xác nhận."))
    elif step == "clear":
        actions.ask_clear(incident_id, actor, text)
        messages.success(request, _("Đã ghi đề nghị cho gửi lại. Cần một người vận hành khác xác nhận."))
    elif step == "confirm":
        actions.confirm_request(incident_id, actor)
        messages.success(request, _("Đã xác nhận. Nội dung niêm phong đã được tiêu hủy."))
    elif step == "withdraw":
        actions.take_back_request(incident_id, actor)
        messages.success(request, _("Đã rút đề nghị."))
    elif step == "report":
        actions.note_report(incident_id, actor, text)
        messages.success(request, _("Đã ghi nhận việc báo cáo."))
    else:
        raise Http404
    return redirect("axis_incident", incident_id)
