"""A signed call: who makes it, with which arguments, and how it is answered or refused."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vanthu.axis import actions, payloads, queries, secrets, storage
from vanthu.axis.models import Member
from vanthu.axis.payloads import PayloadType
from vanthu.axis.watch.refusals import note_refusal
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.vxp import CallRefused, ErrorCode, SignedCall, parse_and_verify

CLAIMED_SYSTEM = "XroadVnpt-systemid"
WIRE_TIME = "%d/%m/%Y %H:%M:%S"
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


Door = Callable[[Call], "Mapping[str, Any] | HttpResponseBase"]
View = Callable[[HttpRequest], HttpResponseBase]


def door(*methods: str) -> Callable[[Door], View]:
    """A signed operation: find out who calls, do it, answer JSON with HTTP 200 also when refusing."""

    def wrap(function: Door) -> View:
        @functools.wraps(function)
        def view(request: HttpRequest) -> HttpResponseBase:
            try:
                answer = function(verified(request))
            except CallRefused as refused:
                note_refusal(request.headers.get(CLAIMED_SYSTEM, ""), refused.code, refused.text)
                log.info("axis_refused", code=refused.code, path=request.path)
                return _refusal(request, refused.answer, refused.text, refused.receipt)
            except Exception:
                log.exception("axis_failed", path=request.path)
                return _refusal(request, ErrorCode.SYSTEM, "Lỗi hệ thống của trục, hãy gửi lại sau.")
            if isinstance(answer, HttpResponseBase):
                return answer
            return JsonResponse({"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong", **answer})

        return csrf_exempt(never_cache(require_http_methods(list(methods))(view)))

    return wrap


def verified(request: HttpRequest) -> Call:
    """The member and the signed arguments behind a request; raises what :mod:`vanthu.vxp` refuses with."""
    found: list[Member] = []

    def secret_of(system_id: str) -> str | None:
        found.extend(Member.objects.filter(system_id=system_id, active=True))
        return secrets.unlock(found[0].secret_box) if found else None

    window = timedelta(seconds=settings.VANTHU.axis_clock_window_seconds)
    signed = parse_and_verify(request.headers, secret_of, now=clock.now(), window=window)
    queries.note_call(found[0])
    return Call(request, found[0], signed)


def _refusal(request: HttpRequest, code: ErrorCode, text: str, receipt: str = "") -> HttpResponse:
    """A FAIL answer.

    The rest of the body is read first: a client in the middle of sending would see a broken connection
    instead of the reason.
    """
    left = storage.largest_packet() * 2
    while left > 0 and (chunk := request.read(CHUNK)):
        left -= len(chunk)
    proof = {"Receipt": receipt} if receipt else {}
    return JsonResponse({"status": "FAIL", "ErrorCode": code.value, "ErrorDesc": text, **proof})


def wire_time(instant: datetime | None) -> str:
    """An instant as the protocol writes it, in Vietnamese time; empty for none."""
    return clock.local(instant).strftime(WIRE_TIME) if instant else ""
