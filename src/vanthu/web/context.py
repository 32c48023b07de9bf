"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from vanthu.directory.models import Post
from vanthu.directory.queries import NoPost
from vanthu.web import nav


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, kind and mode, and the acting post of a signed-in person."""
    held = held_post(request)
    return {
        "site_name": settings.VANTHU.site_name,
        "demo": settings.VANTHU.demo,
        "is_agency": settings.IS_AGENCY,
        "is_axis": settings.IS_AXIS,
        "post_held": held,
        "held": held,
        "search_served": settings.IS_AGENCY and nav.served("/search/"),
    }


def held_post(request: HttpRequest) -> Post | None:
    """The post in which the signed-in person acts; None without one, so that a page can say so."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    try:
        post: Post = request.post_held  # type: ignore[attr-defined]
        return post if post.pk else None
    except NoPost:
        return None
