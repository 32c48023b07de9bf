"""Pages of the directory: the agencies that can be addressed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.directory.queries import find_agencies

SHOWN = 100


@login_required
@require_GET
def agencies(request: HttpRequest) -> HttpResponse:
    """The agency list with an accent-insensitive search; answers the rows alone to htmx."""
    text = request.GET.get("q", "").strip()
    found = find_agencies(text, limit=SHOWN + 1)
    context = {"agencies": found[:SHOWN], "text": text, "more": len(found) > SHOWN}
    partial = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "directory/agency_rows.html" if partial else "directory/agencies.html"
    return render(request, template, context)
