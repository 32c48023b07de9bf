"""The short way of machines' calls: past sessions, signed-in people, cookies, page headers and static files.

Nothing of that concerns a call that is signed and answered with JSON, and it costs more than checking the
signature. Owns which paths those are; refuses to touch pages.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from vanthu.axis.urls import MODERN_DOOR, SIGNED_OPERATIONS

Handler = Callable[[HttpRequest], HttpResponseBase]


class MachineDoors:
    """Answers the axis' signed operations at once; every other request goes on."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        door = _door(request.path_info)
        if door is None:
            return self.get_response(request)
        request.get_host()  # refuses the names of other sites
        asked = "HTTP_ACCEPT_LANGUAGE" in request.META
        # Always set: the thread may have answered a page in another language before.
        translation.activate(
            translation.get_language_from_request(request) if asked else settings.LANGUAGE_CODE
        )
        answer = door(request)
        if not answer.streaming and not answer.has_header("Content-Length"):
            answer.headers["Content-Length"] = str(len(answer.content))  # type: ignore[attr-defined]
        return answer


def _door(path: str) -> Handler | None:
    if path.startswith(MODERN_DOOR):
        try:
            found = resolve(path)
        except Resolver404:
            return None
        return functools.partial(_called, found)
    return SIGNED_OPERATIONS.get(path)


def _called(found: ResolverMatch, request: HttpRequest) -> HttpResponseBase:
    request.resolver_match = found
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer
