"""What a signed file holds is taken out to be read; the signed file stays what was received."""

from __future__ import annotations

import hashlib
import io
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import world as worlds
from tests.formalities.papers import paper
from tests.handling import letters
from tests.handling.test_other_signatures import signed_alone
from tests.jobs import run_jobs
from tests.signing.staff import signed_in

from vanthu import cms
from vanthu.exchange import inbox, secrecy
from vanthu.exchange.models import InboxPacket, InboxState, SecretState
from vanthu.handling import contents
from vanthu.handling.rules import Check
from vanthu.pades import Trust
from vanthu.records import queries
from vanthu.records.models import Direction, Document, FileKind


def test_the_content_of_signed_files_is_shown_beside_them(world: worlds.World, tmp_path: Path) -> None:
    letter = worlds.official_letter(world.province)
    signed = signed_alone(tmp_path, letter, inside=True)
    attached = [
        ("cong-van.pdf.p7m", signed),
        ("bang.xlsx.p7m", signed_alone(tmp_path, b"\x89PNG\r\n\x1a\n anh", inside=True)),
    ]
    letters.issued(world.province, [world.department.agency], attached=attached)
    run_jobs()
    arrived = Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)
    files = queries.readable_files(arrived)
    main, content = files[:2]
    assert (main.kind, main.name, main.sha256) == (
        FileKind.MAIN,
        "cong-van.pdf.p7m",
        hashlib.sha256(signed).hexdigest(),
    )
    assert (content.kind, content.name, content.media_type) == (
        FileKind.CONTENT,
        "cong-van.pdf",
        "application/pdf",
    )
    assert (content.sha256, content.source_sha256) == (hashlib.sha256(letter).hexdigest(), main.sha256)
    said = {(check["code"], check["text"]) for check in arrived.intake.checks}
    assert any(
        code == "SIGNATURES" and text.startswith("cong-van.pdf.p7m: Võ Trọng Thử") for code, text in said
    )
    assert not any("không có chữ ký số" in text for _, text in said)
    assert not any(code == "SECRET" for code, _ in said)

    clerk = signed_in(world.department.posts["clerk"])
    page = clerk.get(f"/documents/{arrived.pk}/").content.decode()
    assert f'data-url="/files/{content.pk}"' in page, "the letter is read on the page"
    assert f"/files/{main.pk}?download=1" in page
    assert "lấy nội dung bên trong tệp ký số cong-van.pdf.p7m" in page
    shown = clerk.get(f"/files/{content.pk}")
    assert (b"".join(shown.streaming_content), shown["Content-Disposition"][:6]) == (letter, "inline")  # type: ignore[attr-defined]
    table = next(file for file in files if file.name == "bang.xlsx")
    assert ("CONTENT", "bang.xlsx: nội dung không đúng loại tệp như tên gọi") in said
    assert clerk.get(f"/files/{table.pk}")["Content-Disposition"].startswith("attachment")
    assert signed_in(world.province.posts["leader"]).get(f"/files/{content.pk}").status_code == 404

    assert contents.take_out(arrived) == []
    assert queries.readable_files(arrived) == files, "another look keeps nothing twice"


def test_what_a_signed_file_holds_is_not_stored_when_it_is_marked_unless_two_people_took_the_mark_for_none(
    world: worlds.World, tmp_path: Path
) -> None:
    marked = signed_alone(tmp_path, paper(number="TUYỆT MẬT"), inside=True)
    letters.issued(world.province, [world.department.agency], attached=[("dac-biet.pdf.p7m", marked)])
    run_jobs()
    row = InboxPacket.objects.get(agency=world.department.agency)
    assert row.state == InboxState.QUARANTINED
    assert not Document.objects.filter(direction=Direction.INCOMING).exists()
    first, second = (world.department.actor(name) for name in ("clerk", "leader"))
    secrecy.ask(first, row.pk, SecretState.CLEAR_ASKED, "Tên một vở kịch")
    inbox.confirm_secret(second, row.pk)
    run_jobs()
    arrived = Document.objects.get(direction=Direction.INCOMING)
    assert [file.name for file in queries.readable_files(arrived)] == ["dac-biet.pdf.p7m", "dac-biet.pdf"]
    assert not any(check["code"] == "SECRET" for check in arrived.intake.checks)

    unasked = contents._inside(arrived.files.get(kind=FileKind.MAIN), cleared=False)
    assert isinstance(unasked, Check), "what came encrypted is opened when nobody can hold it any more"
    assert (unasked.code, "TUYỆT MẬT" in unasked.text) == ("SECRET", True)


def test_contents_are_found_however_the_file_is_written(tmp_path: Path) -> None:
    letter = b"Noi dung" * 1000
    whole = signed_alone(tmp_path, letter, inside=True)
    streamed = signed_alone(tmp_path, letter, inside=True, more=["-stream"])
    pem = b"-----BEGIN PKCS7-----\n" + b64encode(whole) + b"\n-----END PKCS7-----\n"
    for data in (whole, streamed, pem, b64encode(whole)):
        assert _content(data) == letter
    assert _content(signed_alone(tmp_path, letter)) is None, "beside its file"
    for broken in (b"", b"0", b"%PDF-1.7", whole[:300], whole[: len(whole) // 2]):
        _content(broken)
    with pytest.raises(cms.ContentTooLarge):
        cms.content_of(io.BytesIO(whole), io.BytesIO(), largest=100)


def test_a_signed_file_that_shows_something_else_as_pdf_is_refused(tmp_path: Path) -> None:
    """A viewer of PDF finds its objects wherever they lie in a file, also behind the signed content."""
    letter = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"
    nobody = Trust(roots=())
    for more in ([], ["-stream"]):
        whole = signed_alone(tmp_path, letter, inside=True, more=more)
        assert cms.recognise(whole) is cms.Form.CMS, "not a PDF, although one begins in its first kilobyte"
        for data, harmless in (
            (whole, True),
            (whole + b"\n", True),
            (whole + b"\n2 0 obj <<>> endobj", False),
        ):
            codes = {reason.code for reason in cms.validate_any(data, nobody).all_reasons}
            assert ("COVERAGE_UNCLEAR" not in codes) is harmless
            assert not codes & {"CONTENT_CHANGED", "SIGNATURE_UNREADABLE"}


@given(st.binary(max_size=400))
def test_no_file_makes_the_reader_of_contents_fail(tail: bytes) -> None:
    frame = bytes.fromhex("3080 06092a864886f70d010702 a080 3080 020101 3100 3080 06092a864886f70d010701")
    _content(frame + tail)


def _content(data: bytes) -> bytes | None:
    target = io.BytesIO()
    return None if cms.content_of(io.BytesIO(data), target) is None else target.getvalue()
