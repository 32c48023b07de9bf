"""What waits for the signed-in person, in groups in the order of the clerk's day ("Việc của tôi") or as one list."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vanthu.base.actors import Actor
from vanthu.records import queries as records
from vanthu.records.models import Verb, WorkItem
from vanthu.web.panels import Action, Task, TaskKind, group_link, tasks_for

SHOWN_PER_GROUP = 30
SHOWN_ALONE = 300

_HEADINGS: dict[Verb, tuple[str | Promise, str]] = {
    Verb.DECIDE: (_("Chờ quyết định thu hồi, cập nhật"), "gavel"),
    Verb.DESTROY: (_("Chờ tiêu hủy nội dung bị thu hồi"), "flame"),
    Verb.ANSWER: (_("Chờ trả lời yêu cầu của bên gửi"), "arrow-back-up"),
    Verb.OPEN: (_("Chờ mở khóa tệp mã hóa"), "lock-open"),
    Verb.REGISTER: (_("Chờ vào sổ"), "book-2"),
    Verb.NUMBER: (_("Chờ cấp số, đóng dấu và phát hành"), "rubber-stamp"),
    Verb.SEAL: (_("Chờ đóng dấu văn bản liên tịch"), "rubber-stamp"),
    Verb.OBTAIN: (_("Chờ lấy chữ ký, dấu của cơ quan khác"), "file-export"),
    Verb.SIGN: (_("Chờ ký"), "signature"),
    Verb.REVIEW: (_("Chờ xem xét"), "eye-check"),
    Verb.DIRECT: (_("Chờ cho ý kiến chỉ đạo"), "message-2-share"),
    Verb.HANDLE: (_("Chủ trì xử lý"), "user-star"),
    Verb.COLLABORATE: (_("Phối hợp xử lý"), "users"),
    Verb.REVISE: (_("Cần chỉnh sửa"), "pencil"),
    Verb.READ: (_("Xem để biết"), "eye"),
    Verb.FOLLOW: (_("Theo dõi gửi nhận"), "truck-delivery"),
}


@dataclass(frozen=True)
class Waiting:
    """Everything that waits for a person, documents and other things.

    ``counts``: how much of each kind. ``tasks``: heading and lines of what is no document.
    """

    counts: dict[str, int]
    tasks: Sequence[tuple[TaskKind, Sequence[Task]]]

    @property
    def total(self) -> int:
        """How many things wait."""
        return sum(self.counts.values())


def waiting(actor: Actor) -> Waiting:
    """What waits for the person, counted."""
    tasks = tasks_for(actor)
    others = {room: len(lines) for room, (_kind, lines) in tasks.items()}
    return Waiting({**records.work_counts(actor), **others}, list(tasks.values()))


def listed(actor: Actor, most: int) -> tuple[list[Task], list[WorkItem]]:
    """What waits for the person as a list of at most ``most``: what is no document first, as on the page."""
    tasks = [task for _kind, lines in tasks_for(actor).values() for task in lines][:most]
    return tasks, list(records.work(actor)[: most - len(tasks)])


@dataclass(frozen=True)
class Group:
    """The documents that wait for one verb; ``total`` may be more than the items shown."""

    verb: Verb
    heading: str | Promise
    icon: str
    total: int
    items: Sequence[WorkItem]

    @property
    def together(self) -> Action | None:
        """The way to do several of them at once."""
        return group_link(self.verb.value) if self.total > 1 else None

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.total - len(self.items)


def groups(actor: Actor, counts: dict[str, int], only: Verb | None = None) -> list[Group]:
    """Groups with something in them; urgent first, then by time left, then the longest waiting."""
    wanted = [verb for verb in _HEADINGS if counts.get(verb) and only in (None, verb)]
    return [_group(actor, verb, counts[verb], SHOWN_ALONE if only else SHOWN_PER_GROUP) for verb in wanted]


def _group(actor: Actor, verb: Verb, total: int, limit: int) -> Group:
    items = records.work(actor).filter(verb=verb)
    items = items.order_by("-urgency", F("due_at").asc(nulls_last=True), "created_at")
    heading, icon = _HEADINGS[verb]
    return Group(verb, heading, icon, total, list(items[:limit]))


def fingerprint(counts: dict[str, int]) -> str:
    """Changes when the counts do; the page asks for its rows again only then."""
    text = ",".join(f"{verb}={counts[verb]}" for verb in sorted(counts))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
