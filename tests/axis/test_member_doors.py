"""The operator's page for a member's keys and webhooks, and for agencies: added, changed, recoded, carried over."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.axis.axis_parts import Axis, document
from tests.axis.ear import Ear, allowed, ear
from tests.axis.operator_parts import on_duty, text_of
from tests.axis.relay_parts import key_of, raw, relay
from tests.axis.test_member_pages import signed_in

from vanthu.axis import actions, jobs, queries
from vanthu.axis.models import AxisAgency, MemberKey, Stage, Webhook, WebhookCall
from vanthu.axis.relay import ringing
from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.evidence import new_key, public_jwk

__all__ = ["allowed", "ear"]


@pytest.fixture
def page(axis: Axis) -> Any:
    """An operator's browser."""
    return on_duty()


def said(page: Any, url: str, /, **data: Any) -> str:
    """Do something on a page and read the page that follows."""
    back = {"Referer": "http://testserver/axis/members/H37/"}
    return text_of(page.post(url, data, headers=back, follow=True))


def test_keys_are_added_listed_and_retired_on_the_page(page: Any, axis: Axis) -> None:
    assert "Chưa có khóa nào" in text_of(page.get("/axis/members/H37/"))
    key = key_of("H37")
    told = said(page, "/axis/members/H37/keys/", key=json.dumps(public_jwk(key)))
    assert "Đã đăng ký khóa" in told and key.thumbprint() in told
    assert raw(axis, "GET", "/keys", key=key).status_code == 200
    second = new_key()
    pem = second.as_pem(private=False).decode()
    assert second.thumbprint() in said(page, "/axis/members/H37/keys/", key=pem)
    assert "đã được đăng ký cho hệ thống khác" in said(page, "/axis/members/H27/keys/", key=pem)
    for wrong, why in (
        (json.dumps(key.as_dict(private=True)), "Đây là khóa riêng. Khóa này coi như đã lộ"),
        (second.as_pem(private=True).decode(), "Đây là khóa riêng."),
        ("{khong phai JSON", "Không đọc được khóa"),
        ("ssh-rsa AAAA", "Không đọc được khóa"),
    ):
        assert why in said(page, "/axis/members/H37/keys/", key=wrong)
    assert MemberKey.objects.count() == 2

    revoke = f"/axis/members/H37/keys/{key.thumbprint()}/revoke/"
    assert "còn hiệu lực, hoặc khóa không thuộc" in said(page, revoke.replace("H37", "H27"))
    assert "Đã thu hồi khóa." in said(page, revoke)
    assert raw(axis, "GET", "/keys", key=key).json()["code"] == "RELAY_KEY_UNKNOWN"
    assert raw(axis, "GET", "/keys", key=second).status_code == 200


def test_a_webhook_is_tried_paused_resumed_and_removed_on_the_page(
    page: Any, axis: Axis, ear: Ear, allowed: None
) -> None:
    told = said(page, "/axis/members/H37/webhooks/", url="http://10.0.0.5/")
    assert "không nằm trong mạng được phép gọi" in told
    assert "Chưa gọi lần nào" in said(page, "/axis/members/H37/webhooks/", url=ear.url)
    webhook = Webhook.objects.get()
    step = f"/axis/members/H37/webhooks/{webhook.id}/"
    relay(axis, "H27").send_edoc(document(), sender="H27.01", message_type="edoc")

    ear.answer = 500
    ringing.ring_due()
    told = text_of(page.get("/axis/members/H37/"))
    assert "Đang lỗi" in told and "1 lần lỗi liên tiếp. Trục gọi lại lúc" in told and "HTTP 500" in told
    assert "Gọi thử không được: HTTP 500." in said(page, f"{step}test/")
    assert "Tạm dừng từ" in said(page, f"{step}pause/")
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert ringing.ring_due() == 0, "nobody calls a paused one"
    ear.answer = 204
    assert "Gọi thử được" in said(page, f"{step}test/")
    event = json.loads(ear.heard[-1][1])["event"]
    assert (event, Webhook.objects.get().failures) == ("test", 0)
    said(page, f"{step}resume/")
    assert ringing.ring_due() == 1, "what waits is told at once"
    assert "Gọi được" in text_of(page.get("/axis/members/H37/"))
    many = [WebhookCall(webhook=webhook, at=clock.now(), milliseconds=1) for _ in range(ringing.CALLS_KEPT)]
    WebhookCall.objects.bulk_create(many)
    ringing.ring_test(webhook)
    assert WebhookCall.objects.count() == ringing.CALLS_KEPT
    assert "Không có webhook" in said(page, step.replace("H37", "H27") + "remove/"), "another member's page"
    assert Webhook.objects.exists()
    assert "Chưa có địa chỉ nào" in said(page, f"{step}remove/")
    assert page.post(f"{step}wrong/").status_code == 404


