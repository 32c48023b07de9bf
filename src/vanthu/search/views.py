"""The search page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.records import queries
from vanthu.web.middleware import actor as acting
from vanthu.web.panels import state_of


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Documents of both directions by number, subject, issuer or signer; accents do not matter."""
    text = request.GET.get("q", "").strip()
    found = queries.search(acting(request), text) if text else []
    rows = [(document, state_of(document)) for document in found]
    partial = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "search/results.html" if partial else "search/search.html"
    return render(request, template, {"rows": rows, "text": text, "full": len(found) >= queries.PAGE_SIZE})
