"""Doors of the copying room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.copying import remote_views, views

urlpatterns: list[URLPattern] = [
    path("documents/<uuid:document_id>/copy", views.of_document, name="copy-document"),
    path("copies/", views.copies, name="copies"),
    path("copies/new/", views.of_paper, name="copy-paper"),
    path("copies/begun/<uuid:begun_id>/", views.begun, name="copy-begun"),
    path("copies/begun/<uuid:begun_id>/prepare", views.prepare, name="copy-prepare"),
    path("copies/begun/<uuid:begun_id>/finish", views.finish, name="copy-finish"),
    path("copies/begun/<uuid:begun_id>/remote", remote_views.begin, name="copy-remote"),
    path("copies/<uuid:copy_id>/", views.copy, name="copy"),
    path("copies/<uuid:copy_id>/print", views.print_copy, name="copy-print"),
    path("copies/<uuid:copy_id>/withdraw", views.withdraw, name="copy-withdraw"),
    path("copies/<uuid:copy_id>/file", views.file, name="copy-file"),
]
