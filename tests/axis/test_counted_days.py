"""Days that are over are counted once: statistics read what is kept, and it says what the packets themselves say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.axis.axis_parts import Axis, document
from tests.axis.operator_parts import on_duty, traffic

from vanthu.axis import actions, counts, queries
from vanthu.axis.models import AgencyDay, AxisDelivery, CountedDay, MemberDay, Packet
from vanthu.axis.watch import queues
from vanthu.axis.watch import statistics as counting
from vanthu.axis.watch import traffic as volumes
from vanthu.base import clock

NOW = datetime(2026, 11, 20, 20, tzinfo=UTC)  # 03:00 on the 21st in Viet Nam


def everything() -> tuple[Any, ...]:
    """All that the operator reads of a period."""
    period = counting.Period(date(2026, 10, 30), date(2026, 11, 21))
    return (
        counting.statistics(period),
        counting.statistics(period, queries.member("H27")),
        list(counting.csv_rows(period)),
        list(counting.csv_rows(period, queries.member("H37"))),
        volumes.volumes(volumes.Span.MONTH),
        [(line.member.system_id, line.last_success) for line in queues.lines()],
    )


def test_kept_counts_say_what_the_packets_say_whichever_days_are_kept(axis: Axis, frozen_clock: Any) -> None:
    frozen_clock(NOW)
    traffic(300, step=timedelta(minutes=97))
    live = everything()
    day = TruncDate("accepted_at", tzinfo=clock.VIETNAM)
    by_day = Packet.objects.annotate(day=day).values("day").annotate(n=Count("pk"), size=Sum("size"))
    days = [row["day"] for row in by_day.order_by("day")]
    assert len(days) == 22

    @settings(max_examples=8, deadline=None)
    @given(st.sets(st.sampled_from(days[:-1])))
    def holds(kept: set[date]) -> None:
        counts.forget(datetime(day.year, day.month, day.day, 5, tzinfo=UTC) for day in days)
        for one in kept:
            counts.count_day(one)
        assert everything() == live

    holds()
    while counts.count_days():
        pass
    assert everything() == live
    assert set(CountedDay.objects.values_list("day", flat=True)) == set(days[:-1])
    told = MemberDay.objects.filter(direction="sent").values("day").annotate(n=Sum("number"), s=Sum("size"))
    assert {row["day"]: (row["n"], row["s"]) for row in told} == {
        row["day"]: (row["n"], row["size"]) for row in by_day if row["day"] != days[-1]
    }
    before = AgencyDay.objects.count()
    counts.count_day(days[3])
    assert AgencyDay.objects.count() == before, "counted twice says the same"

    AxisDelivery.objects.filter(packet__accepted_at__lt=NOW - timedelta(days=2)).delete()
    Packet.objects.filter(deliveries=None, accepted_at__gte=NOW - timedelta(days=15)).delete()
    assert everything() == live, "kept days do not look at packets any more"


def test_a_day_is_counted_an_hour_after_it_ended(axis: Axis, frozen_clock: Any) -> None:
    midnight = datetime(2026, 11, 20, 17, tzinfo=UTC)
    frozen_clock(midnight)
    traffic(5, step=timedelta(hours=1))
    frozen_clock(midnight + timedelta(minutes=59))
    assert counts.count_days() == 0
    frozen_clock(midnight + timedelta(minutes=61))
    assert (counts.count_days(), counts.count_days()) == (1, 0)
    assert CountedDay.objects.get().day == date(2026, 11, 20)


def test_what_changes_in_a_day_that_was_counted_is_counted_again(axis: Axis, frozen_clock: Any) -> None:
    frozen_clock(NOW)
    traffic(60, step=timedelta(hours=3))
    counts.count_days()
    kept = CountedDay.objects.count()
    moving = AxisDelivery.objects.filter(recipient__code="H37.05", state="initial").count()
    assert moving
    details = actions.AgencyDetails(code="H37.05", name="Sở Y tế", parent_code="H37")
    actions.put_agency(queries.member("H27"), details)
    assert CountedDay.objects.count() < kept
    live = everything()
    counts.count_days()
    assert everything() == live
    assert CountedDay.objects.count() == kept


def test_a_failure_that_is_offered_again_is_no_failure_of_its_day_any_more(
    axis: Axis, frozen_clock: Any
) -> None:
    start = clock.now()
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    [row] = axis.district.received("edoc")
    axis.district.update_status(row.doc_id, "fail", "Hết dung lượng")
    frozen_clock(start + timedelta(days=1, hours=2))
    counts.count_days()
    failed = MemberDay.objects.filter(direction="failed")
    assert failed.count() == 1
    assert on_duty().post(f"/axis/deliveries/{row.doc_id}/again/").status_code == 302
    counts.count_days()
    assert failed.count() == 0
    assert MemberDay.objects.filter(direction="received").count() == 1
