"""The places a person can go: side bar and bottom bar. A place that no room serves is not shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vanthu.base.actors import Role


@dataclass(frozen=True)
class Place:
    """One entry: ``prefixes`` are the paths under which it counts as the present place; ``bottom`` puts it on
    the phone's bottom bar; ``counted`` shows the number of waiting documents beside it.
    """

    label: str | Promise
    icon: str
    path: str
    prefixes: tuple[str, ...] = ()
    short: str | Promise = ""
    bottom: bool = False
    counted: bool = False
    heading: str | Promise = ""
    role: Role | None = None
    """Only people who hold the role are shown the place; its page refuses the others all the same."""


AGENCY_PLACES = [
    Place(_("Việc của tôi"), "checklist", "/", short=_("Việc"), bottom=True, counted=True),
    Place(
        _("Văn bản đến"),
        "inbox",
        "/incoming/",
        ("/incoming/",),
        pgettext_lazy("mục", "Đến"),
        bottom=True,
        heading=pgettext_lazy("mục", "Văn bản"),
    ),
    Place(_("Văn bản đi"), "send", "/outgoing/", ("/outgoing/",), pgettext_lazy("mục", "Đi"), bottom=True),
    Place(_("Soạn văn bản"), "file-plus", "/drafts/new/", ("/drafts/",)),
    Place(_("Sổ đăng ký"), "book-2", "/registers/", ("/registers/",), heading=_("Tra cứu")),
    Place(_("Bản sao"), "copy", "/copies/", ("/copies/",), role=Role.CLERK),
    Place(_("Gói tin cách ly"), "shield-question", "/exchange/quarantine/", ("/exchange/",), role=Role.CLERK),
    Place(_("Kết nối trục"), "topology-star-3", "/axis-standing/", ("/axis-standing/",), role=Role.CLERK),
    Place(_("Khóa mã hóa"), "lock", "/encryption/", ("/encryption/",), role=Role.CLERK),
    Place(_("Khóa và chứng thư"), "certificate", "/signing/devices/", ("/signing/",)),
    Place(_("Danh bạ cơ quan"), "building-bank", "/directory/", ("/directory/",)),
    Place(_("Tìm kiếm"), "search", "/search/", ("/search/",), _("Tìm"), bottom=True),
]
AXIS_PLACES = [
    Place(_("Tổng quan trục"), "topology-star-3", "/axis/", short=_("Trục"), bottom=True, role=Role.OPERATOR),
    Place(
        _("Hàng đợi"),
        "stack-2",
        "/axis/queues/",
        ("/axis/queues/",),
        _("Hàng đợi"),
        bottom=True,
        heading=_("Vận hành"),
        role=Role.OPERATOR,
    ),
    Place(
        _("Lỗi và người xử lý"),
        "alert-triangle",
        "/axis/failures/",
        ("/axis/failures/",),
        pgettext_lazy("mục", "Lỗi"),
        bottom=True,
        role=Role.OPERATOR,
    ),
    Place(
        _("Tìm gói tin"),
        "package",
        "/axis/packets/",
        ("/axis/packets/",),
        pgettext_lazy("mục", "Gói tin"),
        bottom=True,
        role=Role.OPERATOR,
    ),
    Place(_("Cách ly bí mật"), "shield-lock", "/axis/incidents/", ("/axis/incidents/",), role=Role.OPERATOR),
    Place(_("Khóa và chứng thư"), "certificate", "/axis/keys/", ("/axis/keys/",), role=Role.OPERATOR),
    Place(_("Thống kê"), "chart-bar", "/axis/statistics/", ("/axis/statistics",), role=Role.OPERATOR),
    Place(
        _("Hệ thống thành viên"),
        "server-2",
        "/axis/members/",
        ("/axis/members/",),
        heading=_("Thành viên"),
        role=Role.OPERATOR,
    ),
    Place(
        _("Cơ quan trên trục"), "building-bank", "/axis/agencies/", ("/axis/agencies/",), role=Role.OPERATOR
    ),
]


@dataclass(frozen=True)
class Shown:
    """A place as drawn on one page."""

    place: Place
    here: bool


def places(path: str, *, agency: bool, roles: Collection[str] = ()) -> list[Shown]:
    """The places of the site's kind that some room serves, with the one marked where ``path`` stands."""
    mine = [
        place
        for place in (AGENCY_PLACES if agency else AXIS_PLACES)
        if place.role is None or place.role.value in roles
    ]
    return [Shown(place, _is_here(place, path)) for place in mine if served(place.path)]


@cache
def served(path: str) -> bool:
    """Whether a room answers under the path."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _is_here(place: Place, path: str) -> bool:
    return path == place.path or any(path.startswith(prefix) for prefix in place.prefixes)
