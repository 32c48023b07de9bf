"""Bad input: each gets a clear sentence to the person who can act, nothing is lost, nothing half done."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from tests.browser.person import Office, PersonAtDesk
from tests.cluster.helpers import rows, wait_for
from tests.pades.tampering import sign_again

from vanthu.demo import pki
from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import AXIS, GOVERNMENT_OFFICE, HA_TINH
from vanthu.demo.story.stories import sample_papers
from vanthu.edxml import (
    Attachment,
    Content,
    DocumentPacket,
    Organization,
    ResponseFor,
    Signer,
    StatusCode,
    StatusPacket,
    write,
)
from vanthu.pades import Pkcs12Key
from vanthu.vxp import Client, SendAnswer, VxpRefused

MARK = secrets.token_hex(3)
NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)
WARD = "H27.101"
"""The ward's clerk gets the bad packets; nobody else's list is disturbed."""


@cache
def letter() -> bytes:
    """A letter as a drafter hands it in."""
    return sample_papers()[0].content


# --- packets that another vendor's software puts on the axis ----------------------------------------------------------


@pytest.fixture
def vendor(cluster: DemoCluster) -> Client:
    """Other software that acts as the Government Office's member system."""
    secret = (cluster.root / "secrets" / f"axis-{GOVERNMENT_OFFICE.code}.secret").read_text()
    return Client(cluster.url(AXIS), GOVERNMENT_OFFICE.system_id, secret)


@pytest.fixture
def key(cluster: DemoCluster) -> Callable[..., Pkcs12Key]:
    """Opens the key of a demo person or of one of the authority's bad examples."""

    def opened(slug: str, at: datetime | None = None) -> Pkcs12Key:
        data = cluster.pki.material.p12(slug).read_bytes()
        return Pkcs12Key.open(data, pki.DEMO_PASSPHRASE, at=at or datetime.now(UTC))

    return opened


def _packet(number: int, pdf: bytes, *, to: str = WARD, sender: str = "G22") -> bytes:
    return write(
        DocumentPacket(
            sender=Organization(organ_id=sender, organ_name="Văn phòng Chính phủ"),
            recipients=(Organization(organ_id=to, organ_name="Nơi nhận"),),
            document_id=f"{sender},2026/11/20,{MARK}{number}/VPCP-HC",
            code_number=f"{MARK}{number}",
            code_notation="VPCP-HC",
            promulgation_date=date(2026, 11, 20),
            subject=f"Gói thử {number} ({MARK})",
            type_name="Công văn",
            place="Hà Nội",
            signer=Signer("", "Bộ trưởng, Chủ nhiệm", "Vũ Đức Thịnh"),
            attachments=(Attachment("cong-van.pdf", Content.of(pdf)),),
        )
    )


def _send(vendor: Client, body: bytes, *, to: str = WARD, sender: str = "G22") -> SendAnswer:
    return vendor.send_edoc(body, sender=sender, message_type="edoc", to=[to])


def test_signatures_that_do_not_hold_are_red_with_a_sentence(
    office: Office, vendor: Client, key: Callable[..., Pkcs12Key]
) -> None:
    """Tampered, by a stranger, by an expired certificate, none at all: the clerk sees which, and can refuse."""
    good = _signed(key("con-dau-g22"))
    long_ago = datetime(2020, 6, 1, tzinfo=UTC)
    bad = {
        1: (_tampered(good), "thay đổi"),
        2: (_signed(key(pki.UNTRUSTED)), "không"),
        3: (_signed(key(pki.EXPIRED, long_ago)), "hết hạn"),
        4: (letter(), "không có chữ ký số"),
    }
    for number, (pdf, _said) in bad.items():
        _send(vendor, _packet(number, pdf))
    for number, (_pdf, said) in bad.items():
        subject = f"Gói thử {number} ({MARK})"
        clerk = _await_arrival(office, subject)
        clerk.open_work("Chờ vào sổ", subject)
        clerk.sees("Có lỗi nghiêm trọng; nên từ chối và báo bên gửi.")
        failed = clerk.page.locator(".check-list .check-fail, .verdict-bad").all_inner_texts()
        assert any(said in line for line in failed), (number, failed)
        assert "Problem(" not in clerk.page.locator(".doc-panel").inner_text()
        assert clerk.page.locator(".panel-next .btn-main").inner_text().strip() == "Từ chối tiếp nhận"
        clerk.look(f"red-{number}")


def _signed(key: Pkcs12Key) -> bytes:
    """The letter signed by another program; in a thread, for Playwright keeps an event loop on this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(sign_again, letter(), key, "Seal").result()


def _tampered(pdf: bytes) -> bytes:
    """One byte of the page changed after signing; the file still opens."""
    at = pdf.index(b"/MediaBox") + pdf[pdf.index(b"/MediaBox") :].index(b"]") - 1
    changed = b"1" if pdf[at : at + 1] != b"1" else b"2"
    return pdf[:at] + changed + pdf[at + 1 :]


def _await_arrival(office: Office, subject: str) -> PersonAtDesk:
    """The ward's clerk in front of the list, once the document is there."""
    found = "SELECT 1 FROM records_document WHERE direction = 'INCOMING' AND subject = %s"
    wait_for(lambda: rows(office.cluster, HA_TINH, found, subject), f"“{subject}” arrives")
    clerk = office("thanhsen.vanthu")
    clerk.go("/incoming/?q=" + MARK)
    clerk.sees(subject, "main tr")
    return clerk


