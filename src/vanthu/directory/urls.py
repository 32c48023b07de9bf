"""Doors of the directory."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.directory import views

urlpatterns: list[URLPattern] = [path("directory/", views.agencies, name="directory-agencies")]
