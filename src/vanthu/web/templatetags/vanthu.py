"""Components for templates: ``{% load vanthu %}``. Each says by word or shape what it says by colour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader import get_template
from django.utils import numberformat
from django.utils.formats import get_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from vanthu.base import clock
from vanthu.directory.models import Post
from vanthu.formalities import DOCUMENT_TYPES, Steering, Urgency
from vanthu.web import icons, nav, panels, words

register = template.Library()

_URGENCY = {
    Urgency.URGENT: ("khan", "chevron-up"),
    Urgency.VERY_URGENT: ("thuong-khan", "chevrons-up"),
    Urgency.EXPRESS: ("hoa-toc", "flame"),
    Urgency.EXPRESS_TIMED: ("hoa-toc", "alarm"),
}
_STEERING = {Steering.STEERING: "compass", Steering.REPORT: "clipboard-text"}
_TONE_ICONS = {
    "neutral": "circle-dashed",
    "progress": "progress",
    "good": "circle-check",
    "warn": "alert-triangle",
    "bad": "circle-x",
}
_VERDICTS = {
    "green": ("good", "shield-check"),
    "amber": ("warn", "shield-exclamation"),
    "red": ("bad", "shield-x"),
    "none": ("neutral", "shield"),
}
_STATUS_STEPS = ("01", "03", "04", "05", "06")


@register.filter
def said(value: Any) -> str:
    """A label, a stored sentence or an error in the page's language; not for what people typed."""
    return words.said(value)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Inline drawing of a Tabler icon: ``{% icon "pencil" %}``; put a word beside it."""
    return icons.svg(name, css)


@register.simple_tag
def urgency(level: int, always: bool = False) -> SafeString:
    """Badge of an urgency level; for ordinary documents nothing, or with ``always`` the quiet word."""
    mark = Urgency(level)
    if not mark.is_urgent:
        return (
            format_html('<span class="text-secondary">{}</span>', said(mark.label))
            if always
            else SafeString("")
        )
    css, shape = _URGENCY[mark]
    return format_html('<span class="mark mark-{}">{}{}</span>', css, icons.svg(shape), said(mark.label))


@register.simple_tag
def steering(value: str) -> SafeString:
    """Mark of a steering document or of a report on one; nothing for other documents."""
    kind = Steering(value)
    if not kind:
        return SafeString("")
    return format_html(
        '<span class="mark mark-steering">{}{}</span>', icons.svg(_STEERING[kind]), said(kind.label)
    )


@register.simple_tag
def trial(value: bool) -> SafeString:
    """Mark of what came or went as a trial, before a side was live on the axis; nothing for official documents."""
    if not value:
        return SafeString("")
    return format_html(
        '<span class="mark mark-trial">{}{}</span>', icons.svg("flask"), pgettext("mark", "Thử nghiệm")
    )


@register.simple_tag
def state_badge(label: str, tone: str = "neutral", shape: str = "") -> SafeString:
    """Badge of a state: word and shape, colour by ``tone`` (neutral, progress, good, warn, bad)."""
    drawing = icons.svg(shape if shape and shape != "circle-dot" else _TONE_ICONS[tone])
    return format_html('<span class="state state-{}">{}<span>{}</span></span>', tone, drawing, label)


@register.simple_tag
def state(value: Any) -> SafeString:
    """Badge of a ``panels.State``."""
    return state_badge(said(value.label), value.tone, value.icon)


@register.simple_tag
def due(instant: datetime | None, done: bool = False) -> SafeString:
    """Time left to a deadline ("còn 2 giờ", "quá hạn 1 ngày"); the hour on hover and read out."""
    if instant is None:
        return SafeString("")
    absolute = absolute_text(instant)
    if done:
        return format_html('<time class="due" datetime="{}">{}</time>', instant.isoformat(), absolute)
    left = instant - clock.now()
    tone, shape = _due_look(left)
    return format_html(
        '<time class="due due-{}" datetime="{}" title="{}">{}<span>{}</span>'
        '<span class="visually-hidden"> ({})</span></time>',
        tone,
        instant.isoformat(),
        _("Hạn %(at)s") % {"at": absolute},
        icons.svg(shape),
        left_text(instant),
        absolute,
    )


def left_text(instant: datetime) -> str:
    """Time left in the largest whole unit: "còn 2 giờ", "quá hạn 1 ngày"; in English "2 hours left"."""
    left = instant - clock.now()
    amount = {"amount": _amount(abs(left))}
    if left >= timedelta(0):
        return _("còn %(amount)s") % amount if amount["amount"] else _("sắp hết hạn")
    return _("quá hạn %(amount)s") % amount if amount["amount"] else _("vừa quá hạn")


def _due_look(left: timedelta) -> tuple[str, str]:
    if left < timedelta(0):
        return "over", "alert-triangle"
    return ("soon", "hourglass-high") if left < timedelta(days=1) else ("calm", "clock")


def absolute_text(instant: datetime) -> str:
    """Vietnamese legal time: ``08:14 21/11/2026``."""
    return clock.local(instant).strftime("%H:%M %d/%m/%Y")


@register.simple_tag
def instant(at: datetime | None, form: str = "full") -> SafeString:
    """An instant as Vietnamese time, how long ago on hover. ``form``: full, short, date."""
    if at is None:
        return SafeString("")
    shown = _shown(at, form)
    title = f"{absolute_text(at)} (UTC+7), {ago(at)}"
    return format_html(
        '<time class="instant" datetime="{}" title="{}">{}</time>', at.isoformat(), title, shown
    )


def _shown(at: datetime, form: str) -> str:
    local = clock.local(at)
    if form == "date":
        return local.strftime("%d/%m/%Y")
    if form == "short":
        today = clock.today()
        if local.date() == today:
            return local.strftime("%H:%M")
        return local.strftime("%d/%m" if local.year == today.year else "%d/%m/%Y")
    return absolute_text(at)


def ago(at: datetime) -> str:
    """How long ago (or in how long), in words."""
    gone = clock.now() - at
    past = gone >= timedelta(0)
    amount = _amount(abs(gone))
    if not amount:
        return _("vừa xong") if past else _("ngay bây giờ")
    return (_("%(amount)s trước") if past else _("sau %(amount)s")) % {"amount": amount}


def _amount(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return ""
    if minutes < 60:
        return ngettext("%(n)d phút", "%(n)d phút", minutes) % {"n": minutes}
    hours, days = minutes // 60, minutes // (24 * 60)
    if not days:
        return ngettext("%(n)d giờ", "%(n)d giờ", hours) % {"n": hours}
    return ngettext("%(n)d ngày", "%(n)d ngày", days) % {"n": days}


@register.filter
def length_of(length: timedelta) -> str:
    """A length of time in the largest whole unit: ``2 giờ``; below a minute in words."""
    return _amount(length) or _("dưới 1 phút")


@register.filter
def how_long(since: datetime) -> str:
    """How long something has lasted until now: ``2 giờ``."""
    return length_of(clock.now() - since)


@register.filter
def vn_date(day: date | None) -> str:
    """A calendar date as ``21/11/2026``; empty without a date."""
    return day.strftime("%d/%m/%Y") if day else ""


@register.filter
def type_name(code: str) -> str:
    """Name of a document type: ``Công văn``; an unknown code as it is."""
    found = DOCUMENT_TYPES.get(code)
    return said(found.label) if found else code


@register.filter
def state_of(document: Any) -> panels.State:
    """The state of a document in a list: ``{% state document|state_of %}``."""
    return panels.state_of(document)


@register.filter
def is_over(instant: datetime | None) -> bool:
    """Whether a deadline has passed."""
    return instant is not None and instant < clock.now()


@register.filter
def file_size(size: int | None) -> str:
    """A size in bytes as people read it: ``182 KB``, ``1,4 MB``."""
    if size is None:
        return ""
    if size < 1024:
        return f"{size} B"
    if size < 1 << 20:
        return f"{size / 1024:.0f} KB"
    return f"{number_format(round(size / (1 << 20), 1), 1)} MB"


@register.filter
def grouped(number: int) -> str:
    """A count with its thousands apart: ``1.127``, in English ``1,127``."""
    apart: str = get_format("THOUSAND_SEPARATOR")
    return numberformat.format(number, "", grouping=3, thousand_sep=apart, force_grouping=True)


@register.filter
def initials(name: str) -> str:
    """One or two letters for a person chip: family name and given name."""
    words = [word for word in str(name).split() if word[:1].isalpha()]
    if not words:
        return "?"
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][0]).upper()


@register.inclusion_tag("web/parts/person.html")
def person(name: str, position: str = "", small: bool = False) -> dict[str, Any]:
    """A person with initials and position."""
    return {"name": name, "position": position, "small": small}


@register.inclusion_tag("web/parts/file_row.html")
def file_row(file: Any, active: bool = False) -> dict[str, Any]:
    """One file: name, kind, stage, size, with open and download."""
    return {"file": file, "active": active, "url": f"/files/{file.pk}"}


@register.inclusion_tag("web/parts/verdict.html")
def verdict(
    level: str, title: str, sentence: str = "", at: datetime | None = None, details: Sequence[str] = ()
) -> dict[str, Any]:
    """A signature's verdict: ``level`` green, amber, red or none, with the reason in a sentence."""
    tone, shape = _VERDICTS[level]
    return {"tone": tone, "shape": shape, "title": title, "sentence": sentence, "at": at, "details": details}


