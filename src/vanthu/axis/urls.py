"""Doors of the axis room: the VXP paths at the root, as clients expect them, and the operator's page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, path, register_converter

from vanthu.axis.converters import CodeConverter
from vanthu.axis.relay.api import api
from vanthu.axis.views import (
    agencies,
    dissolving,
    encryption,
    evidence,
    incidents,
    member_doors,
    members,
    operator,
    packets,
    statistics,
    vxp,
)

register_converter(CodeConverter, "code")

OPERATIONS: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "sendEdoc": vxp.send_edoc,
    "getReceivedEdocList": vxp.get_received_edoc_list,
    "getEdoc": vxp.get_edoc,
    "downloadEdoc": vxp.download_edoc,
    "getSentEdocList": vxp.get_sent_edoc_list,
    "updateStatus": vxp.update_status,
    "countReceiveEdoc": vxp.count_receive_edoc,
    "countReceiveStatus": vxp.count_receive_status,
    "getAgenciesList": vxp.get_agencies_list,
    "getAgenciesListQD20": vxp.get_agencies_list_qd20,
    "getSynchronizeUnit": vxp.get_synchronize_unit,
    "registerAgency": vxp.register_agency,
    "deleteAgency": vxp.delete_agency,
    "getEvidence": evidence.get_evidence,
    "getEncryptionList": encryption.get_encryption_list,
    "publishEncryption": encryption.publish_encryption,
}
"""The signed operations by their path at the root."""

SIGNED_OPERATIONS = {f"/{name}": door for name, door in OPERATIONS.items()}
MODERN_DOOR = "/axis/v2/"
"""What :mod:`vanthu.axis.shortcut` answers."""

urlpatterns: list[URLPattern | URLResolver] = [
    *(path(name, door) for name, door in OPERATIONS.items()),
    path(MODERN_DOOR.removeprefix("/"), api.urls),
    path("axis/jwks.json", operator.jwks, name="axis_jwks"),
    path("axis/", operator.overview, name="axis"),
    path("axis/traffic/", operator.traffic_chart, name="axis_traffic"),
    path("axis/queues/", operator.queue_list, name="axis_queues"),
    path("axis/keys/", operator.key_list, name="axis_keys"),
    path("axis/failures/", operator.failure_list, name="axis_failures"),
    path("axis/failures/<slug:cause>/again/", operator.hand_over_group_again, name="axis_group_again"),
    path("axis/deliveries/<uuid:delivery_id>/again/", operator.hand_over_again, name="axis_again"),
    path("axis/packets/", packets.packet_list, name="axis_packets"),
    path("axis/packets/<uuid:packet_id>/", packets.packet_page, name="axis_packet"),
    path("axis/packets/<uuid:packet_id>/proof/", packets.packet_proof, name="axis_proof"),
    path("axis/incidents/", incidents.incident_list, name="axis_incidents"),
    path("axis/incidents/<uuid:incident_id>/", incidents.incident_page, name="axis_incident"),
    path(
        "axis/incidents/<uuid:incident_id>/<slug:step>/", incidents.incident_step, name="axis_incident_step"
    ),
    path("axis/members/", members.member_list, name="axis_members"),
    path("axis/members/new/", members.member_new, name="axis_member_new"),
    path("axis/members/<code:system_id>/", members.member_page, name="axis_member"),
    path("axis/members/<code:system_id>/terms/", members.member_terms, name="axis_member_terms"),
    path("axis/members/<code:system_id>/renew/", members.member_renew, name="axis_member_renew"),
    path("axis/members/<code:system_id>/switch/", members.member_switch, name="axis_member_switch"),
    path("axis/members/<code:system_id>/keys/", member_doors.key_add, name="axis_key_add"),
    path(
        "axis/members/<code:system_id>/keys/<str:kid>/revoke/",
        member_doors.key_revoke,
        name="axis_key_revoke",
    ),
    path("axis/members/<code:system_id>/webhooks/", member_doors.webhook_add, name="axis_webhook_add"),
    path(
        "axis/members/<code:system_id>/webhooks/<uuid:webhook_id>/<slug:step>/",
        member_doors.webhook_step,
        name="axis_webhook_step",
    ),
    path("axis/members/<code:system_id>/secret/", members.member_sheet, name="axis_member_sheet"),
    path("axis/agencies/", agencies.agency_list, name="axis_agencies"),
    path("axis/agencies/new/", agencies.agency_new, name="axis_agency_new"),
    path("axis/agencies/<code:code>/edit/", agencies.agency_edit, name="axis_agency_edit"),
    path("axis/agencies/<code:code>/", agencies.agency_page, name="axis_agency"),
    path("axis/agencies/<code:code>/dissolve/", dissolving.dissolve, name="axis_agency_dissolve"),
    path("axis/agencies/<code:code>/<slug:step>/", agencies.agency_step, name="axis_agency_step"),
    path("axis/statistics/", statistics.statistics, name="axis_statistics"),
    path("axis/statistics.csv", statistics.statistics_csv, name="axis_statistics_csv"),
]
