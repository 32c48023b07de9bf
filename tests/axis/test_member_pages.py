"""The operator's pages for members and agencies."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.axis.axis_parts import Axis

from vanthu.axis import actions, queries
from vanthu.axis.models import Member
from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.directory.models import Agency, Person, Post


def signed_in(client: Any, role: Role) -> Any:
    person = Person.objects.create_user("truc", "mat-khau-thu-nghiem", full_name="Lê Văn Trực")
    office = Agency.objects.create(name="Đơn vị vận hành trục", hosted=True)
    Post.objects.create(person=person, agency=office, position="Vận hành", roles=[role.value])
    client.force_login(person)
    return client


@pytest.fixture
def operator(axis: Axis, client: Any) -> Any:
    return signed_in(client, Role.OPERATOR)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_new_member_gets_its_secret_shown_once(operator: Any, axis: Axis) -> None:
    answer = operator.post("/axis/members/new/", {"code": "H41", "name": "Tỉnh Nghệ An"}, follow=True)
    page = text(answer)
    assert "Khóa bí mật chỉ hiện một lần" in page
    shown = answer.context["sheet"]["secret"]
    assert shown in page
    axis.secrets["H41"] = shown
    assert axis.client("H41").count("edoc") == 0
    again = operator.get("/axis/members/H41/secret/", follow=True)
    assert shown not in text(again)
    assert "hãy đổi khóa" in text(again)


def test_renewing_on_the_page_keeps_the_old_secret_for_the_chosen_time(operator: Any, axis: Axis) -> None:
    answer = operator.post("/axis/members/H27/renew/", {"keep_hours": "24"}, follow=True)
    new = answer.context["sheet"]["secret"]
    assert axis.province.count("edoc") == 0
    axis.secrets["H27"] = new
    assert axis.province.count("edoc") == 0
    assert "Khóa cũ còn dùng đến" in text(operator.get("/axis/members/H27/"))


def test_a_member_is_stopped_started_and_limited(operator: Any, axis: Axis) -> None:
    operator.post("/axis/members/H27/switch/", {"active": "0"})
    assert "Đã ngừng" in text(operator.get("/axis/members/", {"state": "stopped"}))
    operator.post("/axis/members/H27/switch/", {"active": "1"})
    operator.post("/axis/members/H27/terms/", {"name": "Hà Tĩnh mới", "calls_per_minute": "60"})
    member = Member.objects.get(system_id="H27")
    assert (member.active, member.name, member.calls_per_minute) == (True, "Hà Tĩnh mới", 60)
    assert (
        operator.post("/axis/members/H27/terms/", {"name": "x", "calls_per_minute": "-1"}).status_code == 422
    )


def test_an_agency_is_surveyed_noted_and_merged(operator: Any, axis: Axis) -> None:
    operator.post("/axis/agencies/H37.05/survey/", {"SECURITY": "chưa có chứng thư số"})
    operator.post(
        "/axis/agencies/H37.05/care/", {"kind": "REMINDER", "text": "Đã gọi", "remind_on": "2026-01-01"}
    )
    page = text(operator.get("/axis/agencies/H37.05/"))
    assert "chưa có chứng thư số" in page
    assert "Đến ngày nhắc lại" in page
    day = (clock.today() - timedelta(days=1)).isoformat()
    operator.post("/axis/agencies/H37.05/merge/", {"into": "H27.02", "last_day": day})
    assert "kế thừa: H27.02" in text(operator.get("/axis/agencies/", {"q": "000.00.05"}))
    back = {"Referer": "http://testserver/axis/agencies/"}
    refused = operator.post("/axis/agencies/H37.05/live/", headers=back, follow=True)
    assert "chưa qua thử nghiệm" in text(refused)


@pytest.mark.parametrize("code", ["H27/9", "H27~2F", "..", "H27?a=b#c", "Đ27%20"])
def test_whatever_code_a_member_registers_the_pages_open(operator: Any, axis: Axis, code: str) -> None:
    axis.province.register_agency(code=code, name="Phòng Thử nghiệm", parent_code="H27")
    page = text(operator.get("/axis/agencies/"))
    [link] = re.findall('href="(/axis/agencies/[^"]+)"[^>]*>[^<]*Phòng Thử nghiệm', page)
    assert urljoin("http://truc.example/axis/agencies/", link).endswith(link)
    assert operator.get(link).context["agency"].code == code


def test_children_stand_under_their_superior(operator: Any) -> None:
    lines = [(line.agency.code, line.depth) for line in queries.agency_tree("H27")]
    assert lines == [("H27", 0), ("H27.01", 1), ("H27.02", 1)]


@pytest.mark.parametrize(
    "path",
    ["/axis/members/", "/axis/members/new/", "/axis/members/H27/", "/axis/agencies/", "/axis/agencies/H27/"],
)
def test_only_the_operator_sees_the_pages(axis: Axis, client: Any, path: str) -> None:
    assert client.get(path).status_code == 302
    assert signed_in(client, Role.CLERK).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/axis/members/", "/axis/agencies/"])
def test_lists_take_the_same_number_of_queries_at_any_size(operator: Any, path: str) -> None:
    operator.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        operator.get(path)
    for number in range(15):
        actions.add_member(f"M{number}", f"Hệ thống {number}")
        details = actions.AgencyDetails(code=f"M{number}.1", name=f"Cơ quan {number}")
        actions.put_agency(queries.member(f"M{number}"), details)
    with CaptureQueriesContext(connection) as many:
        operator.get(path)
    assert len(many) == len(few)