@register.inclusion_tag("web/parts/timeline.html")
def timeline(entries: Sequence[Any], limit: int = 6) -> dict[str, Any]:
    """The history, newest first; older lines than ``limit`` are folded."""
    return {"first": entries[:limit], "rest": entries[limit:]}


@register.inclusion_tag("web/parts/empty.html")
def empty_state(
    title: str, text: str = "", shape: str = "coffee", url: str = "", label: str = ""
) -> dict[str, Any]:
    """A friendly empty state with, when there is one, the next step."""
    return {"title": title, "text": text, "shape": shape, "url": url, "label": label}


@register.inclusion_tag("web/parts/steps.html")
def steps(labels: Sequence[Any], current: int) -> dict[str, Any]:
    """A line of states with the present one marked; ``current`` -1 marks none."""
    return {"steps": [(label, _place(index, current)) for index, label in enumerate(labels)]}


@register.inclusion_tag("web/parts/steps.html")
def statuses(code: str) -> dict[str, Any]:
    """The axis statuses of one delivery, 01 → 03 → 04 → 05 → 06; 02, 13, 15, 16 as what they are."""
    labels = [_("Đã đến"), _("Đã tiếp nhận"), _("Phân công"), _("Đang xử lý"), _("Hoàn thành")]
    if code == "02":
        return {"steps": [(labels[0], "past"), (_("Từ chối tiếp nhận"), "refused")]}
    if code in {"13", "15", "16"}:
        last = {"13": _("Lấy lại"), "15": _("Đồng ý lấy lại"), "16": _("Từ chối lấy lại")}[code]
        return {"steps": [(labels[0], "past"), (last, "present")]}
    current = _STATUS_STEPS.index(code) if code in _STATUS_STEPS else -1
    return {"steps": [(label, _place(index, current)) for index, label in enumerate(labels)]}


