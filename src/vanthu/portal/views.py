"""Public pages: check a document. Thin: limits, uploads and words are beside."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from vanthu.copying.queries import electronic_copy
from vanthu.errors import VanthuError
from vanthu.portal import checking, limits, uploads
from vanthu.portal.answers import answer, machine_answer, refusal, wants_json
from vanthu.web.middleware import client_address

CHECK_PAGE = "portal/check.html"


class ForeignPage(VanthuError):
    """A page of another site made the visitor's browser send this."""

    code = "FOREIGN_PAGE"
    message = "Yêu cầu đến từ một trang khác. Hãy mở trang kiểm tra và gửi lại tệp."
    http_status = 403


@csrf_exempt  # the token is looked for in _checked_form, after the upload has its way of being received
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Anyone's file, judged; nothing of it is kept (requirement L33 is the agencies' own keeping, not this door's)."""
    if request.method == "GET":
        return csrf_protect(_empty_form)(request)
    try:
        uploads.require_bounded(request, settings.VANTHU.public_check_mb)
        limits.admit(client_address(request), limits.Kind.CHECK)
        request.upload_handlers = [uploads.Vanishing(request)]
        return _for_software(request) if wants_json(request) else _checked_form(request)
    except VanthuError as error:
        return refusal(request, CHECK_PAGE, _context(), error)


def _empty_form(request: HttpRequest) -> HttpResponse:
    return answer(request, CHECK_PAGE, _context())


@csrf_protect
def _checked_form(request: HttpRequest) -> HttpResponse:
    checked = _judged(request)
    copy = electronic_copy(checked.sha256)
    return answer(request, CHECK_PAGE, {**_context(), "checked": checked, "copy": copy})


def _for_software(request: HttpRequest) -> HttpResponse:
    """Without a token: nothing is changed. Browsers say when a page of another site makes them call."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise ForeignPage
    return machine_answer(_judged(request).as_dict())


def _judged(request: HttpRequest) -> checking.Checked:
    upload = uploads.only_file(request)
    try:
        with limits.place():
            return checking.checked(upload)
    finally:
        upload.close()


def _context() -> dict[str, object]:
    return {"limit_mb": settings.VANTHU.public_check_mb}
