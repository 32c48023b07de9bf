"""Statistics of a period: page and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.axis.models import Member
from vanthu.axis.views import charts
from vanthu.axis.views.operator import operator_only
from vanthu.axis.watch import statistics as counting
from vanthu.axis.watch.statistics import Period


@operator_only
@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Counts of the period, by member or by the agencies of one member."""
    period, member = _period(request), _member(request)
    found = counting.statistics(period, member)
    return render(
        request,
        "axis/statistics.html",
        {
            "found": found,
            "member": member,
            "members": Member.objects.values_list("system_id", "name"),
            "charts": [
                charts.by_day(found.days),
                charts.by_party(found.parties),
                charts.by_urgency(found.urgency),
            ],
        },
    )


@operator_only
@require_GET
def statistics_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every count of the period as CSV (UTF-8 with byte order mark, so that spreadsheets read Vietnamese)."""
    period, member = _period(request), _member(request)
    name = f"truc-{member.system_id if member else 'tat-ca'}-{period.first}-{period.last}.csv"
    return StreamingHttpResponse(
        _lines(period, member),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Line:
    """What ``csv.writer`` writes to: gives the line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def _lines(period: Period, member: Member | None) -> Iterator[str]:
    yield "\ufeff"
    writer = csv.writer(_Line())
    for row in counting.csv_rows(period, member):
        yield writer.writerow(row)


def _period(request: HttpRequest) -> Period:
    return Period.of(_day(request.GET.get("from", "")), _day(request.GET.get("to", "")))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _member(request: HttpRequest) -> Member | None:
    return Member.objects.filter(system_id=request.GET.get("member", "").replace("\0", "")).first()
