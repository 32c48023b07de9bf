"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, kind and mode, and the acting post of a signed-in person."""
    signed_in = request.user.is_authenticated if hasattr(request, "user") else False
    return {
        "site_name": settings.VANTHU.site_name,
        "demo": settings.VANTHU.demo,
        "is_agency": settings.IS_AGENCY,
        "post_held": getattr(request, "post_held", None) if signed_in and settings.IS_AGENCY else None,
    }
