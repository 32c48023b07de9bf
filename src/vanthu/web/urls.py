"""Doors of the web room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from vanthu.web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("i18n/", include("django.conf.urls.i18n")),
]
