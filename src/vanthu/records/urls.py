"""Doors of the records room: files and registers."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.records import views

urlpatterns: list[URLPattern] = [
    path("files/<uuid:file_id>", views.file, name="records-file"),
    path("registers/", views.registers, name="records-registers"),
    path("registers/<uuid:register_id>/<int:year>/", views.register, name="records-register"),
]
