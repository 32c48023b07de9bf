"""The leader's ten minutes on a phone: work list, page, signature; and no page wider than the screen."""

from __future__ import annotations

import secrets

import pytest
from tests.browser.person import PHONE, Office

from vanthu.demo import samples
from vanthu.demo.cluster import DemoCluster
from vanthu.demo.pki import DEMO_PASSPHRASE
from vanthu.demo.story.desk import desk_of
from vanthu.demo.story.stories import letterhead_of

SUBJECT = f"Báo cáo ký trên điện thoại ({secrets.token_hex(3)})"
PAGES = ("/", "/incoming/", "/outgoing/", "/registers/", "/directory/", "/search/?q=bao cao", "/drafts/new/")


@pytest.fixture
def to_sign(cluster: DemoCluster) -> str:
    """A letter of the ward that waits for its chairman; returns the document's path."""
    letter = samples.cong_van(letterhead=letterhead_of("hatinh", "thanhsen.chutich", "VP"))
    with desk_of(cluster, "thanhsen.chuyenvien") as drafter:
        people = {person["name"]: person["id"] for person in drafter.get("/colleagues")}
        agency = drafter.get("/agencies", q="H27.14")[0]["id"]
        entered = {"type_code": "CONG_VAN", "subject": SUBJECT, "urgency": 1}
        entered |= {"signer_id": people["Nguyễn Trọng Hiếu"], "recipient_ids": [agency]}
        key = drafter.post("/drafts", entered)["id"]
        drafter.upload(f"/drafts/{key}/main", "bao-cao.pdf", letter)
        drafter.post(f"/documents/{key}/submit")
    return f"/documents/{key}/"


def test_the_leader_signs_on_a_phone(office: Office, to_sign: str) -> None:
    leader = office("thanhsen.chutich", size=PHONE)
    leader.assert_fits()
    leader.look("work")
    assert leader.open_work("Chờ ký", SUBJECT) == to_sign
    leader.sees_pages_drawn()
    leader.assert_fits()
    leader.look("page")
    leader.page.locator(".doc-bar [data-sheet=doc-panel]").tap()
    leader.sees(SUBJECT, "#doc-panel.sheet-open")
    leader.look("details")
    leader.page.keyboard.press("Escape")
    leader.page.locator(".doc-bar [data-press]").tap()
    dialog = leader.page.locator("#dialog-sign[open]")
    dialog.get_by_label("Mật khẩu khóa ký").fill(DEMO_PASSPHRASE)
    leader.look("sign")
    leader.assert_fits()
    leader.confirm(dialog)
    leader.told("Đã ký số")
    leader.assert_fits()
    leader.look("signed")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_page_is_wider_than_a_phone(office: Office, to_sign: str, language: str) -> None:
    leader = office.arrive("thanhsen.chutich", size=PHONE, theme="dark")
    leader.choose_self()
    leader.context.add_cookies([{"name": "vanthu_language", "value": language, "url": leader.address}])
    for path in (*PAGES, to_sign):
        leader.go(path)
        assert leader.page.locator("html").get_attribute("lang") == language
        leader.assert_fits()
        leader.look(language + path.replace("/", "-").split("?")[0][:12])
