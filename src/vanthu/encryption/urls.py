"""Doors of the encryption room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.encryption import elsewhere_views, views

app_name = "encryption"
urlpatterns: list[URLPattern] = [
    path("encryption/", views.page, name="keys"),
    path("encryption/keys", views.enrol, name="enrol"),
    path("encryption/keys/own/begin", elsewhere_views.begin, name="own-begin"),
    path("encryption/keys/own", elsewhere_views.finish, name="own-finish"),
    path("encryption/certificates", views.add, name="add-certificate"),
    path("encryption/certificates/<uuid:certificate_id>/withdraw", views.withdraw, name="withdraw"),
    path("encryption/statements/<uuid:agency_id>/trust", views.trust_new_key, name="trust-new-key"),
    path("documents/<uuid:document_id>/encryption", views.choose, name="choose"),
]