def _place(index: int, current: int) -> str:
    if index == current:
        return "present"
    return "past" if index < current else "future"


@register.inclusion_tag("web/parts/deliveries.html")
def deliveries(rows: Sequence[Any], poll_url: str = "") -> dict[str, Any]:
    """Recipients and how far the document has come at each.

    A row has ``name``, ``via`` (word), ``status`` (axis code or ""), ``state`` (``panels.State``),
    ``sent_at``, ``received_at`` (instants or None), ``note``.
    """
    return {"rows": rows, "poll_url": poll_url}


@register.inclusion_tag("web/parts/progress.html")
def progress(done: int, total: int, label: str = "") -> dict[str, Any]:
    """How many of how many."""
    return {"done": done, "total": total, "label": label}


@register.inclusion_tag("web/parts/confirm.html", takes_context=True)
def confirm(
    context: Context,
    key: str,
    url: str,
    title: str,
    text: str = "",
    label: str = "",
    danger: bool = False,
) -> dict[str, Any]:
    """A native dialog that asks before posting to ``url``; a button with ``data-dialog="{key}"`` opens it."""
    return {
        "key": key,
        "url": url,
        "title": title,
        "text": text,
        "label": label or _("Đồng ý"),
        "danger": danger,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("web/parts/action.html", takes_context=True)
def action(context: Context, item: Any, css: str = "") -> dict[str, Any]:
    """The button of a ``panels.Action`` with the dialog it may need."""
    if item.form is not None:
        item.form.auto_id = f"{item.key}-%s"  # several dialogs stand on one page: ids must differ
    return {
        "action": item,
        "css": css,
        "form": item.form,
        "document": context.get("document"),
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
    }


@register.inclusion_tag("web/parts/pages.html", takes_context=True)
def pages(context: Context, next_before: Any) -> dict[str, Any]:
    """Keyset paging: "Cũ hơn" keeps the filters; "Mới nhất" goes back to the first page."""
    query = context["request"].GET.copy()
    first = "before" in query
    query.pop("before", None)
    newest = "?" + query.urlencode()
    if next_before is not None:
        query["before"] = str(next_before)
    return {"older": "?" + query.urlencode() if next_before else "", "newest": newest if first else ""}


@register.simple_tag
def field(bound: Any, label: str = "") -> SafeString:
    """A form field with its label, help and errors under it."""
    if label:
        bound.label = label
    rendered: SafeString = bound.as_field_group()
    return rendered


@register.simple_tag
def widget_class(widget: dict[str, Any]) -> str:
    """The class of a form widget by what it is, beside its own."""
    return " ".join(part for part in (_kind_class(widget), widget["attrs"].get("class", "")) if part)


def _kind_class(widget: dict[str, Any]) -> str:
    name = str(widget.get("template_name", "")).rsplit("/", 1)[-1].removesuffix(".html")
    if name in {"select_option", "hidden", "multiple_hidden"} or widget.get("type") == "hidden":
        return ""
    if widget.get("type") in {"checkbox", "radio"}:
        return "form-check-input"
    return "form-select" if name == "select" else "form-control"


@register.simple_tag(takes_context=True)
def nav_places(context: Context) -> list[nav.Shown]:
    """The side bar's places for this request."""
    request = context.get("request")
    held = context.get("post_held")
    return nav.places(
        request.path if request else "",
        agency=bool(context.get("is_agency")),
        roles=held.roles if held else (),
    )


@register.inclusion_tag("web/pdf_viewer.html")
def pdf_viewer(file: Any, url: str = "") -> dict[str, Any]:
    """The page image of a stored file (or of anything with ``name``, under ``url``)."""
    return {"url": url or f"/files/{file.pk}", "name": file.name}


@register.simple_tag(takes_context=True)
def part(context: Context, section: Any) -> SafeString:
    """A ``panels.Section`` drawn by its own template with its own context (and the request)."""
    request = context.get("request")
    values = {"document": context.get("document"), **section.context}
    return SafeString(get_template(section.template).render(values, request))


@register.simple_tag
def demo_people() -> list[tuple[str, list[Any]]]:
    """The people of the agencies on this site, by agency, for the demo's sign-in page; else empty."""
    if not settings.VANTHU.demo:
        return []
    posts = Post.objects.filter(active=True, person__is_active=True, agency__hosted=True)
    found: dict[str, list[Any]] = {}
    for post in posts.select_related("person", "agency", "unit").order_by("agency__name", "order", "id"):
        found.setdefault(post.agency.name, []).append(post)
    return list(found.items())