def test_nobody_but_the_operator_comes_near(axis: Axis, client: Any) -> None:
    clerk = signed_in(client, Role.CLERK)
    before = MemberKey.objects.count(), Webhook.objects.count(), AxisAgency.objects.count()
    nobody = "01a201ba-1182-75f2-9184-da4776cc338f"
    for door in (
        "members/H37/keys/",
        "members/H37/keys/x/revoke/",
        "members/H37/webhooks/",
        f"members/H37/webhooks/{nobody}/test/",
        "agencies/new/",
        "agencies/H37.05/edit/",
        "agencies/H37.05/carry/",
        "agencies/H37.05/recode/",
    ):
        assert clerk.post(f"/axis/{door}", {"url": "http://8.8.8.8/"}).status_code == 403, door
    assert (MemberKey.objects.count(), Webhook.objects.count(), AxisAgency.objects.count()) == before


def test_a_members_page_costs_the_same_however_much_it_shows(page: Any, axis: Axis, allowed: None) -> None:
    page.get("/axis/members/H37/")
    with CaptureQueriesContext(connection) as few:
        page.get("/axis/members/H37/")
    member = queries.member("H37")
    for number in range(4):
        webhook = Webhook.objects.create(member=member, url=f"http://a/{number}", created_at=clock.now())
        WebhookCall.objects.bulk_create(
            [WebhookCall(webhook=webhook, at=clock.now(), milliseconds=1) for _ in range(20)]
        )
        kid = f"k{number}"
        MemberKey.objects.create(member=member, kid=kid, jwk={"crv": "P-256"}, created_at=clock.now())
        actions.put_agency(member, actions.AgencyDetails(f"H37.9{number}", f"Cơ quan {number}"))
    with CaptureQueriesContext(connection) as many:
        page.get("/axis/members/H37/")
    assert len(many) == len(few)


def test_an_agency_is_added_changed_recoded_and_carried_over_on_pages(page: Any, axis: Axis) -> None:
    given = {"code": "H37.20", "name": "Sở Xây dựng", "parent_code": "H37", "member": "H37"}
    told = said(page, "/axis/agencies/new/", **given, old_codes="000.00.20.H37\n000.20.00.H37")
    assert "Đã thêm cơ quan." in told
    assert "QĐ 20/2020" in told or "000.20.00.H37" in told
    assert "Mã H37.20 đã được dùng" in said(page, "/axis/agencies/new/", **given)
    chosen = page.get("/axis/agencies/new/?member=H37").content.decode()
    assert 'value="H37" selected' in chosen and "PARENT" not in chosen
    wrong = page.post("/axis/agencies/new/", given | {"code": "có dấu"})
    assert wrong.status_code == 200 and not AxisAgency.objects.filter(name="có dấu").exists()

    edited = {"name": "Sở Xây dựng và Giao thông", "member": "H27", "email": "so@hatinh.gov.vn"}
    assert "Đã lưu" in said(page, "/axis/agencies/H37.20/edit/", **edited, old_codes="000.00.20.H37")
    agency = queries.agency_by_code("000.20.00.H37")
    assert agency is not None and (agency.name, agency.member.system_id) == (edited["name"], "H27")
    assert "giao thong" in agency.search_key

    day = clock.today() + timedelta(days=5)
    later = said(page, "/axis/agencies/H37.20/recode/", new_code="H27.20", since=day.isoformat())
    assert "trục tự đổi vào ngày đó" in later
    assert f"hiệu lực từ {day:%d/%m/%Y}" in text_of(page.get("/axis/agencies/H37.20/"))
    with clock.frozen(clock.now() + timedelta(days=6)):
        jobs.follow_calendar()
    assert AxisAgency.objects.get(pk=agency.pk).code == "H27.20"

    url = "/axis/agencies/H27.20/"
    assert "Chưa có đối tác thử nghiệm" in text_of(page.get(url))
    assert "Đã thôi làm" not in said(page, "/axis/agencies/H37.05/partner/")
    assert "với đối tác thử nghiệm: Sở Y tế" in text_of(page.get(url))
    said(page, f"{url}carry/", reason="QĐ 12/2025, đã liên thông qua trục cũ")
    told = text_of(page.get(url))
    assert "Tiếp tục trao đổi chính thức: QĐ 12/2025" in told and "Chưa chính thức" not in told
    assert AxisAgency.objects.get(pk=agency.pk).stage == Stage.LIVE
    said(page, f"{url}merge/", into="H37.05", last_day=day.isoformat())
    assert "Cơ quan kế thừa chưa chính thức trên trục" in text_of(page.get(url))


def test_who_is_silent_stands_out(page: Any, axis: Axis) -> None:
    AxisAgency.objects.filter(code="H37.05").update(
        stage=Stage.LIVE, last_traffic_at=clock.now() - timedelta(days=30)
    )
    assert "1 cơ quan đã kết nối không gửi, nhận gì trong 3 ngày." in text_of(page.get("/axis/agencies/"))
    only = text_of(page.get("/axis/agencies/", {"silent": "1"}))
    assert "Sở Y tế" in only and "Sở Tài chính" not in only and "im quá 3 ngày" in only
    assert "im quá 3 ngày" in text_of(page.get("/axis/members/H37/"))
    assert "Không gửi, nhận gì quá 3 ngày." in text_of(page.get("/axis/agencies/H37.05/"))
    assert "im quá" not in text_of(page.get("/axis/members/H27/"))
