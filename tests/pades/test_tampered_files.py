"""Files that byte-range tools call valid and that must be INVALID here (the lettered experiments)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.sign.fields import MDPPerm
from tests.pades import tampering
from tests.pades.conftest import NOW, Authority, Sealer
from tests.pades.mutating import wrongly_valid
from tests.pades.tampering import (
    add_text_field,
    byte_range,
    draw_on_page,
    flip_byte,
    set_appearance,
    set_field,
    sign_again,
    with_byte_range,
)

from vanthu import pades


def verdict(pdf: bytes, authority: Authority) -> tuple[pades.Verdict, set[str]]:
    report = pades.validate(pdf, authority.trust(), at=NOW)
    return report.verdict, {reason.code for reason in report.all_reasons}


DAYS = timedelta(days=365)

AFTER_THE_LEADER: dict[str, Callable[[bytes], bytes]] = {
    "C vẽ số vào trang": draw_on_page,
    "D thêm trường": add_text_field,
}


@pytest.mark.parametrize("harm", AFTER_THE_LEADER.values(), ids=AFTER_THE_LEADER)
def test_changing_the_file_after_the_leader_breaks_it(
    signed: bytes, authority: Authority, harm: Callable[[bytes], bytes]
) -> None:
    found, reasons = verdict(harm(signed), authority)
    assert found is pades.Verdict.INVALID
    assert "FORBIDDEN_CHANGE" in reasons


@pytest.mark.parametrize("harm", AFTER_THE_LEADER.values(), ids=AFTER_THE_LEADER)
def test_a_later_valid_signature_does_not_heal_it(
    signed: bytes, authority: Authority, harm: Callable[[bytes], bytes]
) -> None:
    pdf = sign_again(harm(signed), authority.key("ubnd"))
    report = pades.validate(pdf, authority.trust(), at=NOW)
    leader, later = report.signatures
    assert report.verdict is pades.Verdict.INVALID
    assert (leader.verdict, later.verdict) == (pades.Verdict.INVALID, pades.Verdict.VALID)


def test_filling_a_number_without_sealing_is_not_accepted(signed: bytes, authority: Authority) -> None:
    found, reasons = verdict(set_field(signed, "so_vb", "99"), authority)
    assert found is pades.Verdict.INVALID
    assert reasons == {"CHANGED_AFTER_LAST_SIGNATURE"}


AFTER_THE_SEAL: dict[str, Callable[[bytes], bytes]] = {
    "F sửa số": lambda pdf: set_field(pdf, "so_vb", "99"),
    "F sửa ngày": lambda pdf: set_field(pdf, "ngay_bh", "01/01/2020"),
    "che số": lambda pdf: set_appearance(pdf, "so_vb"),
    "C vẽ vào trang": draw_on_page,
    "D thêm trường": add_text_field,
}


@pytest.mark.parametrize("harm", AFTER_THE_SEAL.values(), ids=AFTER_THE_SEAL)
def test_any_change_after_the_seal_breaks_it(
    sealed: bytes, authority: Authority, harm: Callable[[bytes], bytes]
) -> None:
    found, reasons = verdict(harm(sealed), authority)
    assert found is pades.Verdict.INVALID
    assert "FORBIDDEN_CHANGE" in reasons


def test_one_more_signature_after_the_seal_breaks_it(sealed: bytes, authority: Authority) -> None:
    """Experiment K."""
    found, reasons = verdict(sign_again(sealed, authority.key("chanh-vp")), authority)
    assert found is pades.Verdict.INVALID
    assert "FORBIDDEN_CHANGE" in reasons


def test_byte_range_tools_are_fooled_where_this_library_is_not(
    signed: bytes, authority: Authority, tmp_path: Path
) -> None:
    """Why pdfsig is not the judge."""
    pdf = tmp_path / "c.pdf"
    pdf.write_bytes(sign_again(draw_on_page(signed), authority.key("ubnd")))
    said = subprocess.run(["pdfsig", "-nocert", str(pdf)], capture_output=True, text=True, check=False)
    assert said.stdout.count("Signature is Valid") == 2
    assert verdict(pdf.read_bytes(), authority)[0] is pades.Verdict.INVALID


def test_a_changed_page_is_named_as_changed_content(sealed: bytes, authority: Authority) -> None:
    found, reasons = verdict(flip_byte(sealed, b"stream\n"), authority)
    assert found is pades.Verdict.INVALID
    assert reasons & {"CONTENT_CHANGED", "UNREADABLE"}


def test_bytes_appended_to_the_end_are_noticed(sealed: bytes, authority: Authority) -> None:
    assert verdict(sealed + b"\n% them", authority)[0] is pades.Verdict.INVALID


def test_a_signature_moved_to_another_document_is_refused(
    sealed: bytes, signed: bytes, authority: Authority, seal_it: Sealer
) -> None:
    """The seal's revision of one document pasted behind the leader's signature on another."""
    pasted = seal_it(signed, number="16")[: len(signed)] + sealed[len(signed) + 40 :]
    assert verdict(pasted, authority)[0] is pades.Verdict.INVALID


SEALED: dict[str, Callable[[bytes], bytes]] = {
    "USF: không có ByteRange": lambda pdf: tampering.without_entry(pdf, b"/ByteRange"),
    "USF: không có Contents": lambda pdf: tampering.without_entry(pdf, b"/Contents <"),
    "USF: Contents toàn số không": lambda pdf: tampering.with_contents(pdf, b""),
    "USF: Contents không phải CMS": lambda pdf: tampering.with_contents(pdf, b"30820100"),
    "USF: ByteRange toàn số không": lambda pdf: with_byte_range(pdf, b"0 0 0 0"),
    "USF: ByteRange âm": lambda pdf: with_byte_range(pdf, b"0 -1 0 -1"),
    "USF: ByteRange thiếu": lambda pdf: with_byte_range(pdf, b"0 %d" % byte_range(pdf)[1][1]),
    "USF: ByteRange không có phần sau": lambda pdf: with_byte_range(pdf, b"0 %d %d 0" % _holes(pdf)),
    "USF: ByteRange dài quá tệp": lambda pdf: with_byte_range(pdf, b"0 %d %d 99999999" % _holes(pdf)),
    "bọc chữ ký": lambda pdf: tampering.wrapped(pdf, b"\n5 0 obj\n<<>>\nendobj\n"),
    "lưu thêm không bảng tham chiếu": tampering.saved_without_xref,
    "thay phông của ô đã điền": tampering.shadow_replace,
    "thêm phông mặc định sau dấu": tampering.swap_default_font,
    "đổi tiêu đề tệp": tampering.retitle,
    "ẩn con dấu": lambda pdf: tampering.hide_widget(pdf, "con_dau"),
    "ẩn chữ ký lãnh đạo": lambda pdf: tampering.hide_widget(pdf, "nguoi_ky_1"),
    "ẩn số": lambda pdf: tampering.hide_widget(pdf, "so_vb"),
    "gỡ dấu": lambda pdf: tampering.drop_signature(pdf, "con_dau"),
    "loại chữ ký lạ": tampering.unknown_kind,
}


def _holes(pdf: bytes) -> tuple[int, int]:
    _, numbers, _ = byte_range(pdf)
    return numbers[1], numbers[2]


@pytest.fixture(scope="module")
def knowing(authority: Authority) -> pades.Trust:
    """Trust that asks nobody about revocation: only the file is in question."""
    return authority.offline(revocation=pades.Revocation.IGNORED)


@pytest.mark.parametrize("harm", SEALED.values(), ids=SEALED)
def test_forged_wrapped_or_overwritten_signatures_are_invalid(
    sealed: bytes, knowing: pades.Trust, harm: Callable[[bytes], bytes]
) -> None:
    assert pades.validate(harm(sealed), knowing, at=NOW).verdict is pades.Verdict.INVALID


def test_what_was_hidden_before_signing_cannot_be_shown_after(
    draft: bytes, authority: Authority, knowing: pades.Trust
) -> None:
    """Shadow attacks: hide, replace, hide and replace; a later good signature does not heal them."""
    signed = sign_again(tampering.shadow_prepared(draft), authority.key("chu-tich"), "nguoi_ky")
    assert pades.validate(signed, knowing, at=NOW).verdict is pades.Verdict.VALID
    for spring in (tampering.shadow_hide, tampering.shadow_replace, tampering.shadow_hide_and_replace):
        for pdf in (spring(signed), sign_again(spring(signed), authority.key("ubnd"))):
            assert pades.validate(pdf, knowing, at=NOW).verdict is pades.Verdict.INVALID, spring


@pytest.mark.parametrize("permission", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_a_certified_file_shows_nothing_that_its_author_did_not_see(
    draft: bytes, authority: Authority, knowing: pades.Trust, permission: MDPPerm
) -> None:
    """Evil annotations and sneaky signatures; our readers permit less than the author may have."""
    certified = tampering.certified(draft, authority.key("chu-tich"), permission)
    ubnd = authority.key("ubnd")
    harmed = (
        tampering.annotate(certified),
        sign_again(tampering.annotate(certified), ubnd),
        tampering.signed_over(certified, ubnd),
    )
    assert pades.validate(certified, knowing, at=NOW).verdict is pades.Verdict.VALID
    for pdf in harmed:
        assert pades.validate(pdf, knowing, at=NOW).verdict is pades.Verdict.INVALID


def test_a_signature_that_came_later_over_text_is_pointed_out(
    draft: bytes, authority: Authority, knowing: pades.Trust
) -> None:
    """Agencies' programs number documents with further signatures, so it is permitted, and said."""
    first = sign_again(draft, authority.key("chu-tich"), "nguoi_ky")
    report = pades.validate(tampering.signed_over(first, authority.key("ubnd")), knowing, at=NOW + DAYS)
    assert report.verdict is pades.Verdict.VALID
    assert [[remark.code for remark in item.remarks] for item in report.signatures] == [[], ["COVERS_TEXT"]]


