"""Doors of the web room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.web import health

urlpatterns: list[URLPattern] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
]
