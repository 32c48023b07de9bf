"""The doors that every kind of site has: where "/" leads on an axis, and the demo people's sign-in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from vanthu.directory.models import Person


def axis_home(_request: HttpRequest) -> HttpResponse:
    """An axis site has one desk: its operator's."""
    return redirect("/axis/")


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo people; does not exist outside demo mode."""
    if not settings.VANTHU.demo:
        raise Http404
    person = get_object_or_404(Person, username=request.POST.get("username", ""), is_active=True)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(settings.LOGIN_REDIRECT_URL)
