"""The doors of a site: which rooms answer under which path."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("vanthu.web.urls")),
    path("accounts/", include("allauth.account.urls")),
]

if settings.IS_AGENCY:
    urlpatterns += [
        path("", include("vanthu.issuing.urls")),
        path("", include("vanthu.handling.urls")),
        path("", include("vanthu.copying.urls")),
        path("", include("vanthu.exchange.urls")),
        path("", include("vanthu.records.urls")),
        path("", include("vanthu.signing.urls")),
        path("", include("vanthu.encryption.urls")),
        path("", include("vanthu.directory.urls")),
        path("", include("vanthu.search.urls")),
        path("", include("vanthu.portal.urls")),
        path("api/", include("vanthu.api.urls")),
    ]
if settings.IS_AXIS:
    urlpatterns += [path("", include("vanthu.axis.urls"))]
