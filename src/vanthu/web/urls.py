"""Doors of the web room."""

from __future__ import annotations

from allauth.account.views import LoginView, LogoutView, PasswordChangeView
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path

from vanthu.web import health, sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    # Before allauth's own doors of the same name and path, with this room's templates.
    path("accounts/login/", LoginView.as_view(template_name="web/login.html"), name="account_login"),
    path("accounts/logout/", LogoutView.as_view(template_name="web/logout.html"), name="account_logout"),
    path(
        "accounts/password/change/",
        login_required(PasswordChangeView.as_view(template_name="web/password.html", success_url="/")),
        name="account_change_password",
    ),
    path("i18n/", include("django.conf.urls.i18n")),
    path("demo/sign-in", sign_in.demo_sign_in, name="demo-sign-in"),
]
if settings.IS_AGENCY:
    # The agency rooms' tables exist on agency sites only, so their pages are not even imported elsewhere.
    from vanthu.web import styleguide, views

    urlpatterns += [
        path("", views.home, name="home"),
        path("styleguide/", styleguide.page, name="styleguide"),
        path("styleguide/document", styleguide.document, name="styleguide-document"),
        path("styleguide/sample.pdf", styleguide.sample, name="styleguide-sample"),
        path("work/counts", views.work_counts, name="work-counts"),
        path("incoming/", views.incoming, name="incoming"),
        path("outgoing/", views.outgoing, name="outgoing"),
        path("documents/<uuid:pk>/", views.document, name="document"),
    ]
else:
    urlpatterns += [path("", sign_in.axis_home, name="home")]
