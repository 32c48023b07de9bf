"""The operator's pages: what goes through, what waits for whom, what failed and who must act, one packet's life."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.axis.axis_parts import Axis, document, status
from tests.axis.operator_parts import on_duty, text_of, traffic

from vanthu.audit.models import Event
from vanthu.axis import storage, urls
from vanthu.axis.actions.log import close_batches
from vanthu.axis.models import AxisDelivery, DeliveryState, LogEntry, Member, Packet, RefusedCalls
from vanthu.axis.watch import queues
from vanthu.axis.watch import traffic as volumes
from vanthu.base import clock
from vanthu.directory.models import Person
from vanthu.vxp import VxpRefused

PAGES = (
    "/axis/",
    "/axis/traffic/",
    "/axis/queues/",
    "/axis/failures/",
    "/axis/packets/",
    "/axis/incidents/",
    "/axis/statistics/",
    "/axis/statistics.csv",
)


@pytest.fixture
def operator(axis: Axis) -> Client:
    return on_duty()


def send(axis: Axis, **options: Any) -> str:
    sent = axis.province.send_edoc(document(**options), sender="H27.01", message_type="edoc")
    return str(sent.doc_id)


def fail(axis: Axis, words: str) -> AxisDelivery:
    """The recipient fetches what waits and reports it as failed in these words."""
    [row] = axis.district.received("edoc")
    axis.district.update_status(row.doc_id, "fail", words)
    return AxisDelivery.objects.get(pk=row.doc_id)


# --- who may look


@pytest.mark.parametrize("path", [*PAGES, f"/axis/packets/{UUID(int=1)}/", f"/axis/incidents/{UUID(int=1)}/"])
def test_only_an_operator_sees_the_pages(axis: Axis, client: Any, path: str) -> None:
    assert client.get(path).status_code == 302
    client.force_login(Person.objects.create_user("ai-do", "mat-khau-thu-nghiem", full_name="Ai Đó"))
    assert client.get(path).status_code == 403


def test_only_an_operator_hands_over_again(axis: Axis, client: Any) -> None:
    send(axis)
    delivery = fail(axis, "Hết dung lượng")
    client.force_login(Person.objects.create_user("ai-do", "mat-khau-thu-nghiem", full_name="Ai Đó"))
    for path in (f"/axis/deliveries/{delivery.pk}/again/", "/axis/failures/reported-storage/again/"):
        assert client.post(path).status_code == 403
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAIL


# --- overview and chart


def test_the_overview_of_an_axis_that_carried_nothing_says_what_to_do(db: None) -> None:
    said = text_of(on_duty().get("/axis/"))
    assert "Chưa có hệ thống thành viên" in said
    assert "vanthu axis member add" in said


def test_the_overview_counts_and_shows_the_newest(operator: Client, axis: Axis) -> None:
    send(axis, priority=2)
    said = text_of(operator.get("/axis/"))
    assert "Nhận hôm nay 1" in said
    assert "Đang chờ nhận 1 trong đó 1 khẩn" in said
    assert "Sở Nội vụ → Sở Y tế" in said
    assert "Về việc họp" not in said, "the axis knows no subjects"
    live = operator.get("/axis/", headers={"HX-Request": "true"}).content.decode()
    assert live.lstrip().startswith("<div")


def test_a_search_on_the_overview_goes_to_the_list(operator: Client) -> None:
    assert operator.get("/axis/", {"q": "15/SNV"})["Location"] == "/axis/packets/?q=15%2FSNV"


def test_the_chart_counts_each_packet_in_its_minute_and_day(axis: Axis, frozen_clock: Any) -> None:
    now = datetime(2026, 11, 20, 17, 5, 30, tzinfo=UTC)  # 00:05:30 on the 21st in Viet Nam
    frozen_clock(now)
    for minutes, number in ((60 * 30, 6), (60, 5), (59, 4), (7, 3), (1, 2), (0, 1)):
        traffic(number, until=now - timedelta(minutes=minutes), step=timedelta())
    hour = volumes.volumes(volumes.Span.HOUR)
    assert [step.accepted for step in hour if step.accepted] == [4, 3, 2, 1]
    assert (len(hour), hour[-1].at, hour[-1].accepted) == (60, now.replace(second=0), 1)
    days = volumes.volumes(volumes.Span.MONTH)
    assert len(days) == 30
    assert clock.local(days[-1].at).isoformat() == "2026-11-21T00:00:00+07:00"
    assert [step.accepted for step in days[-3:]] == [6, 4 + 5 + 3, 2 + 1]
    quarters = volumes.volumes(volumes.Span.DAY)
    assert sum(step.accepted for step in quarters) == 15
    done = AxisDelivery.objects.filter(state=DeliveryState.DONE, acknowledged_at__gte=days[0].at).count()
    assert sum(step.delivered for step in days) == done


def test_the_chart_is_also_a_table_and_a_sentence(operator: Client, axis: Axis) -> None:
    send(axis)
    page = operator.get("/axis/traffic/", {"span": "month"}).content.decode()
    assert 'type="application/json"' in page
    assert "<script>" not in page
    assert "Gói tin mỗi ngày, 30 ngày qua. Trục nhận: 1; Đã giao: 0" in page
    assert f'<th scope="row">{clock.today():%d/%m}</th><td>1</td>' in page
    assert operator.get("/axis/traffic/", {"span": "'"}).status_code == 200


# --- queues


def test_a_queue_tells_its_age_its_urgent_packets_and_what_to_do(
    operator: Client, axis: Axis, frozen_clock: Any
) -> None:
    start = clock.now()
    frozen_clock(start)
    send(axis)
    send(axis, document_id="d2", priority=1)
    frozen_clock(start + timedelta(minutes=5))
    assert "Bình thường" in text_of(operator.get("/axis/queues/"))
    frozen_clock(start + timedelta(minutes=11))
    said = text_of(operator.get("/axis/queues/"))
    assert "Văn bản khẩn chưa được lấy: gọi ngay cho bên nhận." in said
    frozen_clock(start + timedelta(hours=9))
    lines = queues.lines()
    assert [(line.member.system_id, line.waiting, line.urgent) for line in lines] == [
        ("H37", 2, 1),
        ("H27", 0, 0),
    ]
    said = text_of(operator.get("/axis/queues/"))
    assert "9 giờ" in said
    assert "Gói tin chờ quá 8 giờ" in said
    assert "Chưa bao giờ gọi trục" in said


def test_the_pace_of_a_recipient_tells_when_its_queue_ends(axis: Axis, frozen_clock: Any) -> None:
    frozen_clock(clock.now())
    for number in range(6):
        send(axis, document_id=f"d{number}")
    for row in axis.district.received("edoc")[:4]:
        axis.district.update_status(row.doc_id, "done", "")
    [line] = [line for line in queues.lines() if line.member.system_id == "H37"]
    assert (line.waiting, line.per_hour, line.left) == (2, 4, timedelta(minutes=30))
    assert line.last_success == clock.now()
    assert line.concerns == ()


# --- failures


def test_failures_are_grouped_by_cause_with_who_must_act(operator: Client, axis: Axis) -> None:
    for number, words in enumerate(
        (
            "Hết dung lượng lưu trữ",
            "Chữ ký số không hợp lệ",
            "Văn bản bị trùng",
            "Không đọc được tệp XML",
            "?",
        )
    ):
        send(axis, document_id=f"d{number}")
        fail(axis, words)
    with pytest.raises(VxpRefused):
        send(axis, to=("H99",))
    said = text_of(operator.get("/axis/failures/"))
    for title in (
        "Hệ thống bên nhận lỗi hoặc hết chỗ chứa 1 Bên nhận",
        "Bên nhận báo chữ ký số không hợp lệ 1 Bên gửi",
        "Bên nhận báo văn bản trùng 1 Bên nhận",
        "Bên nhận không đọc được gói tin 1 Bên gửi",
        "Bên nhận báo lỗi, không rõ nguyên nhân 1 Bên nhận",
        "Mã bên nhận chưa có trên trục 1 Đơn vị vận hành trục",
    ):
        assert title in said
    mine = text_of(operator.get("/axis/failures/", {"party": "OPERATOR"}))
    assert "Mã bên nhận chưa có trên trục" in mine
    assert "Hết dung lượng lưu trữ" not in mine
    assert "Không có lỗi nào chờ bên này" in text_of(operator.get("/axis/failures/", {"party": "AUTHORITY"}))


def test_refused_calls_are_counted_and_no_flood_fills_a_table(axis: Axis) -> None:
    stranger = axis.client("H27")
    stranger._secret = "wrong"
    for _ in range(5):
        with pytest.raises(VxpRefused):
            stranger.received("edoc")
        with pytest.raises(VxpRefused):
            send(axis, to=("H99",))
    counted = dict(RefusedCalls.objects.values_list("code", "number"))
    assert counted == {"AXIS_BAD_CREDENTIALS": 5, "AXIS_RECEIVER_UNKNOWN": 5}
    axis.http.get(axis.url + "/getReceivedEdocList", headers={"XroadVnpt-systemid": "nobody"})
    assert RefusedCalls.objects.count() == 2


def test_a_failed_packet_is_handed_over_again_and_arrives(operator: Client, axis: Axis) -> None:
    send(axis)
    delivery = fail(axis, "Hết dung lượng lưu trữ")
    assert axis.district.received("edoc") == []
    answer = operator.post(f"/axis/deliveries/{delivery.pk}/again/", follow=True)
    assert "Đã đưa lại vào hàng chờ của H37.05" in text_of(answer)
    [row] = axis.district.received("edoc")
    axis.district.update_status(row.doc_id, "done", "")
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DONE
    event = Event.objects.get(verb="axis.packet_offered_again")
    assert (event.actor_name, event.data["said"]) == ("Lê Văn Trực", "Het dung luong luu tru")
    life = text_of(operator.get(f"/axis/packets/{delivery.packet_id}/"))
    order = ("Sở Y tế xác nhận đã nhận đủ", "giao lại cho H37.05", "Sở Y tế báo nhận lỗi")
    assert [life.index(words) for words in order] == sorted(life.index(words) for words in order)


def test_a_whole_group_is_handed_over_again(operator: Client, axis: Axis) -> None:
    for number in range(3):
        send(axis, document_id=f"d{number}")
        fail(axis, "Lỗi ghi đĩa" if number else "Chữ ký không hợp lệ")
    said = text_of(operator.post("/axis/failures/reported-storage/again/", follow=True))
    assert "Đã giao lại 2 gói tin." in said
    assert len(axis.district.received("edoc")) == 2
    assert "Đã giao lại 0 gói tin." in text_of(
        operator.post("/axis/failures/reported-signature/again/", follow=True)
    )


def test_what_did_not_fail_or_is_no_longer_held_is_not_handed_over_again(
    operator: Client, axis: Axis, tmp_path: Any
) -> None:
    packet = send(axis, payload=b"QUJD" * 100_000)
    delivery = AxisDelivery.objects.get()
    path = f"/axis/deliveries/{delivery.pk}/again/"
    assert operator.post(path).status_code == 409
    fail(axis, "lỗi")
    storage.discard(Packet.objects.get(pk=packet).body_file)
    refused = operator.post(path)
    assert refused.status_code == 410
    assert "Trục không còn giữ nội dung" in refused.content.decode()
    assert operator.get(path).status_code == 405


# --- packets


def test_a_packet_is_found_by_any_of_its_ids(operator: Client, axis: Axis) -> None:
    code = b"<Code><CodeNumber>15</CodeNumber><CodeNotation>SNV-VP</CodeNotation></Code><edXML:Subject>"
    axis.province.send_edoc(
        document().replace(b"<edXML:Subject>", code), sender="H27.01", message_type="edoc"
    )
    send(axis, document_id="other", to=("H27.02",))
    packet = Packet.objects.get(document_id="H27.01,2026/11/21,15/SNV")
    delivery = packet.deliveries.get()
    for text in (
        str(packet.id),
        str(delivery.id),
        packet.document_id,
        packet.sha256.upper(),
        "000.00.05.H37",
        "15/snv-vp",
        "  15/SNV-VP ",
    ):
        page = operator.get("/axis/packets/", {"q": text}).content.decode()
        assert str(packet.id) in page, text
        assert "other" not in page, text
    assert "Không có gói tin nào khớp" in text_of(operator.get("/axis/packets/", {"q": "nothing\0"}))


def test_the_list_is_narrowed_and_turned_over(operator: Client, axis: Axis) -> None:
    traffic(120)
    first = operator.get("/axis/packets/").content.decode()
    assert first.count("data-row>") == 50
    last = Packet.objects.order_by("-id")[49]
    second = operator.get("/axis/packets/", {"before": str(last.id)}).content.decode()
    assert second.count("data-row>") == 50
    for query, expected in (
        ({"state": "fail"}, 20),
        ({"kind": "status"}, 40),
        ({"urgent": "1"}, 21),
        ({"member": "H37", "state": "fail"}, None),
        ({"state": "fail", "urgent": "1", "kind": "edoc"}, None),
    ):
        page = operator.get("/axis/packets/", query).content.decode()
        wanted = AxisDelivery.objects.all()
        if "state" in query:
            wanted = wanted.filter(state="fail")
        if "member" in query:
            wanted = wanted.filter(member__system_id="H37")
        if "urgent" in query:
            wanted = wanted.filter(priority__gt=0)
        if "kind" in query:
            wanted = wanted.filter(kind=query["kind"])
        assert page.count("data-row>") == min(50, wanted.count()), query
        assert expected is None or wanted.count() == expected


def test_the_packet_page_tells_its_whole_life(operator: Client, axis: Axis) -> None:
    packet = send(axis, to=("H37.05", "H27.02"), document_id="d")
    [row] = axis.district.received("edoc")
    axis.district.download(row.doc_id, io.BytesIO())
    axis.district.update_status(row.doc_id, "done", "")
    axis.district.send_edoc(status(code="03"), sender="H37.05", message_type="status")
    axis.province.update_status(axis.province.received("edoc")[0].doc_id, "fail", "Tệp hỏng")
    said = text_of(operator.get(f"/axis/packets/{packet}/"))
    for words in (
        "Sở Nội vụ gửi tới trục; trục nhận và cấp biên nhận, 2 bên nhận",
        "Sở Y tế tải gói tin về",
        "Sở Y tế xác nhận đã nhận đủ",
        "Sở Y tế báo trạng thái 03: Đã tiếp nhận",
        "Sở Tài chính báo nhận lỗi",
        "Tep hong",
        Packet.objects.get(pk=packet).sha256,
        Packet.objects.get(pk=packet).receipt,
    ):
        assert words in said
    assert "Về việc họp" not in said
    assert "Đang chờ đóng lô nhật ký" in said
    close_batches()
    assert "Nằm trong lô 1 của nhật ký, đang chờ dấu thời gian." in text_of(
        operator.get(f"/axis/packets/{packet}/")
    )
    answer = Packet.objects.get(kind="status")
    back = operator.get(f"/axis/packets/{answer.pk}/").content.decode()
    assert f'href="/axis/packets/{packet}/"' in back


def test_a_status_of_somebody_who_did_not_get_the_packet_is_not_shown_on_it(
    operator: Client, axis: Axis
) -> None:
    packet = send(axis, document_id="d")
    axis.province.send_edoc(
        status(sender="H27.02", to="H37.05", code="06"), sender="H27.02", message_type="status"
    )
    assert "Hoàn thành" not in text_of(operator.get(f"/axis/packets/{packet}/"))


UNKNOWN = {
    "packet_id": ("Trục không có gói tin này", "Không có gói tin "),
    "delivery_id": ("Trục không có gói tin này",),
    "incident_id": ("Không có sự cố này",),
    "system_id": ("Trục không có hệ thống thành viên H99",),
    "code": ("Trục không có cơ quan nào mang mã H99",),
    "kid": ("Không có khóa H99",),
    "webhook_id": ("Không có webhook",),
}
STEPS = {"axis_webhook_step": "pause", "axis_incident_step": "withdraw", "axis_agency_step": "live"}
SECRET_SHOWN = "axis_member_sheet"
"""Shows what the session holds, whatever the address; it never looks a member up."""


def test_what_no_axis_knows_is_not_found_on_any_page_and_said_so(operator: Client, axis: Axis) -> None:
    tried = set()
    for page in urls.urlpatterns:
        name, places = getattr(page, "name", None), getattr(page.pattern, "converters", {})
        for unknown in [place for place in places if place in UNKNOWN and name != SECRET_SHOWN]:
            known = {"system_id": "H27", "step": STEPS.get(name or "", "")}
            told = {
                place: (uuid4() if place.endswith("_id") and place != "system_id" else "H99")
                if place == unknown
                else known.get(place, uuid4() if place == "webhook_id" else "H99")
                for place in places
            }
            address = reverse(str(name), kwargs=told)
            answer = operator.get(address)
            if answer.status_code == 405:
                answer = operator.post(address)
            said = answer.content.decode()
            assert answer.status_code == 404, (address, answer.status_code)
            assert any(words in said for words in UNKNOWN[unknown]), address
            tried.add(unknown)
    assert tried == set(UNKNOWN)


# --- incidents


def test_two_operators_close_an_incident_on_its_page(operator: Client, axis: Axis) -> None:
    subject = "TỐI MẬT - tên chiến dịch"
    with pytest.raises(VxpRefused):
        axis.province.send_edoc(
            document().replace("Về việc họp".encode(), subject.encode()),
            sender="H27.01",
            message_type="edoc",
        )
    listed = operator.get("/axis/incidents/").content.decode()
    path = listed.split('href="/axis/incidents/')[1].split('"')[0]
    path = f"/axis/incidents/{path}"
    said = text_of(operator.get(path))
    assert "TỐI MẬT" in said
    assert "Luật Bảo vệ bí mật nhà nước 117/2025/QH15" in said
    assert "chiến dịch" not in said
    assert "Gói tin có dấu hiệu bí mật nhà nước 1 Cơ quan có thẩm quyền" in text_of(
        operator.get("/axis/failures/")
    )
    operator.post(f"{path}report/", {"text": "Công an tỉnh Hà Tĩnh"})
    operator.post(f"{path}purge/", {"text": "Theo yêu cầu của Công an tỉnh"})
    mine = text_of(operator.get(path))
    assert "Bạn là người đề nghị" in mine
    assert "Xác nhận tiêu hủy" not in mine
    assert operator.post(f"{path}confirm/").status_code == 403
    second = on_duty("truc2", "Phạm Thị Ca")
    assert "Xác nhận tiêu hủy" in text_of(second.get(path))
    closed = text_of(second.post(f"{path}confirm/", follow=True))
    assert "Đã tiêu hủy nội dung" in closed
    assert "Phạm Thị Ca xác nhận; nội dung đã tiêu hủy" in closed
    assert "Công an tỉnh Hà Tĩnh" in closed
    assert operator.post(f"{path}nonsense/", {"text": "x"}).status_code == 404


# --- statistics


def test_statistics_equal_a_recount_from_the_log(operator: Client, axis: Axis) -> None:
    send(axis, document_id="a", to=("H37.05", "H27.02"))
    send(axis, document_id="b", priority=3)
    axis.district.send_edoc(status(), sender="H37.05", message_type="status")
    recounted: Counter[tuple[str, str, str]] = Counter()
    for line in LogEntry.objects.filter(event="accepted"):
        told = json.loads(line.content)
        recounted[told["from"], "gui", told["kind"]] += 1
        for code in told["to"]:
            recounted[code, "nhan", told["kind"]] += 1
    body = b"".join(operator.get("/axis/statistics.csv")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    counted: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        assert row["ngay"] == clock.today().isoformat()
        counted[row["co_quan"], row["chieu"], row["loai"]] += int(row["so_luong"])
    assert counted == recounted
    assert sum(recounted.values()) == 7
    assert sum(int(row["dung_luong"] or 0) for row in rows) == sum(
        Packet.objects.values_list("size", flat=True)
    )
    said = text_of(operator.get("/axis/statistics/"))
    assert "Văn bản gửi 2 1 khẩn" in said
    assert "Văn bản nhận 3" in said


def test_statistics_of_a_period_and_of_one_member(operator: Client, axis: Axis, frozen_clock: Any) -> None:
    frozen_clock(datetime(2026, 11, 21, 3, tzinfo=UTC))
    traffic(300, step=timedelta(hours=3))
    query = {"from": "2026-11-01", "to": "2026-11-10", "member": "H27"}
    begin, end = datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 10, 17, tzinfo=UTC)
    of_member = Packet.objects.filter(member__system_id="H27", accepted_at__gte=begin, accepted_at__lt=end)
    said = text_of(operator.get("/axis/statistics/", query))
    assert f"Văn bản gửi {of_member.exclude(kind='status').count()} " in said
    assert "Sở Nội vụ" in said
    body = b"".join(operator.get("/axis/statistics.csv", query)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert {row["he_thong"] for row in rows} == {"H27"}
    assert (min(row["ngay"] for row in rows), max(row["ngay"] for row in rows)) == (
        "2026-11-01",
        "2026-11-10",
    )
    assert sum(int(row["so_luong"]) for row in rows if row["chieu"] == "gui") == of_member.count()


@pytest.mark.parametrize(
    "query",
    [{"from": "x", "to": "2026-99-99"}, {"from": "2030-01-01"}, {"from": "1900-01-01"}, {"member": "\0"}],
)
def test_a_strange_period_is_put_right(operator: Client, query: dict[str, str]) -> None:
    assert operator.get("/axis/statistics/", query).status_code == 200


def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(operator: Client, axis: Axis) -> None:
    from vanthu.axis.models import AxisAgency

    AxisAgency.objects.filter(code="H27.01").update(name="=HYPERLINK(1)")
    send(axis)
    assert ",'=HYPERLINK(1)," in b"".join(operator.get("/axis/statistics.csv")).decode()


# --- cost


@pytest.mark.parametrize("path", [*PAGES, "/axis/packets/?member=H37&state=fail", "/axis/packets/?q=H37.05"])
def test_a_page_asks_the_database_as_often_however_much_there_is(axis: Axis, path: str) -> None:
    client = on_duty()
    counts = []
    for more in (12, 240):
        traffic(more)
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            b"".join(client.get(path))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 24, counts


def test_the_packet_page_asks_as_often_for_many_recipients(axis: Axis) -> None:
    client = on_duty()
    counts = []
    for codes in (("H37.05",), ("H37.05", "H27.02", "H27")):
        packet = send(axis, to=codes, document_id=f"n{len(codes)}")
        client.get(f"/axis/packets/{packet}/")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/axis/packets/{packet}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_nothing_is_shown_of_a_member_that_left_but_its_queue(operator: Client, axis: Axis) -> None:
    send(axis)
    Member.objects.filter(system_id="H37").update(active=False)
    said = text_of(operator.get("/axis/queues/"))
    assert "Hệ thống đang bị ngừng mà còn gói tin chờ" in said
