"""Doors of the web room."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from vanthu.web import health, styleguide, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", views.home, name="home"),
    path("demo/sign-in", views.demo_sign_in, name="demo-sign-in"),
    path("styleguide/", styleguide.page, name="styleguide"),
    path("styleguide/document", styleguide.document, name="styleguide-document"),
    path("styleguide/sample.pdf", styleguide.sample, name="styleguide-sample"),
]
if settings.IS_AGENCY:
    urlpatterns += [
        path("work/counts", views.work_counts, name="work-counts"),
        path("incoming/", views.incoming, name="incoming"),
        path("outgoing/", views.outgoing, name="outgoing"),
        path("documents/<uuid:pk>/", views.document, name="document"),
    ]