@pytest.mark.parametrize("permission", [None, MDPPerm.FILL_FORMS])
def test_a_box_laid_over_text_beforehand_and_filled_after_the_signature_is_pointed_out(
    draft: bytes, sealed: bytes, authority: Authority, knowing: pades.Trust, permission: MDPPerm | None
) -> None:
    """Filling forms is permitted, so somebody may lay one over the words, have the file signed, and fill it."""
    first, second = authority.key("chu-tich"), authority.key("ubnd")

    def signed(kind: str) -> bytes:
        pdf = tampering.box_over_text(draft, kind)
        return tampering.certified(pdf, first, permission) if permission else sign_again(pdf, first, "ky")

    filled = pades.validate(
        sign_again(tampering.fill_over_text(signed("/Tx")), second), knowing, at=NOW + DAYS
    )
    assert [remark.code for remark in filled.remarks] == ["FILLED_OVER_TEXT"]
    report = pades.validate(tampering.sign_over_text(signed("/Sig"), second), knowing, at=NOW + DAYS)
    assert [[remark.code for remark in item.remarks] for item in report.signatures] == [[], ["COVERS_TEXT"]]
    empty = pades.validate(sign_again(signed("/Tx"), second), knowing, at=NOW + DAYS)
    ours = pades.validate(sealed, knowing, at=NOW + DAYS)
    assert not [remark for one in (empty, ours) for remark in (*one.remarks, *one.signatures[-1].remarks)]


