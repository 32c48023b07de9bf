"""Refusals as problem details (RFC 9457), with the codes that every door of the axis uses."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse

from vanthu.axis.actions.log import answer_of
from vanthu.axis.relay.errors import RangeWrong
from vanthu.axis.views.calls import drain
from vanthu.axis.watch.refusals import note_refusal
from vanthu.errors import VanthuError

log = structlog.get_logger(__name__)


def refusal(request: HttpRequest, error: VanthuError) -> HttpResponse:
    """The answer to a call that is refused."""
    log.info("axis_refused", code=error.code, path=request.path)
    caller = getattr(request, "auth", None)
    note_refusal(caller.member.system_id if caller else "", error.code, error.text)
    answer = problem(
        error.http_status,
        error.code,
        error.text,
        answer_of(error),
        error.must_act.value,
        getattr(error, "receipt", ""),
    )
    if isinstance(error, RangeWrong):  # RFC 9110 section 15.5.17
        answer.headers["Content-Range"] = f"bytes */{error.details['size']}"
    pause = error.details.get("retry_after", getattr(error, "retry_after", None))
    if pause is not None:
        answer.headers["Retry-After"] = str(pause)
    else:
        drain(request)  # where the member is asked for a pause, reading on is what its limit is to spare
    return answer


def problem(
    status: int, code: str, detail: str, error_code: str = "", must_act: str = "", receipt: str = ""
) -> HttpResponse:
    """Problem details with our members; ``receipt`` is the signed refusal of a packet."""
    content: dict[str, str | int] = {
        "type": f"urn:vanthu:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errorCode": error_code,
        "mustAct": must_act,
    }
    if receipt:
        content["receipt"] = receipt
    return JsonResponse(content, status=status, content_type="application/problem+json")
