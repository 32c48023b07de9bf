"""Copies that an agency makes: which exist, what stands on them, their numbers, who may, and who may look them up."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
import qrcode
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from tests import world
from tests.pades.samples import decision
from tests.world import PASSPHRASE, Office, World

from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.base.actors import Actor, RoleRequired
from vanthu.blobs import store
from vanthu.copying import actions, queries, rules
from vanthu.copying.models import Copy, Form, Way
from vanthu.copying.rules import Wanted
from vanthu.errors import VanthuError
from vanthu.issuing import actions as issuing
from vanthu.pades import Verdict
from vanthu.pades.errors import WrongPassphrase
from vanthu.records import numbers
from vanthu.records import queries as records
from vanthu.records.models import Document, RegisterEntry
from vanthu.signing import service


@pytest.fixture
def offices(db: None) -> World:
    return world.build()


@pytest.fixture
def issued(offices: World) -> Document:
    return world.issued(offices.province, [offices.department.agency])


def wanted(
    office: Office, form: Form = Form.TRUE_COPY, way: Way = Way.ELECTRONIC_TO_PAPER, **more: Any
) -> Wanted:
    return Wanted(form, way, office.posts["leader"].pk, **more)


def scan(dpi: int = 200, mode: str = "RGB", pages: int = 1) -> bytes:
    """A paper as a scanner delivers it: pictures, no text."""
    size = (round(8.27 * dpi), round(11.69 * dpi))
    sheets = []
    for _ in range(pages):
        sheet = Image.new(mode, size, "white")
        sheet.paste(Image.new(mode, (size[0] // 2, size[1] // 3), 60 if mode == "L" else (60, 60, 90)),
                    (size[0] // 6, size[1] // 5))  # fmt: skip
        sheets.append(sheet)
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=dpi)
    return out.getvalue()


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """What an independent program reads on the pages."""
    (tmp_path / "t.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "t.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode()


def modules_of(url: str) -> list[list[bool]]:
    """The code as it has to be printed."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(url)
    code.make(fit=True)
    return [list(row) for row in code.get_matrix()]


_DARK_OR_LIGHT = b"#" * 128 + b"." * 128


def modules_in(pdf: bytes) -> list[list[bool]]:
    """The code on the first page as a camera sees it: found by its corners (dark and light as 1:1:3:1:1), then each
    module looked at in its middle."""
    with pdfium.PdfDocument(pdf) as document:
        seen = document[0].render(scale=6).to_pil().convert("L")
    wide, high, light = seen.width, seen.height, seen.tobytes()
    for y in range(high):
        row = light[y * wide : (y + 1) * wide].translate(_DARK_OR_LIGHT)
        corners = [
            found
            for found in re.finditer(rb"(?=(?<!#)(#+)(\.+)(#+)(\.+)(#+)(?!#))", row)
            if all(abs(len(found[n]) * 7 - width * sum(map(len, found.groups()))) < 14
                   for n, width in enumerate((1, 1, 3, 1, 1), start=1))
        ]  # fmt: skip
        if len(corners) == 2:
            module = sum(map(len, corners[0].groups())) / 7
            left, right = corners[0].start(1), corners[1].end(5)
            count = round((right - left) / module)
            module = (right - left) / count
            return [
                [
                    light[round(y + (down - 1.5) * module) * wide + round(left + (across + 0.5) * module)]
                    < 128
                    for across in range(count)
                ]
                for down in range(count)
            ]
    raise AssertionError("no code on the page")


def paper(office: Office, document: Document | None, upload: bytes | None = None, **more: Any) -> Copy:
    return actions.make_paper(
        office.clerk, document.pk if document else None, wanted(office, **more), stream(upload)
    )


def stream(upload: bytes | None) -> io.BytesIO | None:
    """As an uploaded file."""
    return io.BytesIO(upload) if upload is not None else None


PAPER_ONLY = {
    "source_code": "12/QĐ-UBND",
    "source_date": date(2019, 5, 4),
    "source_issuer": "Ủy ban nhân dân xã Mẫu",
    "source_subject": "Về việc riêng của một người",
}


