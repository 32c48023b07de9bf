"""What people see on the shared pages: sign-in, "Việc của tôi", the lists, the document page, refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.web.office import PASSWORD, Office

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.records.models import Direction, Document, Verb
from vanthu.web import panels

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.fixture(autouse=True)
def plain_outgoing(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests look at the frame: a plain panel stands in for the issuing room's."""
    monkeypatch.setitem(panels._providers, Direction.OUTGOING.value, plain_panel)
    monkeypatch.setitem(panels._namers, Direction.OUTGOING.value, lambda _document: panels.State("Dự thảo"))
    monkeypatch.setitem(panels._choices, Direction.OUTGOING.value, [("DRAFT", "Dự thảo"), ("SENT", "Đã gửi")])


def plain_panel(_actor: Actor, document: Document) -> panels.Panel:
    at = f"/documents/{document.pk}"
    return panels.Panel(
        state=panels.State("Chờ ký", "progress", "signature"),
        actions=[
            panels.Action("Trả lại", "arrow-back-up", f"{at}/return", confirm="Trả lại cho người soạn?"),
            panels.Action("Ký", "signature", f"{at}/sign", primary=True, name="sign"),
        ],
        holders=[
            panels.Holder("Trần Đức Thắng", "Người ký", due_at=clock.now() + timedelta(hours=3, minutes=1))
        ],
    )


def test_a_stranger_is_sent_to_sign_in(db: None) -> None:
    for path in ("/", "/incoming/", "/outgoing/", "/work/counts"):
        response = Client().get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_a_person_changes_the_password_and_the_old_one_opens_nothing(office: Office) -> None:
    client, new = Client(), "Mùa thu ở phố núi 2026"
    client.post("/accounts/login/", {"login": "thang", "password": PASSWORD})
    assert "Đổi mật khẩu" in text_of(client.get("/"))
    asked = {"oldpassword": "không phải", "password1": new, "password2": new}

    refused = text_of(client.post("/accounts/password/change/", asked))
    assert 'class="field-errors' in refused
    assert "Mật khẩu đang dùng" in refused

    changed = client.post("/accounts/password/change/", {**asked, "oldpassword": PASSWORD}, follow=True)
    assert "Đã đổi mật khẩu." in text_of(changed)
    for password, status in ((PASSWORD, 200), (new, 302)):
        again = Client().post("/accounts/login/", {"login": "thang", "password": password})
        assert again.status_code == status


