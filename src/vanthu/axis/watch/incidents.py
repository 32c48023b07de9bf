"""Reading the incidents of state secrecy: envelope data and what was done, never the content."""

from __future__ import annotations

from uuid import UUID

from vanthu.audit.models import Event
from vanthu.axis import wire_rules
from vanthu.axis.models import INCIDENT_OPEN, AgencyCode, SecrecyIncident
from vanthu.axis.operator_errors import IncidentUnknown
from vanthu.axis.watch.packets import Moment

SHOWN = 200


def newest() -> list[SecrecyIncident]:
    """Open incidents first, then the newest."""
    rows = list(SecrecyIncident.objects.select_related("sender", "member").order_by("-last_at")[:SHOWN])
    return sorted(rows, key=lambda incident: incident.state not in INCIDENT_OPEN)


def get(incident_id: UUID) -> SecrecyIncident:
    """One incident; raises :class:`IncidentUnknown`."""
    found = SecrecyIncident.objects.filter(pk=incident_id).select_related("sender", "member").first()
    if found is None:
        raise IncidentUnknown
    return found


def named(codes: list[str]) -> list[tuple[str, str]]:
    """Each code with the name of its agency, empty for a code that the axis does not know."""
    keys = {wire_rules.code_key(code) for code in codes}
    known = dict(AgencyCode.objects.filter(key__in=keys).values_list("key", "agency__name"))
    return [(code, known.get(wire_rules.code_key(code), "")) for code in codes]


_TOLD = {
    "axis.secret_stopped": ("gửi gói tin; trục chặn và niêm phong nội dung", "shield-lock", ""),
    "axis.secret_stopped_again": ("gửi lại cùng gói tin; trục chặn lần nữa", "shield-lock", ""),
    "axis.incident_purge_asked": ("đề nghị tiêu hủy nội dung", "flame", "reason"),
    "axis.incident_clear_asked": ("đề nghị coi là không phải bí mật nhà nước", "shield-check", "reason"),
    "axis.incident_request_withdrawn": ("rút đề nghị", "arrow-back-up", ""),
    "axis.incident_purged": ("xác nhận; nội dung đã tiêu hủy", "circle-check", ""),
    "axis.incident_cleared": ("xác nhận không phải bí mật; bên gửi được gửi lại", "circle-check", ""),
    "axis.incident_reported": ("ghi nhận đã báo cáo", "report", "to"),
}


def steps(incident: SecrecyIncident) -> list[Moment]:
    """What happened to the incident, newest first, from the log."""
    found = []
    for event in Event.objects.filter(object_id=incident.id, verb__in=_TOLD).order_by("-at", "-sequence"):
        sentence, icon, said = _TOLD[event.verb]
        found.append(Moment(event.at, event.actor_name, sentence, icon, str(event.data.get(said, ""))))
    return found