def test_a_paper_copy_of_an_electronic_original_has_everything_the_decree_asks(
    offices: World, issued: Document, tmp_path: Path
) -> None:
    office = offices.province
    first = paper(office, issued, sheets=3, recipients=["Sở Tài chính", "Lưu: VT"])
    assert first.code == "01/SY-UBND"
    original = records.main_file(issued)
    assert original is not None
    before = store.read(original.sha256)

    made = actions.print_copy(office.clerk, first.pk)
    content = store.read(made.file_sha256)
    said = " ".join(text_of(content, tmp_path).split())
    for words in (
        "SAO Y",
        "Số: 01/SY-UBND",
        "Hà Tĩnh, ngày",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Nơi nhận:",
        "- Sở Tài chính;",
        "- Lưu: VT.",
        rules.spelled(first.lookup),
        "từ văn bản điện tử",
        office.clerk.name,
    ):
        assert words in said, words
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert "/AcroForm" not in pdf.Root  # a rendition: nobody takes it for the signed file
    assert store.read(original.sha256) == before

    assert modules_in(content) == modules_of(f"{settings.VANTHU.base_url}/c/{first.lookup}")

    again = actions.print_copy(office.clerk, first.pk)
    assert again.file_sha256 == made.file_sha256
    prints = Event.objects.filter(verb="copying.print", object_id=issued.pk)
    assert [event.data["sheets"] for event in prints] == [3, 3]


def test_all_forms_share_one_gapless_sequence_whatever_fails_between(
    offices: World, issued: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = offices.province
    codes = [paper(office, issued).code]
    with pytest.raises(RuntimeError, match="chết"), monkeypatch.context() as patch:
        patch.setattr(actions, "record_copy", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("chết")))
        paper(office, issued)
    codes.append(paper(office, issued, form=Form.SECONDARY_COPY, made_from="bản sao y số 01/SY-UBND").code)
    codes.append(
        paper(
            office, None, scan(), form=Form.EXTRACT, way=Way.PAPER_TO_PAPER, extent="Điều 5", **PAPER_ONLY
        ).code
    )
    assert codes == ["01/SY-UBND", "02/SL-UBND", "03/TrS-UBND"]
    assert all(audit.holds for audit in numbers.audit_sequences())
    assert Copy.objects.count() == 3

    actions.withdraw(office.clerk, Copy.objects.get(code=codes[0]).pk, "Sao nhầm văn bản")
    assert RegisterEntry.objects.get(copy__code=codes[0]).void_reason == "Sao nhầm văn bản"
    assert paper(office, issued).code == "04/SY-UBND"
    with clock.frozen(clock.now() + timedelta(days=366)):
        assert paper(office, issued).code == "01/SY-UBND"


def test_an_electronic_copy_of_a_paper_is_marked_then_signed_by_the_agency_alone(
    offices: World, tmp_path: Path
) -> None:
    office = offices.province
    asked = wanted(office, way=Way.PAPER_TO_ELECTRONIC, **PAPER_ONLY)
    with pytest.raises(WrongPassphrase):
        actions.make_electronic(office.clerk, None, asked, io.BytesIO(scan()), "sai")
    assert not Copy.objects.exists()

    made = actions.make_electronic(office.clerk, None, asked, io.BytesIO(scan()), PASSPHRASE)
    content = store.read(made.file_sha256)
    report = service.judge(content)
    assert report.verdict is Verdict.INDETERMINATE  # nobody to ask about revocation in tests
    assert [item.organization for item in report.signatures] == ["Ủy ban nhân dân tỉnh Hà Tĩnh"]
    said = " ".join(text_of(content, tmp_path).split())
    for words in (
        "SAO Y",
        "Ủy ban nhân dân tỉnh Hà Tĩnh",
        "+07:00",
        "chuyển từ văn bản giấy",
        rules.spelled(made.lookup),
    ):
        assert words in said, words
    assert (made.code, made.entry) == ("", None)  # the electronic form shows no number
    page = Client().post("/check/", {"file": SimpleUploadedFile("sao.pdf", content)}).content.decode()
    assert f"/c/{made.lookup}" in page  # from the file to its record


@pytest.mark.parametrize(
    ("sheet", "problem"),
    [
        (scan(150), "trang 1: độ phân giải 150 dpi"),
        (scan(200, "L"), "trang 1: không phải ảnh màu"),
        (decision(), "trang 1: không phải ảnh quét"),
    ],
)
def test_a_scan_below_the_standard_is_refused_with_what_is_wrong(
    offices: World, sheet: bytes, problem: str
) -> None:
    asked = wanted(offices.province, way=Way.PAPER_TO_ELECTRONIC, **PAPER_ONLY)
    with pytest.raises(rules.ScanBelowStandard, match=problem):
        actions.make_electronic(offices.province.clerk, None, asked, io.BytesIO(sheet), PASSPHRASE)


