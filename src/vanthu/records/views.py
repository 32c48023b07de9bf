"""Pages of the records room: a file's bytes, the register books."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.audit.ledger import record_access
from vanthu.base import clock
from vanthu.base.actors import NotYours, Role, RoleRequired
from vanthu.blobs import store
from vanthu.records import queries
from vanthu.records.models import Direction, Register, RegisterYear
from vanthu.web.middleware import actor as acting

READERS = frozenset({Role.CLERK, Role.LEADER})
"""Who reads a whole register; everybody else finds their own documents in the lists."""
SHOWN_INLINE = frozenset({"application/pdf"})


@login_required
@require_GET
def file(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """The bytes of one file version to somebody who takes part in its document; the look is logged.

    Only PDF is shown in the page; everything else is a download, never interpreted under the site's origin.
    """
    actor = acting(request)
    found = queries.file_of(actor, file_id)
    etag = f'"{found.sha256}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304)
    download = "download" in request.GET or found.media_type not in SHOWN_INLINE
    record_access(
        actor,
        "records.download" if download else "records.view",
        kind="document",
        object_id=found.document_id,
        data={"file": found.name, "sha256": found.sha256},
    )
    answer = FileResponse(store.open_blob(found.sha256), content_type=found.media_type)
    answer.headers["Content-Length"] = str(found.size)
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    disposition = "attachment" if download else "inline"
    answer.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(found.name)}"
    return answer


@login_required
@require_GET
def registers(request: HttpRequest) -> HttpResponse:
    """The agency's register books with the years that have entries."""
    actor = acting(request)
    books = Register.objects.filter(agency_id=actor.agency_id).prefetch_related("years")
    this_year = clock.today().year
    rows = [
        {
            "book": book,
            "years": sorted({year.year for year in book.years.all()} | {this_year}, reverse=True),
            "last": max((y.last_number for y in book.years.all() if y.year == this_year), default=0),
        }
        for book in books
    ]
    context = {"rows": rows, "this_year": this_year, "may_read": not READERS.isdisjoint(actor.roles)}
    return render(request, "records/registers.html", context)


@login_required
@require_GET
def register(request: HttpRequest, register_id: UUID, year: int) -> HttpResponse:
    """The lines of one register and year, newest first, in the columns of NĐ 30/2020 PL IV and V.

    The registry sees every line's subject; others see their own documents' only (rule 5 of the design).
    """
    actor = acting(request)
    book = Register.objects.filter(pk=register_id, agency_id=actor.agency_id).first()
    if book is None:
        raise NotYours
    if READERS.isdisjoint(actor.roles):
        raise RoleRequired(role="văn thư hoặc lãnh đạo")
    before = request.GET.get("before", "")
    lines = queries.register_page(book.pk, year, before=int(before) if before.isdigit() else None)
    context: dict[str, Any] = {
        "book": book,
        "year": year,
        "lines": lines,
        "mine": set(
            queries.visible(actor)
            .filter(pk__in=[line.document_id for line in lines])
            .values_list("pk", flat=True)
        ),
        "incoming": book.direction == Direction.INCOMING,
        "next_before": lines[-1].number if lines and lines[-1].number > 1 else None,
        "total": RegisterYear.objects.filter(register=book, year=year).first(),
    }
    return render(request, "records/register.html", context)
