"""How the public doors answer: a page or JSON, a refusal with its own status, never kept by anybody on the way."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from vanthu.errors import VanthuError
from vanthu.web.words import error_answer


def wants_json(request: HttpRequest) -> bool:
    """Whether other software asks."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page that no cache keeps and no search engine lists."""
    return _unkept(render(request, template, context, status=status))


def machine_answer(said: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The same for other software."""
    return _unkept(JsonResponse(said, status=status, json_dumps_params={"ensure_ascii": False}))


def refusal(request: HttpRequest, template: str, context: dict[str, Any], error: VanthuError) -> HttpResponse:
    """``error`` on the page it happened on, or as JSON; with ``Retry-After`` when waiting helps."""
    if wants_json(request):
        refused = machine_answer(error_answer(error), status=error.http_status)
    else:
        refused = answer(request, template, {**context, "error": error}, status=error.http_status)
    if error.http_status in (429, 503):
        refused.headers["Retry-After"] = str(error.details.get("seconds", 5))
    return refused


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
