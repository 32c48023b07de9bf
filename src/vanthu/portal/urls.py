"""Doors of the portal room: open to everybody."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.portal import lookup, views

urlpatterns: list[URLPattern] = [
    path("check/", views.check, name="public-check"),
    path("c/", lookup.ask, name="public-lookup"),
    path("c/<str:code>", lookup.record, name="public-copy"),
]
