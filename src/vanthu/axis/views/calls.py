"""A signed call: who makes it, with which arguments, and how it is answered or refused."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vanthu.axis import actions, limits, meter, payloads, storage
from vanthu.axis.callers import caller, use_once
from vanthu.axis.errors import CallMalformed, OverLimit
from vanthu.axis.models import Member
from vanthu.axis.payloads import PayloadType
from vanthu.axis.watch.refusals import note_refusal
from vanthu.base.actors import Actor
from vanthu.vxp import PREFIX, CallRefused, ErrorCode, SignedCall, answers

CLAIMED_SYSTEM = "XroadVnpt-systemid"
_HTTP = "HTTP_"
_SIGNED = _HTTP + PREFIX.upper().replace("-", "_")
"""Begins the names that WSGI gives to the headers of a signed call."""
log = structlog.get_logger(__name__)

CHUNK = 1 << 18


@dataclass(frozen=True)
class Call:
    """A verified call: its request, the member it comes from and its signed arguments."""

    request: HttpRequest
    member: Member
    signed: SignedCall

    @property
    def address(self) -> str:
        """Where it came from."""
        return str(self.request.META.get("REMOTE_ADDR", ""))

    @property
    def actor(self) -> Actor:
        """The member as the actor of what the call does."""
        return actions.acting(self.member, self.address)

    @property
    def payload(self) -> PayloadType:
        """The transport type asked for; raises :class:`CallMalformed`."""
        return payloads.find(self.signed.required("messagetype"))

    def whole(self, name: str, default: int) -> int:
        """A signed argument that is a whole number; raises :class:`CallMalformed`."""
        text = self.signed.argument(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise CallMalformed(name=name)
        return int(text)


Door = Callable[[Call], "Mapping[str, Any] | HttpResponseBase"]
View = Callable[[HttpRequest], HttpResponseBase]


def door(*methods: str, changes: bool = False) -> Callable[[Door], View]:
    """A signed operation: find out who calls, do it, answer JSON with HTTP 200 also when refusing.

    ``changes``: the operation changes something, so that a call is not to count twice where that can be told.
    """

    def wrap(function: Door) -> View:
        @functools.wraps(function)
        def view(request: HttpRequest) -> HttpResponseBase:
            with ExitStack() as place:
                try:
                    answer = _answer(request, function, place, changes=changes)
                except CallRefused as refused:
                    note_refusal(request.headers.get(CLAIMED_SYSTEM, ""), refused.code, refused.text)
                    log.info("axis_refused", code=refused.code, path=request.path)
                    return _refusal(
                        request,
                        refused.answer,
                        refused.text,
                        refused.receipt,
                        refused.details.get("retry_after"),
                    )
                except Exception:
                    log.exception("axis_failed", path=request.path)
                    return _refusal(request, ErrorCode.SYSTEM, "Lỗi hệ thống của trục, hãy gửi lại sau.")
                if isinstance(answer, HttpResponseBase):
                    return held(answer, place)
                return JsonResponse(answers.done(**answer))

        return csrf_exempt(_never_stored(require_http_methods(list(methods))(view)))

    return wrap


def _never_stored(view: View) -> View:
    """One word says it all to a cache (RFC 9111 section 5.2.2.5); Django's five cost a machine's call more."""

    @functools.wraps(view)
    def answered(request: HttpRequest) -> HttpResponseBase:
        answer = view(request)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return answered


def verified(request: HttpRequest) -> Call:
    """The member and the signed arguments behind a request; raises what :mod:`vanthu.vxp` refuses with."""
    signed = {
        name[len(_HTTP) :].replace("_", "-"): value
        for name, value in request.META.items()
        if name.startswith(_SIGNED)
    }
    return Call(request, *caller(signed))


def _answer(
    request: HttpRequest, function: Door, place: ExitStack, *, changes: bool
) -> Mapping[str, Any] | HttpResponseBase:
    call = verified(request)
    declared = request.META.get("CONTENT_LENGTH") or "0"
    try:
        place.enter_context(limits.admitted(call.member, int(declared) if declared.isdigit() else 0))
    except OverLimit:
        meter.note(call.member, refused=1)
        raise
    if changes:
        use_once(call.member, call.signed, request.path)
    return function(call)


def held(answer: HttpResponseBase, place: ExitStack) -> HttpResponseBase:
    """The answer keeps the call's place until the last byte is out: a slow download occupies a thread, too."""
    closing, leave = answer.close, place.pop_all().close

    def close() -> None:
        try:
            closing()
        finally:
            leave()

    answer.close = close  # type: ignore[method-assign]
    return answer


def drain(request: HttpRequest) -> None:
    """Read what is left of a body: a client in the middle of sending would see a broken connection instead of the
    reason."""
    left = storage.largest_packet() * 2
    while left > 0 and (chunk := request.read(CHUNK)):
        left -= len(chunk)


def _refusal(
    request: HttpRequest, code: ErrorCode, text: str, receipt: str = "", retry_after: int | None = None
) -> HttpResponse:
    """A FAIL answer. Where the member is asked for a pause, nothing more is read: waiting for what it sends would hold
    just the thread that its limit is to keep free."""
    proof = {"Receipt": receipt} if receipt else {}
    answer = JsonResponse(answers.failed(code, text, **proof))
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    else:
        drain(request)
    return answer