def test_signing_in_with_a_password_leads_to_my_work(office: Office) -> None:
    client = Client()
    assert "Đăng nhập" in text_of(client.get("/accounts/login/"))
    response = client.post("/accounts/login/", {"login": "thang", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "Trần Đức Thắng" in text_of(client.get("/"))


def test_a_wrong_password_says_so_and_keeps_the_name(office: Office) -> None:
    page = text_of(Client().post("/accounts/login/", {"login": "thang", "password": "sai"}))
    assert 'value="thang"' in page
    assert "field-errors" in page


def test_the_demo_people_sign_in_with_one_click(office: Office, demo_mode: None) -> None:
    client = Client()
    page = text_of(client.get("/accounts/login/"))
    assert page.index("Sở Nội vụ") < page.index("Phạm Thị Cúc") < page.index("Ủy ban nhân dân xã Hương Sơn")
    assert client.post("/demo/sign-in", {"username": "hoa"})["Location"] == "/"
    assert "Lê Thị Hoa" in text_of(client.get("/"))


def test_outside_demo_mode_nobody_signs_in_without_a_password(office: Office) -> None:
    client = Client()
    assert "Lê Thị Hoa" not in text_of(client.get("/accounts/login/"))
    assert client.post("/demo/sign-in", {"username": "hoa"}).status_code == 404
    assert client.get("/").status_code == 302
    assert client.get("/styleguide/").status_code == 404


def test_signing_out_ends_the_session(office: Office) -> None:
    client = office.signed_in("hoa")
    assert "Đăng xuất?" in text_of(client.get("/accounts/logout/"))
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_my_work_is_grouped_by_what_it_waits_for_and_urgent_comes_first(
    office: Office, frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(NOW)
    office.outgoing("thang", "việc thong thả", due_at=None, waits_until=NOW + timedelta(days=5))
    office.outgoing("thang", "việc quá hạn", waits_until=NOW - timedelta(days=1, hours=1))
    office.outgoing("thang", "việc hỏa tốc", urgency=3)
    office.outgoing("thang", "việc cần xem", verb=Verb.READ)
    page = text_of(office.signed_in("thang").get("/"))
    order = ["Chờ ký", "việc hỏa tốc", "việc quá hạn", "việc thong thả", "Xem để biết", "việc cần xem"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "quá hạn 1 ngày" in page
    assert "còn 5 ngày" in page
    assert "Hỏa tốc" in page


def test_somebody_elses_work_is_not_mine(office: Office) -> None:
    office.outgoing("binh", "việc của Bình")
    page = text_of(office.signed_in("thang").get("/"))
    assert "việc của Bình" not in page
    assert "Không còn việc nào đang chờ bạn" in page


def test_the_live_counts_tell_the_page_only_when_something_changed(office: Office) -> None:
    client = office.signed_in("thang")
    office.outgoing("thang", "một")
    first = client.get("/work/counts")
    assert 'id="work-count-side" hx-swap-oob="true">1<' in text_of(first)
    again = text_of(first).split('hx-get="')[1].split('"')[0]
    assert "HX-Trigger" not in client.get(again).headers
    office.outgoing("thang", "hai")
    changed = client.get(again)
    assert changed.headers["HX-Trigger"] == "work-changed"
    assert 'hx-swap-oob="true">2<' in text_of(changed)


def test_the_list_finds_without_accents_and_shows_only_my_documents(office: Office) -> None:
    office.outgoing("thang", "Quyết định điều động cán bộ")
    office.outgoing("thang", "Kế hoạch trồng rừng")
    office.outgoing("binh", "Quyết định của người khác")
    client = office.signed_in("thang")
    assert "Kế hoạch trồng rừng" in text_of(client.get("/outgoing/"))
    found = text_of(client.get("/outgoing/?q=quyet+dinh+dieu+dong"))
    assert "Quyết định điều động cán bộ" in found
    assert "Kế hoạch trồng rừng" not in found
    assert "Quyết định của người khác" not in found
    assert "Không có văn bản nào khớp" in text_of(client.get("/outgoing/?q=khong+co+dau"))


def test_the_list_narrows_by_state_and_urgency(office: Office) -> None:
    office.outgoing("thang", "thường", urgency=0)
    office.outgoing("thang", "khẩn cấp", urgency=2)
    client = office.signed_in("thang")
    urgent = text_of(client.get("/outgoing/?urgent=1"))
    assert "khẩn cấp" in urgent
    assert ">thường<" not in urgent
    assert "khẩn cấp" in text_of(client.get("/outgoing/?state=DRAFT"))
    assert "khẩn cấp" not in text_of(client.get("/outgoing/?state=SENT"))


def test_older_documents_stand_on_the_next_page_once_each(office: Office) -> None:
    for number in range(53):
        office.outgoing("thang", f"văn bản thứ {number:03d}.", verb=None)
    client = office.signed_in("thang")
    first = text_of(client.get("/outgoing/"))
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = text_of(client.get("/outgoing/" + link))
    seen = [f"văn bản thứ {number:03d}." for number in range(53)]
    assert [(words in first, words in second) for words in seen].count((True, True)) == 0
    assert all(words in first or words in second for words in seen)
    assert "Mới nhất" in second


@pytest.mark.parametrize("bad", ["before=x", "before=' or 1=1", "state=NONSENSE", "urgent=no"])
def test_a_broken_address_shows_the_list_all_the_same(office: Office, bad: str) -> None:
    office.outgoing("thang", "vẫn thấy")
    assert "vẫn thấy" in text_of(office.signed_in("thang").get(f"/outgoing/?{bad}"))


def test_the_document_page_offers_the_next_thing_first(office: Office) -> None:
    document = office.outgoing("thang", "Về việc <script>alert(1)</script>", urgency=1)
    page = text_of(office.signed_in("thang").get(f"/documents/{document.pk}/"))
    assert page.index(f'action="/documents/{document.pk}/sign"') < page.index(
        f"/documents/{document.pk}/return"
    )
    assert "Trả lại cho người soạn?" in page
    assert "Trần Đức Thắng" in page
    assert "còn 3 giờ" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_a_document_of_somebody_else_is_not_there(office: Office) -> None:
    document = office.outgoing("binh", "của Bình")
    for who in ("thang", "cuc"):
        response = office.signed_in(who).get(f"/documents/{document.pk}/")
        assert response.status_code == 404
        assert "NOT_FOUND" in text_of(response)
        assert "của Bình" not in text_of(response)


def test_an_account_without_a_post_is_told_whom_to_ask(office: Office) -> None:
    post = office.posts["binh"]
    post.active = False
    post.save()
    response = office.signed_in("binh").get("/")
    assert response.status_code == 403
    assert "NO_POST" in text_of(response)


def test_an_unknown_address_has_a_page(office: Office) -> None:
    response = office.signed_in("hoa").get("/khong-co-trang-nay/")
    assert response.status_code == 404
    assert "Không có trang này" in text_of(response)


_ON_AN_AXIS = """
import django; django.setup()
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
from django.test import Client
page = Client().get("/accounts/login/").content.decode()
assert "Tên đăng nhập" in page
missing = Client().get("/outgoing/")
assert missing.status_code == 404, missing.status_code
print(Client().get("/")["Location"])
"""


def test_an_axis_site_has_only_its_operators_desk() -> None:
    """In a process of its own: the agency rooms are not even installed there."""
    site = {**os.environ, "VANTHU_SITE_KIND": "axis", "DJANGO_SETTINGS_MODULE": "vanthu.settings"}
    done = subprocess.run(
        [sys.executable, "-c", _ON_AN_AXIS], env=site, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "/axis/"


def test_the_language_can_be_changed(office: Office) -> None:
    client = office.signed_in("hoa")
    response = client.post("/i18n/setlang/", {"language": "en", "next": "/outgoing/"})
    assert response["Location"] == "/outgoing/"
    assert '<html lang="en"' in text_of(client.get("/outgoing/"))


def test_no_page_carries_inline_scripts_or_styles(office: Office, demo_mode: None) -> None:
    document = office.outgoing("thang", "trang văn bản")
    client = office.signed_in("thang")
    pages = [
        "/",
        "/incoming/",
        "/outgoing/",
        f"/documents/{document.pk}/",
        "/styleguide/",
        "/accounts/logout/",
    ]
    for path in pages:
        page = text_of(client.get(path))
        assert " style=" not in page, path
        assert " onclick=" not in page, path
        assert "<style" not in page, path
        assert all("src=" in part.split(">")[0] for part in page.split("<script")[1:]), path
