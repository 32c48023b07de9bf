"""Doors of the signing room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.signing import evidence_views

urlpatterns: list[URLPattern] = [
    path("documents/<uuid:document_id>/evidence/", evidence_views.page, name="signature-evidence"),
    path(
        "documents/<uuid:document_id>/evidence/<uuid:evidence_id>.zip",
        evidence_views.download,
        name="signature-evidence-zip",
    ),
]
