"""How pages of both sides speak of changes to a document that is out: their kinds, what an update alters.

Refuses to know what either side may do about them (``issuing`` and ``handling`` do).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from vanthu.audit.models import Event
from vanthu.exchange.models import ChangeKind
from vanthu.formalities import Urgency
from vanthu.web.words import said

LABELS = {
    "subject": _("Trích yếu"),
    "urgency": _("Độ khẩn"),
    "reply_due": _("Hạn trả lời"),
    "distribution": _("Nơi nhận"),
    "files": _("Tệp"),
}
"""What an update may alter."""


def kind_word(kind: str) -> str:
    """The kind of a change inside a sentence."""
    return said(ChangeKind(kind).label).lower()


def value_word(name: str, value: Any) -> str:
    """A value of :data:`LABELS` in words."""
    if name == "urgency":
        return said(Urgency(value or 0).label)
    return "; ".join(value) if isinstance(value, list) else str(value or "–")


def sentence_about(template: Any, named: str) -> Callable[[Event], str]:
    """A sentence of the history with ``%(kind)s``; ``named`` is where the event holds the kind."""

    def sentence(event: Event) -> str:
        return str(template) % {"kind": kind_word(event.data.get(named, ChangeKind.RECALL))}

    return sentence