def test_a_signature_that_was_taken_away_is_missed(
    signed: bytes, authority: Authority, knowing: pades.Trust
) -> None:
    """The agency's own signature over it is perfect."""
    pdf = sign_again(tampering.drop_signature(signed, "nguoi_ky_1"), authority.key("ubnd"))
    report = pades.validate(pdf, knowing, at=NOW)
    assert [item.verdict for item in report.signatures] == [pades.Verdict.VALID]
    assert (report.verdict, report.reasons[0].code) == (pades.Verdict.INVALID, "SIGNATURE_REMOVED")


def test_a_file_put_back_to_what_it_was_before_signing_says_that_it_was_signed(
    draft: bytes, signed: bytes, knowing: pades.Trust
) -> None:
    first = re.findall(rb"startxref\s+(\d+)", signed)[0]
    report = pades.validate(signed + b"startxref\n%s\n%%%%EOF\n" % first, knowing, at=NOW)
    assert report.verdict is pades.Verdict.UNSIGNED
    assert [remark.code for remark in report.remarks] == ["SIGNATURE_OUT_OF_SIGHT"]
    assert not pades.validate(draft, knowing, at=NOW).remarks


def test_files_of_word_processors_with_two_kinds_of_references_are_judged(
    draft: bytes, authority: Authority, knowing: pades.Trust
) -> None:
    word = tampering.as_word_writes(draft)
    once = tampering.sign_word(word, authority.key("chu-tich"), "nguoi_ky")
    twice = tampering.sign_word(once, authority.key("ubnd"), "co_quan")
    for pdf in (once, twice):
        assert pades.validate(pdf, knowing, at=NOW).verdict is pades.Verdict.VALID
    assert pades.validate(tampering.as_word_writes(once), knowing, at=NOW).verdict is pades.Verdict.INVALID


def test_damage_at_random_is_never_valid(sealed: bytes, knowing: pades.Trust) -> None:
    """A sample; ``python -m tests.pades.mutating 1000`` judges more."""
    found = [wrongly_valid(sealed, seed, knowing) for seed in range(64)]
    assert not [how for how, _, wrong in found if wrong]
    assert {verdict for _, verdict, _ in found} >= {pades.Verdict.INVALID}


@given(where=st.integers(min_value=0), change=st.integers(min_value=1, max_value=255))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_no_byte_of_a_sealed_file_can_change_unnoticed(
    sealed: bytes, authority: Authority, where: int, change: int
) -> None:
    at = where % len(sealed)
    harmed = sealed[:at] + bytes([sealed[at] ^ change]) + sealed[at + 1 :]
    report = pades.validate(harmed, authority.offline(), at=NOW)
    assert report.verdict is pades.Verdict.INVALID or _in_padding(sealed, at)
    if report.verdict is not pades.Verdict.INVALID:
        assert report.as_dict() == pades.validate(sealed, authority.offline(), at=NOW).as_dict()


def _in_padding(pdf: bytes, at: int) -> bool:
    """Inside a /Contents string, whose case of hex digits and padding no signature can cover."""
    start = pdf.rfind(b"/Contents <", 0, at + 1)
    return start >= 0 and at <= pdf.index(b">", start)


@given(junk=st.binary(max_size=400), head=st.sampled_from([b"", b"%PDF-1.7\n", b"%PDF-1.4\n1 0 obj\n"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_is_a_verdict_not_a_crash(junk: bytes, head: bytes, authority: Authority) -> None:
    report = pades.validate(head + junk, authority.offline(), at=NOW)
    assert report.verdict is pades.Verdict.INVALID
    assert report.reasons[0].code == "UNREADABLE"
