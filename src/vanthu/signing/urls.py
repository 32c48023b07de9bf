"""Doors of the signing room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.signing import evidence_views, key_views

urlpatterns: list[URLPattern] = [
    path("documents/<uuid:document_id>/evidence/", evidence_views.page, name="signature-evidence"),
    path(
        "documents/<uuid:document_id>/evidence/<uuid:evidence_id>.zip",
        evidence_views.download,
        name="signature-evidence-zip",
    ),
    path("my-keys/", key_views.my_keys, name="my-keys"),
    path("my-keys/otp", key_views.otp, name="my-keys-otp"),
    path("my-keys/enrol", key_views.enrol_own, name="my-keys-enrol"),
    path("my-keys/ask", key_views.ask, name="my-keys-ask"),
    path("my-keys/pair", key_views.pair, name="my-keys-pair"),
    path("my-keys/computers/<uuid:pairing_id>/confirm", key_views.confirm, name="my-keys-confirm"),
    path("my-keys/computers/<uuid:pairing_id>/revoke", key_views.revoke, name="my-keys-revoke"),
    path("signing/enrol/", key_views.enrol, name="enrol-key"),
    path("agent/<str:name>", key_views.package, name="agent-package"),
]
