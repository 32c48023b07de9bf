"""Secrets of members: renewed without interruption, ended at once, used once where the client allows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.axis.axis_parts import Axis, document

from vanthu.axis import actions, jobs
from vanthu.axis.models import Member
from vanthu.base import clock
from vanthu.vxp import Client, VxpRefused, sign

NOON = datetime(2026, 11, 22, 5, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def works(axis: Axis, secret: str, at: datetime) -> bool:
    with clock.frozen(at):
        try:
            Client(axis.url, "H27", secret, http=axis.http, clock=clock.now).count("edoc")
        except VxpRefused as refused:
            assert refused.error_code == "15"
            return False
    return True


def renew(keep: timedelta, overlap: timedelta | None = None, at: datetime = NOON) -> str:
    with clock.frozen(at):
        return actions.renew_secret("H27", keep_old=keep, overlap=overlap)


def test_both_secrets_work_until_the_end_that_the_operator_set(axis: Axis) -> None:
    old, new = axis.secrets["H27"], renew(3 * DAY)
    assert works(axis, old, NOON + DAY)
    assert works(axis, new, NOON + DAY)
    assert works(axis, old, NOON + 3 * DAY - HOUR)
    assert not works(axis, old, NOON + 3 * DAY)
    assert works(axis, new, NOON + 30 * DAY)


def test_the_first_use_of_the_new_secret_starts_the_overlap(axis: Axis) -> None:
    old, new = axis.secrets["H27"], renew(7 * DAY, overlap=HOUR)
    assert works(axis, old, NOON + DAY), "nobody has used the new one yet"
    assert works(axis, new, NOON + DAY)
    assert works(axis, new, NOON + DAY + HOUR / 2), "the second use does not start it again"
    assert works(axis, old, NOON + DAY + HOUR / 2)
    assert not works(axis, old, NOON + DAY + HOUR)


def test_a_leaked_secret_ends_at_once(axis: Axis) -> None:
    old, new = axis.secrets["H27"], renew(timedelta(0))
    assert not works(axis, old, NOON)
    assert works(axis, new, NOON)


def test_the_operator_may_end_the_overlap(axis: Axis) -> None:
    old = axis.secrets["H27"]
    renew(7 * DAY)
    actions.end_old_secret("H27")
    assert not works(axis, old, NOON)


def test_a_new_secret_that_was_lost_before_use_does_not_lock_the_member_out(axis: Axis) -> None:
    old = axis.secrets["H27"]
    lost = renew(7 * DAY)
    newest = renew(7 * DAY, at=NOON + HOUR)
    assert works(axis, old, NOON + DAY)
    assert not works(axis, lost, NOON + DAY)
    assert works(axis, newest, NOON + DAY)


def test_old_secrets_are_erased_when_their_time_is_over(axis: Axis) -> None:
    renew(DAY)
    with clock.frozen(NOON + HOUR):
        jobs.end_old_secrets()
    assert Member.objects.get(system_id="H27").old_secret_box
    with clock.frozen(NOON + 2 * DAY):
        jobs.end_old_secrets()
    assert not Member.objects.get(system_id="H27").old_secret_box


Recorded = tuple[str, dict[str, str]]


def recorded_call(axis: Axis, path: str, arguments: dict[str, str]) -> Recorded:
    """A call as somebody on the way could record it."""
    headers = sign("H27", axis.secrets["H27"], arguments, at=clock.now(), content_type="application/json")
    return axis.url + path, headers


def play(axis: Axis, call: Recorded) -> str:
    url, headers = call
    return str(axis.http.post(url, headers=headers, content=b"{}").json()["ErrorCode"])


def test_a_client_that_keeps_one_time_stamp_may_call_alike_again_and_again(axis: Axis) -> None:
    call = recorded_call(axis, "/countReceiveEdoc", {})
    assert [play(axis, call) for _ in range(3)] == ["0", "0", "0"]


def test_a_member_with_fresh_time_stamps_has_each_change_counted_once(axis: Axis) -> None:
    axis.province.send_edoc(document(to=("H27.02",)), sender="H27.01", message_type="edoc")
    [row] = axis.province.received("edoc")
    call = recorded_call(axis, "/updateStatus", {"docid": row.doc_id, "status": "fail"})
    assert [play(axis, call), play(axis, call)] == ["0", "0"]
    actions.set_terms("H27", actions.MemberTerms(name="Hà Tĩnh", fresh_stamps=True))
    call = recorded_call(axis, "/updateStatus", {"docid": row.doc_id, "status": "done"})
    assert [play(axis, call), play(axis, call)] == ["0", "15"]
    reading = recorded_call(axis, "/countReceiveEdoc", {})
    assert [play(axis, reading), play(axis, reading)] == ["0", "0"]


def test_a_member_with_fresh_time_stamps_is_held_to_minutes(axis: Axis) -> None:
    actions.set_terms("H27", actions.MemberTerms(name="Hà Tĩnh", fresh_stamps=True))
    with clock.frozen(NOON):
        call = recorded_call(axis, "/countReceiveEdoc", {})
    with clock.frozen(NOON + timedelta(minutes=10)):
        assert play(axis, call) == "0"
    with clock.frozen(NOON + timedelta(minutes=20)):
        assert play(axis, call) == "15"


def test_a_recorded_departure_does_not_remove_an_agency_that_came_back(axis: Axis) -> None:
    axis.province.register_agency(code="H27.99", name="Phòng", parent_code="H27")
    call = recorded_call(axis, "/deleteAgency", {"AgencyCode": "H27.99"})
    assert [play(axis, call), play(axis, call)] == ["0", "0"], "a client that lost the answer asks again"
    axis.province.register_agency(code="H27.99", name="Phòng", parent_code="H27")
    assert play(axis, call) == "15"
    assert "H27.99" in {row.code for row in axis.province.agencies()}
