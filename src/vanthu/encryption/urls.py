"""Doors of the encryption room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.encryption import views

app_name = "encryption"
urlpatterns: list[URLPattern] = [
    path("encryption/", views.page, name="keys"),
    path("encryption/keys", views.enrol, name="enrol"),
    path("encryption/keys/device", views.enrol_device, name="enrol-device"),
    path("encryption/certificates", views.add, name="add-certificate"),
    path("encryption/certificates/<uuid:certificate_id>/withdraw", views.withdraw, name="withdraw"),
    path("documents/<uuid:document_id>/encryption", views.choose, name="choose"),
]
