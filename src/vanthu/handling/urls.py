"""Doors of the handling room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.handling import elsewhere_views, views

urlpatterns: list[URLPattern] = [
    path("documents/<uuid:document_id>/register", views.register, name="handling-register"),
    path("documents/<uuid:document_id>/reject", views.reject, name="handling-reject"),
    path("documents/<uuid:document_id>/open", views.open_files, name="handling-open"),
    path("documents/<uuid:document_id>/open/ask", views.ask_holder, name="handling-ask-holder"),
    path("documents/<uuid:document_id>/open/begin", elsewhere_views.begin, name="handling-open-begin"),
    path("documents/<uuid:document_id>/open/finish", elsewhere_views.finish, name="handling-open-finish"),
    path("documents/<uuid:document_id>/direct", views.direct, name="handling-direct"),
    path("documents/<uuid:document_id>/start", views.start, name="handling-start"),
    path("documents/<uuid:document_id>/note", views.note, name="handling-note"),
    path("documents/<uuid:document_id>/finish", views.finish, name="handling-finish"),
    path("documents/<uuid:document_id>/complete", views.complete, name="handling-complete"),
    path("documents/<uuid:document_id>/noted", views.noted, name="handling-noted"),
    path(
        "documents/<uuid:document_id>/changes/<uuid:change_id>/agree",
        views.agree_change,
        name="handling-agree-change",
    ),
    path(
        "documents/<uuid:document_id>/changes/<uuid:change_id>/refuse",
        views.refuse_change,
        name="handling-refuse-change",
    ),
    path("documents/<uuid:document_id>/destroy/ask", views.ask_destruction, name="handling-ask-destruction"),
    path(
        "documents/<uuid:document_id>/destroy/decide",
        views.decide_destruction,
        name="handling-decide-destruction",
    ),
    path(
        "documents/<uuid:document_id>/destroy/drop", views.drop_destruction, name="handling-drop-destruction"
    ),
    path("documents/<uuid:document_id>/checks", views.checks, name="handling-checks"),
    path("incoming/register-all", views.register_all, name="handling-register-all"),
]