def test_what_the_decree_does_not_know_and_what_is_incomplete_is_refused(
    offices: World, issued: Document
) -> None:
    office = offices.province

    def refused(actor: Actor, document: Document | None, upload: bytes | None = None, **more: Any) -> str:
        with pytest.raises(VanthuError) as caught:
            actions.make_paper(
                actor, document.pk if document else None, wanted(office, **more), stream(upload)
            )
        return caught.value.code

    assert refused(office.clerk, issued, way=Way.ELECTRONIC_TO_ELECTRONIC) == "COPY_WAY_NOT_ALLOWED"
    assert refused(office.clerk, issued, form=Form.SECONDARY_COPY) == "COPY_INCOMPLETE"
    assert refused(office.clerk, issued, form=Form.EXTRACT, extent="Điều 1") == "COPY_INCOMPLETE"
    assert refused(office.clerk, None, scan(), way=Way.PAPER_TO_PAPER) == "COPY_INCOMPLETE"
    assert refused(office.specialist, issued) == RoleRequired.code
    assert refused(offices.department.clerk, issued) == "NOT_FOUND"
    draft = world.draft(office, [offices.department.agency])
    assert refused(office.clerk, draft) in {"NOT_FOUND", "COPY_SOURCE_NOT_ISSUED"}
    stranger = Wanted(Form.TRUE_COPY, Way.ELECTRONIC_TO_PAPER, offices.department.posts["leader"].pk)
    with pytest.raises(rules.CopySignerUnknown):
        actions.make_paper(office.clerk, issued.pk, stranger)
    assert not RegisterEntry.objects.filter(document=None).exists()


@hypothesis_settings(max_examples=40)
@given(st.text(alphabet=rules.ALPHABET, min_size=16, max_size=16), st.data())
def test_a_code_is_read_however_it_is_typed_off_the_paper(code: str, data: st.DataObject) -> None:
    typed = "".join(
        data.draw(st.sampled_from([char, char.lower(), {"0": "O", "1": "l"}.get(char, char)]))
        for char in code
    )
    assert (
        rules.read_lookup(rules.spelled(typed).replace("-", data.draw(st.sampled_from(["-", " ", ""]))))
        == code
    )


def test_anybody_looks_a_copy_up_by_its_code_and_learns_whether_it_still_stands(
    offices: World, issued: Document
) -> None:
    office, anybody = offices.province, Client()
    made = paper(office, issued)
    page = anybody.get(f"/c/{rules.spelled(made.lookup).lower()}")
    said = page.content.decode()
    assert page.status_code == 200
    for words in ("đang có giá trị", made.code, issued.code, issued.subject, made.source_sha256):
        assert words in said
    assert "signer" not in said and office.clerk.name not in said
    software = anybody.get(f"/c/{made.lookup}", headers={"accept": "application/json"}).json()
    assert (software["standing"], software["document"]["code"]) == ("IN_FORCE", issued.code)

    Document.objects.filter(pk=issued.pk).update(restriction="INTERNAL_ONLY")
    restricted = paper(office, issued)
    assert issued.subject not in anybody.get(f"/c/{restricted.lookup}").content.decode()
    of_paper = paper(office, None, scan(), way=Way.PAPER_TO_PAPER, **PAPER_ONLY)
    assert "riêng của một người" not in anybody.get(f"/c/{of_paper.lookup}").content.decode()

    Document.objects.filter(pk=issued.pk).update(restriction="")
    actions.withdraw(office.clerk, restricted.pk, "Lý do nội bộ")
    withdrawn = anybody.get(f"/c/{restricted.lookup}").content.decode()
    assert "Bản sao đã bị thu hồi" in withdrawn and "Lý do nội bộ" not in withdrawn
    Document.objects.filter(pk=issued.pk).update(sealed_at=clock.now())
    assert issued.subject not in anybody.get(f"/c/{made.lookup}").content.decode()
    Document.objects.filter(pk=issued.pk).update(sealed_at=None)
    issuing.recall(office.leader, issued.pk, "Ban hành sai thẩm quyền")
    assert "Văn bản được sao đã bị thu hồi" in anybody.get(f"/c/{made.lookup}").content.decode()
    with pytest.raises(rules.CopySourceWithdrawn):
        actions.print_copy(office.clerk, made.pk)
    with pytest.raises(rules.CopySourceWithdrawn):
        paper(office, issued)


