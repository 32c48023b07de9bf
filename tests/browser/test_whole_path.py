"""The whole path in real browsers, each step by the person whose step it is, pages told by nobody to reload."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from tests.browser.person import Office, PersonAtDesk

from vanthu.demo.pki import DEMO_PASSPHRASE
from vanthu.demo.story.stories import Paper, sample_papers

MARK = secrets.token_hex(3)
"""Other tests fill the same lists."""
SUBJECT = f"Phương án phòng, chống thiên tai năm 2026 ({MARK})"
ANSWER = f"Trả lời về phương án phòng, chống thiên tai ({MARK})"
COMMENT = "Bổ sung số điện thoại trực ban vào mục 2."
REFUSAL = "Công ty không thuộc phạm vi điều chỉnh của quyết định này."
CODE = re.compile(r"\d+/QĐ-UBND")


@pytest.fixture
def papers(tmp_path: Path) -> tuple[Paper, Paper]:
    """A decision with an annex, and a letter that answers."""
    letter, decision = sample_papers()
    assert letter.answer is not None
    return decision, letter.answer


def _file(tmp_path: Path, name: str, content: bytes) -> str:
    path = tmp_path / name
    path.write_bytes(content)
    return str(path)


def test_the_whole_path(office: Office, papers: tuple[Paper, Paper], tmp_path: Path) -> None:
    decision, answer = papers
    document = _draft(office, decision, tmp_path)
    _return_and_repair(office, document, decision, tmp_path)
    _sign(office)
    code = _issue(office)
    clerk = office("ubnd.vanthu")
    _refuse(office)
    clerk.sees(REFUSAL, "#deliveries")
    incoming = _register_and_direct(office, code)
    answer_code = _answer(office, incoming, answer, tmp_path)
    _complete(office, incoming, answer_code)
    _sender_sees_everything(office, code, answer_code)


# --- at the sender ----------------------------------------------------------------------------------------------------


def _draft(office: Office, paper: Paper, tmp_path: Path) -> str:
    drafter = office.arrive("ubnd.chuyenvien")
    drafter.type_password()
    page = drafter.page
    drafter.go("/outgoing/")
    page.locator("main").get_by_role("link", name="Soạn văn bản").click()
    page.get_by_label("Trích yếu nội dung").fill(SUBJECT)
    page.get_by_label("Tên loại").select_option("Quyết định")
    page.get_by_label("Mức độ khẩn").select_option("Thượng khẩn")
    page.get_by_label("Người ký").select_option("Trần Quốc Thắng – Chủ tịch")
    _choose(drafter, "so noi vu", "Sở Nội vụ tỉnh Hà Tĩnh")
    _choose(drafter, "van phong chinh phu", "Văn phòng Chính phủ")
    _choose(drafter, "cap nuoc", "Công ty cổ phần Cấp nước Hà Tĩnh")
    page.get_by_label("Nơi nhận ghi trên văn bản").fill(
        "Như Điều 3\nVăn phòng Chính phủ (để báo cáo)\nLưu: VT, VP"
    )
    with page.expect_file_chooser() as chooser:
        page.locator("#main-box [data-drop]").click()
    chooser.value.set_files(_file(tmp_path, "quyet-dinh.pdf", paper.content))
    drafter.sees("quyet-dinh.pdf", "#main-box .kept-file")
    name, annex = paper.annexes[0]
    with page.expect_file_chooser() as chooser:
        page.locator("#annex-box [data-drop]").click()
    chooser.value.set_files(_file(tmp_path, name, annex))
    drafter.sees(name, "#annex-box .kept-file")
    drafter.look("draft")
    with page.expect_navigation():
        page.get_by_role("button", name="Trình", exact=True).click()
    drafter.told("Đã trình Nguyễn Hữu Phước xem xét.")
    drafter.look("submitted")
    office.adopt(drafter)
    return drafter.path


def _choose(drafter: PersonAtDesk, typed: str, name: str) -> None:
    """Pick an agency by typing without accents, arrow and Enter."""
    search = drafter.page.locator("#agency-search")
    search.fill(typed)
    option = drafter.page.locator("[data-option]").filter(has_text=name).first
    option.wait_for()
    drafter.page.wait_for_selector(f".option-present:has-text('{name}')")
    search.press("Enter")
    drafter.sees(name, "[data-chip]")


def _return_and_repair(office: Office, document: str, paper: Paper, tmp_path: Path) -> None:
    _approve(office)
    leader = office("ubnd.chutich")
    leader.open_work("Chờ ký", SUBJECT)
    leader.sees_pages_drawn()
    leader.look("to-sign")
    leader.page.get_by_label("Ý kiến của bạn").fill(COMMENT)
    with leader.page.expect_navigation():
        leader.page.locator("#section-comments button[type=submit]").click()
    leader.sees(COMMENT, "#section-comments")
    dialog = leader.ask("Trả lại")
    leader.look("return-dialog")
    dialog.get_by_label("Lý do trả lại, nội dung cần sửa").fill("Đề nghị bổ sung như ý kiến.")
    leader.confirm(dialog)
    leader.told("Đã trả lại người soạn thảo.")
    drafter = office("ubnd.chuyenvien")
    drafter.open_work("Cần chỉnh sửa", SUBJECT)
    drafter.sees("Bị trả lại: Đề nghị bổ sung như ý kiến.")
    drafter.sees(COMMENT, "#section-comments")
    drafter.look("returned")
    drafter.page.get_by_role("link", name="Sửa", exact=True).click()
    drafter.page.set_input_files("#main-box input[type=file]", _file(tmp_path, "ban-2.pdf", paper.content))
    drafter.sees("bản 2", "#main-box .kept-file")
    with drafter.page.expect_navigation():
        drafter.page.get_by_role("button", name="Trình", exact=True).click()
    drafter.told("Đã trình Nguyễn Hữu Phước xem xét.")
    _approve(office)


def _approve(office: Office) -> None:
    head = office("ubnd.chanhvp")
    head.go("/")
    head.sees("Thượng khẩn", "section.group .row-side")
    head.open_work("Chờ xem xét", SUBJECT)
    head.sees_pages_drawn()
    head.look("review")
    head.press("Duyệt, chuyển ký")
    head.told("Đã duyệt và chuyển người có thẩm quyền ký.")


def _sign(office: Office) -> None:
    """A wrong passphrase is said clearly; then the keyboard alone signs."""
    leader = office("ubnd.chutich")
    leader.open_work("Chờ ký", SUBJECT)
    leader.with_key("Ký", "sai mật khẩu")
    leader.sees("Mật khẩu của khóa ký không đúng", "#dialog-sign[open] .notice-bad")
    leader.look("wrong-passphrase")
    leader.sees("Chờ ký", ".doc-head")
    page = leader.page
    page.keyboard.press("Escape")
    leader.tab_to("[data-dialog=sign]")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.name === 'passphrase'")
    leader.look("sign-dialog")
    page.keyboard.type(DEMO_PASSPHRASE)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    leader.told("Đã ký số")
    leader.sees("Trần Quốc Thắng", "#section-signatures")
    leader.look("signed")


def _issue(office: Office) -> str:
    clerk = office("ubnd.vanthu")
    clerk.open_work("Chờ cấp số, đóng dấu và phát hành", SUBJECT)
    clerk.sees(re.compile(r"Hạn gửi .*QĐ 28/2018/QĐ-TTg Điều 5"), ".holders")
    dialog = clerk.ask("Cấp số, đóng dấu và phát hành")
    clerk.look("issue-dialog")
    dialog.get_by_label("Mật khẩu khóa ký").fill(DEMO_PASSPHRASE)
    clerk.confirm(dialog)
    clerk.told("phát hành")
    clerk.look("issued")
    row = _delivery(clerk, "Văn phòng Chính phủ")
    row.get_by_text("Đã đến").first.wait_for()  # by itself: nobody reloads this page
    clerk.sees_pages_drawn()
    clerk.look("deliveries")
    found = CODE.search(clerk.page.locator(".doc-head .code-number").inner_text())
    assert found is not None
    return found.group()


def _delivery(person: PersonAtDesk, recipient: str) -> Any:
    return person.page.locator("#deliveries tbody tr").filter(has_text=recipient)


# --- at the recipients ------------------------------------------------------------------------------------------------


def _refuse(office: Office) -> None:
    clerk = office("capnuoc.vanthu")
    clerk.await_work("Chờ vào sổ", SUBJECT)
    clerk.open_work("Chờ vào sổ", SUBJECT)
    dialog = clerk.ask("Từ chối tiếp nhận")
    dialog.get_by_label("Lý do").select_option("Gửi sai nơi nhận")
    dialog.get_by_label("Nội dung gửi lại bên gửi").fill(REFUSAL)
    clerk.look("reject-dialog")
    clerk.confirm(dialog)
    clerk.told("Đã từ chối tiếp nhận và báo bên gửi.")
    clerk.look("rejected")


def _register_and_direct(office: Office, code: str) -> str:
    clerk = office("vpcp.vanthu")
    clerk.await_work("Chờ vào sổ", SUBJECT)
    clerk.sees("Thượng khẩn", "section.group .row-side")
    clerk.look("work")
    incoming = clerk.open_work("Chờ vào sổ", SUBJECT)
    clerk.sees(code, ".doc-head")
    clerk.sees("Đầy đủ, toàn vẹn, xác thực. Vào sổ được ngay.")
    assert clerk.page.locator(".check-list .check-pass").count() >= 3
    assert not clerk.page.locator(".check-list .check-fail").count()
    clerk.sees_pages_drawn()
    clerk.look("check-report")
    dialog = clerk.ask("Vào sổ")
    clerk.look("register-dialog")
    clerk.confirm(dialog)
    clerk.told(re.compile(r"Đã vào sổ, số đến \d+"))
    leader = office("vpcp.chunhiem")
    leader.open_work("Chờ cho ý kiến chỉ đạo", SUBJECT)
    dialog = leader.ask("Giao xử lý")
    lead = dialog.get_by_label("Chủ trì")
    lead.select_option(lead.locator("option", has_text="Đinh Công Thành").get_attribute("value"))
    dialog.get_by_text("Người phối hợp").click()
    dialog.get_by_label(re.compile("Lương Thị Kim Oanh")).first.check()
    dialog.get_by_label("Thời hạn").fill("2026-12-04")
    dialog.get_by_label("Ý kiến chỉ đạo").fill("Nghiên cứu, tham mưu văn bản trả lời UBND tỉnh.")
    leader.look("directive-dialog")
    leader.confirm(dialog)
    leader.told("Đã giao xử lý.")
    leader.look("directed")
    return incoming


def _answer(office: Office, incoming: str, paper: Paper, tmp_path: Path) -> str:
    """The lead starts and answers; the people of the Government Office bring the answer out."""
    lead = office("vpcp.chuyenvien")
    lead.open_work("Chủ trì xử lý", SUBJECT)
    lead.press("Bắt đầu xử lý")
    lead.told("Đã bắt đầu xử lý.")
    lead.look("started")
    lead.page.get_by_role("link", name="Soạn văn bản trả lời").click()
    lead.sees("Ủy ban nhân dân tỉnh Hà Tĩnh", "[data-chip]")
    lead.page.get_by_label("Trích yếu nội dung").fill(ANSWER)
    lead.page.get_by_label("Người ký").select_option("Vũ Đức Thịnh – Chủ nhiệm")
    lead.page.set_input_files("#main-box input[type=file]", _file(tmp_path, "tra-loi.pdf", paper.content))
    lead.sees("tra-loi.pdf", "#main-box .kept-file")
    lead.look("answer")
    with lead.page.expect_navigation():
        lead.page.get_by_role("button", name="Trình", exact=True).click()
    head = office("vpcp.vutruong")
    head.open_work("Chờ xem xét", ANSWER)
    head.press("Duyệt, chuyển ký")
    leader = office("vpcp.chunhiem")
    leader.open_work("Chờ ký", ANSWER)
    leader.with_key("Ký")
    clerk = office("vpcp.vanthu")
    clerk.open_work("Chờ cấp số, đóng dấu và phát hành", ANSWER)
    clerk.with_key("Cấp số, đóng dấu và phát hành")
    clerk.told("phát hành")
    return str(clerk.page.locator(".doc-head .code-number").inner_text()).strip()


def _complete(office: Office, incoming: str, answer_code: str) -> None:
    collaborator = office("vpcp.vutruong")
    collaborator.open_work("Phối hợp xử lý", SUBJECT)
    collaborator.confirm(collaborator.ask("Xong phần phối hợp"))
    lead = office("vpcp.chuyenvien")
    lead.go(incoming)
    lead.sees(answer_code, ".doc-panel")
    dialog = lead.ask("Hoàn thành")
    lead.look("complete-dialog")
    lead.confirm(dialog)  # no words needed: the answer is the result
    lead.told("Đã hoàn thành xử lý văn bản.")
    lead.look("completed")


# --- and back at the sender -------------------------------------------------------------------------------------------


def _sender_sees_everything(office: Office, code: str, answer_code: str) -> None:
    clerk = office("ubnd.vanthu")  # still in front of the page that issued
    row = _delivery(clerk, "Văn phòng Chính phủ")
    row.get_by_text("Hoàn thành").first.wait_for()
    if not row.locator("details[open]").count():
        row.get_by_text("Từng bước").click()
    steps = row.locator(".delivery-steps li").all_inner_texts()
    said = "\n".join(steps)
    for step, who in (
        ("Đã đến", ""),
        ("Đã tiếp nhận", "Tạ Thị Hồng Nhung"),
        ("Phân công", "Vũ Đức Thịnh"),
        ("Đang xử lý", "Đinh Công Thành"),
        ("Hoàn thành", "Đinh Công Thành"),
    ):
        assert re.search(rf"{step}.*\d\d:\d\d.*{who}", said), said
    clerk.look("statuses")
    refused = _delivery(clerk, "Công ty cổ phần Cấp nước Hà Tĩnh").inner_text()
    assert REFUSAL in refused
    assert "Bị từ chối tiếp nhận" in refused
    clerk.page.reload()
    clerk.page.get_by_text(re.compile(r"Xem \d+ dòng cũ hơn")).click()
    history = "\n".join(clerk.page.locator(".timeline-list").all_inner_texts())
    for sentence in (
        "Đặng Minh Đức soạn dự thảo",
        "Nguyễn Hữu Phước duyệt nội dung, chuyển ký",
        "Trần Quốc Thắng trả lại",
        "Trần Quốc Thắng ký số",
        f"Phạm Thị Ngọc Diệp cấp số {code}",
        "Phạm Thị Ngọc Diệp phát hành tới 3 nơi nhận",
    ):
        assert sentence in history, history
    clerk.look("history")
    clerk.await_work("Chờ vào sổ", ANSWER)
    clerk.go("/incoming/")
    clerk.sees(answer_code, "main")
    clerk.look("incoming")
    clerk.go("/outgoing/")
    clerk.sees("Thượng khẩn", "main tr")
    clerk.look("outgoing")
