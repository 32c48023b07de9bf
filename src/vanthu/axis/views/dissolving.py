"""Dissolving an agency that nobody follows: what it means is shown first, then it is confirmed by its code."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vanthu.axis import actions, queries, rules
from vanthu.axis.errors import AgencyUnknown
from vanthu.axis.forms import DissolveConfirmedForm, DissolveForm
from vanthu.axis.views.operator import operator_only
from vanthu.axis.watch.dissolution import consequences
from vanthu.base import clock
from vanthu.web.middleware import actor as acting


@operator_only
@require_http_methods(["GET", "POST"])
def dissolve(request: HttpRequest, code: str) -> HttpResponse:
    """First the day and the decision, then what follows from them, to be confirmed; only then it is kept."""
    agency = queries.agency_by_code(code)
    if agency is None:
        raise AgencyUnknown(code=code)
    form: DissolveForm = DissolveForm(request.POST or None)
    confirming = "typed" in request.POST
    if confirming:
        form = DissolveConfirmedForm(request.POST, code=agency.code)
    context = {"agency": agency, "form": form, "told": consequences(agency), "confirming": confirming}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if confirming:
            actions.dissolve_agency(agency.code, given["last_day"], given["decision"], acting(request))
            messages.success(request, _("Đã ghi việc giải thể. Sau ngày đó, gói tin gửi tới bị từ chối."))
            return redirect("axis_agency", agency.code)
        rules.check_dissolution(given["last_day"], clock.today())
        context |= {"form": DissolveConfirmedForm(initial=given, code=agency.code), "confirming": True}
        context["last_day"], context["decision"] = given["last_day"], given["decision"]
    elif confirming:
        context["last_day"], context["decision"] = form["last_day"].value(), form["decision"].value()
    status = 422 if form.errors else 200
    return render(request, "axis/dissolve.html", context, status=status)