def test_codes_cannot_be_tried_out(offices: World, issued: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    made = paper(offices.province, issued)
    near = made.lookup[:-1] + ("0" if made.lookup[-1] != "0" else "1")
    answers = []
    for number, code in enumerate((near, "x", "' OR 1=1 --", made.lookup * 3)):
        with CaptureQueriesContext(connection) as asked:
            page = Client(REMOTE_ADDR=f"198.51.100.{number}").get(f"/c/{code}")
        body = re.sub(r'value="[^"]*"|"X-CSRFToken": "\w+"', "", page.content.decode())
        answers.append((page.status_code, len(asked), body))
    assert {status for status, _, _ in answers} == {404}
    assert len({count for _, count, _ in answers}) == 1
    assert len({body for _, _, body in answers}) == 1

    monkeypatch.setattr(settings.VANTHU, "public_lookups_per_minute", 2)
    with clock.frozen(world.NOW):
        tried = [Client(REMOTE_ADDR="203.0.113.9").get(f"/c/{near}").status_code for _ in range(3)]
        assert tried == [404, 404, 429]
        assert Client(REMOTE_ADDR="203.0.113.9").get(f"/c/{made.lookup}").status_code == 429


def signed_in(office: Office, name: str) -> Client:
    client = Client()
    client.force_login(office.posts[name].person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_pages_of_copies_are_for_those_whose_business_they_are(offices: World, issued: Document) -> None:
    office = offices.province
    clerk = signed_in(office, "clerk")
    form = {
        "way": "E2P",
        "form": "SY",
        "signer": str(office.posts["leader"].pk),
        "sheets": "2",
        "recipients": "",
    }
    page = clerk.get(f"/documents/{issued.pk}/copy")
    assert page.status_code == 200
    made = clerk.post(f"/documents/{issued.pk}/copy", form)
    assert made.status_code == 302, made.content.decode()
    found = Copy.objects.get()
    assert made["Location"] == f"/copies/{found.pk}/"
    printed = clerk.post(f"/copies/{found.pk}/print", follow=True)
    assert b"".join(printed.streaming_content).startswith(b"%PDF")
    assert found.code in clerk.get(f"/documents/{issued.pk}/").content.decode()
    register = clerk.get("/registers/").content.decode()
    assert "Sổ đăng ký bản sao" in register
    assert found.code in clerk.get("/copies/").content.decode()
    digitised = clerk.post(
        "/copies/new/",
        {**form, **PAPER_ONLY, "way": "P2E", "passphrase": PASSPHRASE,
         "file": SimpleUploadedFile("quet.pdf", scan(), "application/pdf")},
    )  # fmt: skip
    assert digitised.status_code == 302, digitised.content.decode()

    drafter, colleague, other = (
        signed_in(office, "specialist"), signed_in(office, "colleague"), signed_in(offices.department, "clerk")
    )  # fmt: skip
    assert drafter.get(f"/copies/{found.pk}/").status_code == 200
    for who in (colleague, other):
        assert who.get(f"/copies/{found.pk}/").status_code == 404
        assert who.get(f"/copies/{found.pk}/file").status_code == 404
    for who, path in (
        (drafter, f"/documents/{issued.pk}/copy"),
        (drafter, "/copies/new/"),
        (drafter, "/copies/"),
    ):
        assert who.get(path).status_code == 403
    assert drafter.get(f"/copies/{found.pk}/file").status_code == 404
    for who in (drafter, colleague, other):
        for verb in ("print", "withdraw"):
            who.post(f"/copies/{found.pk}/{verb}", {"reason": "Thử"}, headers={"accept": "application/json"})
    assert found.code not in other.get("/copies/").content.decode()
    assert Event.objects.filter(verb__in=["copying.print", "copying.withdraw"]).count() == 1


def test_the_register_of_copies_asks_the_database_as_often_for_many_as_for_few(
    offices: World, issued: Document
) -> None:
    clerk = signed_in(offices.province, "clerk")
    counts = []
    for _ in range(2):
        for _ in range(3):
            paper(offices.province, issued)
        with CaptureQueriesContext(connection) as asked:
            assert clerk.get("/copies/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert len(queries.of_document(issued)) == 6
