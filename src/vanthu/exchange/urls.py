"""Doors of the exchange room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.exchange import channel_views, views

app_name = "exchange"
urlpatterns: list[URLPattern] = [
    path("documents/<uuid:document_id>/deliveries/", views.deliveries, name="deliveries"),
    path("exchange/deliveries/<uuid:delivery_id>/receipt", views.receipt, name="receipt"),
    path("exchange/deliveries/<uuid:delivery_id>/resend", views.resend, name="resend"),
    path("exchange/deliveries/<uuid:delivery_id>/posted", views.posted, name="posted"),
    path("exchange/statuses/<uuid:outbox_id>/resend", views.resend_status, name="resend_status"),
    path("exchange/readiness/", channel_views.page, name="readiness"),
    path("exchange/readiness/not-ready", channel_views.not_ready, name="not_ready"),
    path("exchange/readiness/<uuid:exception_id>/end", channel_views.ready_again, name="ready_again"),
    path("exchange/readiness/paper", channel_views.paper_list, name="paper_list"),
    path("exchange/readiness/paper/<uuid:line_id>/end", channel_views.paper_unlist, name="paper_unlist"),
    path("exchange/quarantine/", views.quarantine, name="quarantine"),
    path("exchange/quarantine/<uuid:inbox_id>/retry", views.retry, name="retry"),
    path("exchange/quarantine/<uuid:inbox_id>/resolve", views.resolve, name="resolve"),
    path("exchange/quarantine/<uuid:inbox_id>/discard", views.discard, name="discard"),
]
