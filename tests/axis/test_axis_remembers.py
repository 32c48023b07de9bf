"""What a web process remembers for a moment: members, their keys, the list's version; and what that never allows."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.axis.axis_parts import Axis, document
from tests.axis.relay_parts import key_of, raw, relay

from vanthu.axis import actions, remembered, routes
from vanthu.axis.models import Member, MemberKey, Packet
from vanthu.vxp import VxpRefused

Pass = Callable[[float], None]


@pytest.fixture
def seconds_pass(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """A memory of one second, by a clock that the test moves."""
    now = [1000.0]
    monkeypatch.setattr(settings.VANTHU, "axis_memory_seconds", 1.0)
    for module in (remembered, routes):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    for memory in (remembered.member, remembered.key):
        memory.clear()
    monkeypatch.setattr(routes, "_last", None)

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


def send(axis: Axis, number: int) -> None:
    axis.province.send_edoc(
        document(document_id=str(number), to=("H37.05",)), sender="H27.01", message_type="edoc"
    )


def test_taking_in_a_packet_is_one_statement(axis: Axis, seconds_pass: Pass) -> None:
    send(axis, 1)
    with CaptureQueriesContext(connection) as asked:
        send(axis, 2)
    assert asked.captured_queries == []  # the acceptance itself goes past Django's log
    assert Packet.objects.count() == 2


def test_a_stopped_member_is_refused_within_a_second(axis: Axis, seconds_pass: Pass) -> None:
    axis.province.count("edoc")
    Member.objects.filter(system_id="H27").update(active=False)  # by another process
    seconds_pass(1.0)
    with pytest.raises(VxpRefused):
        axis.province.count("edoc")
    actions.set_member_active("H27", True)
    axis.province.count("edoc")  # nobody is remembered as unknown


def test_a_replaced_secret_ends_within_a_second(axis: Axis, seconds_pass: Pass) -> None:
    axis.province.count("edoc")
    new = actions.renew_secret("H27")
    seconds_pass(1.0)
    with pytest.raises(VxpRefused):
        axis.province.count("edoc")
    axis.secrets["H27"] = new
    axis.province.count("edoc")


def test_a_revoked_key_is_refused_within_a_second(axis: Axis, seconds_pass: Pass) -> None:
    relay(axis, "H37").enrol()
    assert raw(axis, "GET", "/keys", key=key_of("H37")).status_code == 200
    MemberKey.objects.update(revoked_at=Member.objects.get(system_id="H37").created_at)
    seconds_pass(1.0)
    assert raw(axis, "GET", "/keys", key=key_of("H37")).status_code == 401


def test_a_locked_agency_gets_nothing_however_fresh_the_memory(axis: Axis, seconds_pass: Pass) -> None:
    send(axis, 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE axis_axisagency SET locked = true WHERE code = 'H37.05'")
    with pytest.raises(VxpRefused) as refused:
        send(axis, 2)
    assert refused.value.error_code == "23"


def test_a_connection_that_the_server_ended_is_replaced_unseen(db: None) -> None:
    """The database restarted while connections lay in the pool."""
    one, other = connections.create_connection("default"), connections.create_connection("default")
    pids = [_process_of(wrapper) for wrapper in (one, other)]
    for wrapper in (one, other):
        wrapper.close()
    with psycopg.connect(settings.VANTHU.database_url, autocommit=True) as killer:
        for pid in pids:
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    for wrapper in (one, other):
        assert _process_of(wrapper) not in pids
        wrapper.close()


def _process_of(wrapper: object) -> int:
    with wrapper.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_machines_get_no_sessions_and_their_own_language(axis: Axis) -> None:
    """The thread answered an English page before."""
    translation.activate("en")
    answer = axis.http.post(axis.url + "/sendEdoc")
    assert "Set-Cookie" not in answer.headers
    assert "Content-Security-Policy" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert translation.get_language() == "vi"
    axis.http.get(axis.url + "/axis/v2/about", headers={"Accept-Language": "en"})
    assert translation.get_language() == "en"
    translation.activate("vi")
    assert axis.http.get(axis.url + "/axis/v2/nothing-here").status_code == 404


def test_another_sites_name_is_refused(axis: Axis) -> None:
    assert axis.http.post(axis.url + "/sendEdoc", headers={"Host": "elsewhere.vn"}).status_code == 400
