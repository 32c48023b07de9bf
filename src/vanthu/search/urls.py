"""Doors of the search room."""

from __future__ import annotations

from django.urls import URLPattern, path

from vanthu.search import views

urlpatterns: list[URLPattern] = [path("search/", views.search, name="search")]