def test_the_same_packet_twice_is_one_document(
    office: Office, vendor: Client, key: Callable[..., Pkcs12Key]
) -> None:
    body = _packet(5, _signed(key("con-dau-g22")))
    first = _send(vendor, body)
    try:
        assert _send(vendor, body).doc_id
    except VxpRefused as refusal:
        assert refusal.text
    assert first.doc_id
    clerk = _await_arrival(office, f"Gói thử 5 ({MARK})")
    clerk.page.wait_for_timeout(2500)  # two rounds of asking the axis
    clerk.page.reload()
    assert clerk.page.locator("main tr").filter(has_text=f"Gói thử 5 ({MARK})").count() == 1


def test_packets_for_nobody_or_by_nobody_are_refused_by_the_axis(office: Office, vendor: Client) -> None:
    """Broken XML, a sender that is not this member's, a recipient that does not exist: the sender is told which."""
    strange = _packet(7, letter(), sender="X99.99")
    odd = _packet(8, letter(), to="H27.999")
    assert "cắt cụt" in _refusal(vendor, _packet(6, letter())[:-200])
    assert "X99.99" in _refusal(vendor, strange)
    assert "X99.99" in _refusal(vendor, strange, sender="X99.99")
    assert "H27.999" in _refusal(vendor, odd, to="H27.999")
    assert not _refusal(vendor, odd)  # the envelope names the ward, whatever the letterhead says
    _await_arrival(office, f"Gói thử 8 ({MARK})")


def test_a_report_about_nothing_is_quarantined_and_can_be_put_away_with_a_reason(
    office: Office, vendor: Client
) -> None:
    about = ResponseFor(
        organ_id=WARD,
        code=f"{MARK}/KH-UBND",
        document_id=f"{WARD},2026/11/20,{MARK}/KH-UBND",
        promulgation_date=date(2026, 11, 20),
    )
    sender = Organization(organ_id="G22", organ_name="Văn phòng Chính phủ")
    report = StatusPacket(response_for=about, sender=sender, status_code=StatusCode.COMPLETED, timestamp=NOON)
    vendor.send_edoc(write(report), sender="G22", message_type="status")
    clerk = office("thanhsen.vanthu")
    held = "SELECT 1 FROM exchange_inboxpacket WHERE state = 'QUARANTINED' AND wire_id || code LIKE %s"
    wait_for(lambda: rows(office.cluster, HA_TINH, held, f"%{MARK}%"), "the report is held apart")
    clerk.go("/exchange/quarantine/")
    packet = clerk.page.locator("article").filter(has_text=MARK)
    clerk.sees(f"{MARK}/KH-UBND", "article .notice-warn")
    clerk.sees("Cần:", "article .notice-warn")
    clerk.sees("Gắn trạng thái này với văn bản đã gửi", "article summary")
    packet.locator("summary", has_text="Loại bỏ gói tin").click()
    packet.get_by_label("Lý do").fill("Cơ quan không ban hành văn bản này.")
    clerk.look("quarantine")
    with clerk.page.expect_navigation():
        packet.get_by_role("button", name="Loại bỏ").click()
    clerk.told("Đã loại bỏ gói tin; nội dung vẫn được lưu.")
    assert not packet.count()


def _refusal(vendor: Client, body: bytes, *, to: str = WARD, sender: str = "G22") -> str:
    """Why the axis refused, empty when it took the packet."""
    try:
        _send(vendor, body, to=to, sender=sender)
    except VxpRefused as refusal:
        return refusal.text
    return ""


# --- files that a drafter picks ---------------------------------------------------------------------------------------


def _encrypted(pdf: bytes, target: Path) -> None:
    source = target.with_suffix(".plain")
    source.write_bytes(pdf)
    with pikepdf.open(source) as document:
        document.save(target, encryption=pikepdf.Encryption(user="mat-khau", owner="mat-khau"))


def test_a_file_that_cannot_be_used_is_refused_beside_its_field_and_nothing_typed_is_lost(
    office: Office, tmp_path: Path
) -> None:
    files: dict[str, tuple[Path, str]] = {
        name: (tmp_path / f"{name}.pdf", said)
        for name, said in {
            "rong": "rỗng",
            "chu": "không phải",
            "khoa": "mật khẩu",
            "hong": "hỏng",
            "lon": "vượt giới hạn",
        }.items()
    }
    pdf = letter()
    files["rong"][0].write_bytes(b"")
    files["chu"][0].write_bytes("Đây không phải PDF.".encode())
    _encrypted(pdf, files["khoa"][0])
    files["hong"][0].write_bytes(pdf[: len(pdf) // 3])
    with files["lon"][0].open("wb") as big:
        big.truncate(51 << 20)
    drafter = office("ubnd.chuyenvien")
    drafter.go("/drafts/new/")
    subject = f"Tệp không dùng được ({MARK})"
    drafter.page.get_by_label("Trích yếu nội dung").fill(subject)
    for path, said in files.values():
        drafter.page.set_input_files("#main-box input[type=file]", str(path))
        drafter.sees(said, "#main-box [data-file-error]:not([hidden])")
        drafter.look(f"upload-{path.stem}")
        assert drafter.page.get_by_label("Trích yếu nội dung").input_value() == subject
        assert not drafter.page.locator("#main-box .kept-file").count()
    (tmp_path / "tot.pdf").write_bytes(pdf)
    drafter.page.set_input_files("#main-box input[type=file]", str(tmp_path / "tot.pdf"))
    drafter.sees("tot.pdf", "#main-box .kept-file")
    drafter.page.reload()
    assert drafter.page.get_by_label("Trích yếu nội dung").input_value() == subject
