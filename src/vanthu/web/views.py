"""Doors of the web room: "Việc của tôi", the lists, the document page."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.audit import queries as audit
from vanthu.base.actors import Actor
from vanthu.formalities import Steering
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, DocumentFile, Verb
from vanthu.web import document_page, panels, timeline, work
from vanthu.web.middleware import actor as acting


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """ "Việc của tôi"."""
    actor = acting(request)
    only = _verb(request.GET.get("verb", ""))
    found = work.waiting(actor)
    context = {
        "groups": work.groups(actor, found.counts, only),
        "tasks": [] if only else found.tasks,
        "only": only,
        "total": found.total,
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/work_rows.html", context)
    return render(request, "web/work.html", {**context, "notices": panels.notices_for(actor)})


def _verb(text: str) -> Verb | None:
    return Verb(text) if text in Verb.values else None


@login_required
@require_GET
def work_counts(request: HttpRequest) -> HttpResponse:
    """The live counts of the side bar; tells the page when its rows are stale."""
    found = work.waiting(acting(request))
    mark = work.fingerprint(found.counts)
    response = render(request, "web/work_counts.html", {"total": found.total, "mark": mark})
    if request.GET.get("seen", mark) != mark:
        response.headers["HX-Trigger"] = "work-changed"
    return response


@login_required
@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    """The list of incoming documents."""
    return _documents(request, Direction.INCOMING)


@login_required
@require_GET
def outgoing(request: HttpRequest) -> HttpResponse:
    """The list of outgoing documents."""
    return _documents(request, Direction.OUTGOING)


def _documents(request: HttpRequest, direction: Direction) -> HttpResponse:
    actor = acting(request)
    text, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    urgent = request.GET.get("urgent") == "1"
    steering = request.GET.get("steering", "")
    steering = steering if steering in list(Steering) else ""
    choices = panels.state_choices(direction)
    states = [state] if state and state in {value for value, _label in choices} else []
    page = records.page(
        actor,
        direction,
        text=text,
        states=states,
        urgent=urgent,
        steering=steering,
        before=_key(request.GET.get("before", "")),
    )
    context = {
        "direction": direction,
        "incoming": direction is Direction.INCOMING,
        "page": page,
        "text": text,
        "state": state,
        "urgent": urgent,
        "steering": steering,
        "steerings": [kind for kind in Steering if kind],
        "choices": choices,
        "narrowed": bool(text or states or urgent or steering),
        "list_actions": panels.list_actions_for(actor, direction),
    }
    return render(request, "web/documents.html", context)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@login_required
@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """THE document page: the page image, what can be done next, everything else around it."""
    actor = acting(request)
    found = records.get_open(actor, pk)
    panel = panels.panel_for(actor, found)
    files = records.readable_files(found)
    context = {
        "document": found,
        "panel": panel,
        "files": files,
        "shown_file": _shown_file(files, request.GET.get("file", "")),
        "fields": document_page.fields(found, panel),
        "links": document_page.links(actor, found),
        "entries": [] if panel.replaces_timeline else timeline.entries(audit.timeline(found.pk)),
        "back": "/incoming/" if found.direction == Direction.INCOMING else "/outgoing/",
        "waiting": _next_waiting(actor, found),
    }
    return render(request, "web/document.html", context)


def _shown_file(files: list[DocumentFile], wanted: str) -> DocumentFile | None:
    readable = [file for file in files if file.media_type == "application/pdf"]
    chosen = [file for file in readable if str(file.pk) == wanted]
    return next(iter(chosen or readable), None)


def _next_waiting(actor: Actor, found: Document) -> Document | None:
    """The next document that waits for the same thing, so that a leader goes on without the list."""
    mine = list(records.work(actor).values_list("document_id", flat=True)[:200])
    others = [key for key in dict.fromkeys(mine) if key != found.pk]
    if found.pk in mine:
        place = list(dict.fromkeys(mine)).index(found.pk)
        others = others[place:] + others[:place]
    return Document.objects.filter(pk=others[0]).first() if others else None
