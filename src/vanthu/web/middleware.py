"""What happens around every request: a log line, the acting post, domain errors turned into answers."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from vanthu.base.actors import Actor
from vanthu.base.ids import new_id
from vanthu.directory import queries as directory
from vanthu.directory.models import Person, Post
from vanthu.errors import VanthuError
from vanthu.web.words import error_answer, said

Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("vanthu.request")


class RequestLog:
    """One structured line per request with a request id that every line below it carries."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = str(new_id())
        with structlog.contextvars.bound_contextvars(request=request_id):
            response = self.get_response(request)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
        response.headers["X-Request-Id"] = request_id
        return response


class ActingPost:
    """``request.actor`` and ``request.post_held``: the signed-in person's post, read on demand."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.post_held = SimpleLazyObject(lambda: _post(request))  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: directory.actor_of(_post(request), client_address(request))
        )
        return self.get_response(request)


class DomainErrors:
    """A domain error becomes a page, a partial or JSON with its code; nothing was changed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a :class:`VanthuError`; everything else stays a failure."""
        if not isinstance(error, VanthuError):
            return None
        log.info("refused", code=error.code, path=request.path)
        if request.path.startswith("/api/") or request.headers.get("Accept") == "application/json":
            return JsonResponse(error_answer(error), status=error.http_status)
        if request.method == "POST" and not request.headers.get("HX-Request"):
            back = request.POST.get("back") or request.headers.get("Referer", "")
            if url_has_allowed_host_and_scheme(back, {request.get_host()}):
                messages.error(request, said(error), extra_tags=error.code)
                return redirect(back)
        template = "web/error_partial.html" if request.headers.get("HX-Request") else "web/error.html"
        return render(request, template, {"error": error}, status=error.http_status)


def client_address(request: HttpRequest) -> str:
    """The client's network address as the server saw it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def actor(request: HttpRequest) -> Actor:
    """The acting post of a signed-in request."""
    return request.actor  # type: ignore[attr-defined,no-any-return]


def _post(request: HttpRequest) -> Post:
    assert isinstance(request.user, Person)
    held: Post | None = getattr(request, "_post_held", None)
    if held is None:
        held = directory.post_of(request.user)
        request._post_held = held  # type: ignore[attr-defined]
    return held
