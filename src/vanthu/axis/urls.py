"""Doors of the axis room: the VXP paths at the root, as clients expect them, and the operator's page."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.axis import views

urlpatterns: list[URLPattern] = [
    path("sendEdoc", views.send_edoc),
    path("getReceivedEdocList", views.get_received_edoc_list),
    path("getEdoc", views.get_edoc),
    path("downloadEdoc", views.download_edoc),
    path("getSentEdocList", views.get_sent_edoc_list),
    path("updateStatus", views.update_status),
    path("countReceiveEdoc", views.count_receive_edoc),
    path("countReceiveStatus", views.count_receive_status),
    path("getAgenciesList", views.get_agencies_list),
    path("getAgenciesListQD20", views.get_agencies_list_qd20),
    path("getSynchronizeUnit", views.get_synchronize_unit),
    path("registerAgency", views.register_agency),
    path("deleteAgency", views.delete_agency),
    path("axis/jwks.json", views.jwks, name="axis_jwks"),
    path("axis/", views.overview, name="axis"),
]
