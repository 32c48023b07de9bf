"""Doors of the axis room: the VXP paths at the root, as clients expect them, and the operator's page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from vanthu.axis.relay.api import api
from vanthu.axis.views import evidence, operator, vxp

urlpatterns: list[URLPattern | URLResolver] = [
    path("sendEdoc", vxp.send_edoc),
    path("getReceivedEdocList", vxp.get_received_edoc_list),
    path("getEdoc", vxp.get_edoc),
    path("downloadEdoc", vxp.download_edoc),
    path("getSentEdocList", vxp.get_sent_edoc_list),
    path("updateStatus", vxp.update_status),
    path("countReceiveEdoc", vxp.count_receive_edoc),
    path("countReceiveStatus", vxp.count_receive_status),
    path("getAgenciesList", vxp.get_agencies_list),
    path("getAgenciesListQD20", vxp.get_agencies_list_qd20),
    path("getSynchronizeUnit", vxp.get_synchronize_unit),
    path("registerAgency", vxp.register_agency),
    path("deleteAgency", vxp.delete_agency),
    path("axis/v2/", api.urls),
    path("getEvidence", evidence.get_evidence),
    path("axis/jwks.json", operator.jwks, name="axis_jwks"),
    path("axis/", operator.overview, name="axis"),
]
