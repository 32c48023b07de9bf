"""Figures as charts: what ``charts.js`` draws, and the same as a table for those who do not look at pictures.

A chart is data only: labels, and series with a name, values and a tone (which becomes a colour of the page).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vanthu.axis.watch.statistics import DayCounts, PartyCounts
from vanthu.axis.watch.traffic import Span, Step
from vanthu.base import clock
from vanthu.formalities import Urgency
from vanthu.web.words import said

SPANS = (
    (Span.HOUR.key, gettext_lazy("1 giờ")),
    (Span.DAY.key, gettext_lazy("24 giờ")),
    (Span.MONTH.key, gettext_lazy("30 ngày")),
)
PARTIES_SHOWN = 12


@dataclass(frozen=True)
class Series:
    """One line or colour of the chart. ``tone`` names a colour; ``dashed`` tells it apart without colour."""

    label: str
    values: list[int]
    tone: str
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """What is drawn. ``kind``: line, bar, stacked, or across (bars from left to right)."""

    key: str
    kind: str
    title: str
    unit: str
    labels: list[str]
    series: list[Series]

    @property
    def data(self) -> dict[str, Any]:
        """For the script: JSON-able."""
        return {
            "kind": self.kind,
            "labels": self.labels,
            "series": [vars(one) for one in self.series],
            "unit": self.unit,
        }

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """For the table: a label and the value of each series, points without any left out."""
        columns = [one.values for one in self.series]
        found = [(label, list(values)) for label, *values in zip(self.labels, *columns, strict=True)]
        return [(label, values) for label, values in found if any(values)]

    @property
    def summary(self) -> str:
        """The chart in a sentence: the sum of each series."""
        return "; ".join(f"{one.label}: {sum(one.values)}" for one in self.series)


_STEP_FORMS = {Span.HOUR: "%H:%M", Span.DAY: "%H:%M", Span.MONTH: "%d/%m"}


def traffic(span: Span, steps: Sequence[Step]) -> Chart:
    """Packets accepted and handed over in each step."""
    titles = {
        Span.HOUR: _("Gói tin mỗi phút, 1 giờ qua"),
        Span.DAY: _("Gói tin mỗi 15 phút, 24 giờ qua"),
        Span.MONTH: _("Gói tin mỗi ngày, 30 ngày qua"),
    }
    return Chart(
        "traffic",
        "line",
        titles[span],
        _("gói tin"),
        [clock.local(step.at).strftime(_STEP_FORMS[span]) for step in steps],
        [
            Series(_("Trục nhận"), [step.accepted for step in steps], "accent"),
            Series(_("Đã giao"), [step.delivered for step in steps], "move", dashed=True),
            Series(_("Nhận lỗi"), [step.failed for step in steps], "warn"),
        ],
    )


def by_day(days: Sequence[DayCounts]) -> Chart:
    """Documents and statuses accepted on each day."""
    return Chart(
        "by-day",
        "stacked",
        _("Gói tin trục nhận theo ngày"),
        _("gói tin"),
        [day.day.strftime("%d/%m") for day in days],
        [
            Series(_("Văn bản"), [day.documents for day in days], "accent"),
            Series(_("Trạng thái"), [day.statuses for day in days], "move"),
        ],
    )


def by_party(parties: Sequence[PartyCounts]) -> Chart:
    """Who sent and received most documents."""
    shown = [party for party in parties if party.sent or party.received][:PARTIES_SHOWN]
    return Chart(
        "by-party",
        "across",
        _("Văn bản gửi và nhận nhiều nhất"),
        _("văn bản"),
        [party.key for party in shown],
        [
            Series(_("Gửi"), [party.sent for party in shown], "accent"),
            Series(_("Nhận"), [party.received for party in shown], "move"),
        ],
    )


def by_urgency(counts: dict[int, int]) -> Chart:
    """Documents by urgency."""
    levels = [level for level in Urgency if counts.get(level.value)]
    return Chart(
        "by-urgency",
        "across",
        _("Văn bản theo độ khẩn"),
        _("văn bản"),
        [said(level.label) for level in levels],
        [Series(_("Văn bản"), [counts[level.value] for level in levels], "accent")],
    )
