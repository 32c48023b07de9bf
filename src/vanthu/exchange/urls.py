"""Doors of the exchange room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.exchange.views import channels, deliveries, secrets, standing

app_name = "exchange"
urlpatterns: list[URLPattern] = [
    path("documents/<uuid:document_id>/deliveries/", deliveries.deliveries, name="deliveries"),
    path("exchange/deliveries/<uuid:delivery_id>/receipt", deliveries.receipt, name="receipt"),
    path(
        "exchange/deliveries/<uuid:delivery_id>/receipt/check", deliveries.check_receipt, name="check_receipt"
    ),
    path("exchange/deliveries/<uuid:delivery_id>/proof", deliveries.proof, name="proof"),
    path("exchange/deliveries/<uuid:delivery_id>/resend", deliveries.resend, name="resend"),
    path("exchange/deliveries/<uuid:delivery_id>/posted", deliveries.posted, name="posted"),
    path("exchange/statuses/<uuid:outbox_id>/resend", deliveries.resend_status, name="resend_status"),
    path("axis-standing/", standing.page, name="standing"),
    path("exchange/readiness/", channels.page, name="readiness"),
    path("exchange/readiness/not-ready", channels.not_ready, name="not_ready"),
    path("exchange/readiness/<uuid:exception_id>/end", channels.ready_again, name="ready_again"),
    path("exchange/readiness/paper", channels.paper_list, name="paper_list"),
    path("exchange/readiness/paper/<uuid:line_id>/end", channels.paper_unlist, name="paper_unlist"),
    path("exchange/secrets/", secrets.case_list, name="secrets"),
    path("exchange/secrets/<uuid:inbox_id>/", secrets.case_page, name="secret"),
    path("exchange/secrets/<uuid:inbox_id>/<slug:name>", secrets.step, name="secret_step"),
    path("exchange/quarantine/", deliveries.quarantine, name="quarantine"),
    path("exchange/quarantine/<uuid:inbox_id>/retry", deliveries.retry, name="retry"),
    path("exchange/quarantine/<uuid:inbox_id>/matches", deliveries.matches, name="matches"),
    path("exchange/quarantine/<uuid:inbox_id>/resolve", deliveries.resolve, name="resolve"),
    path("exchange/replacements/<uuid:change_id>/matches", deliveries.replaced, name="replaced"),
    path("exchange/replacements/<uuid:change_id>/match", deliveries.match_replaced, name="match_replaced"),
    path("exchange/quarantine/<uuid:inbox_id>/discard", deliveries.discard, name="discard"),
]
