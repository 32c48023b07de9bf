"""Files that byte-range tools call valid and that must be INVALID here (the lettered experiments)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pades.conftest import NOW, Authority, Sealer
from tests.pades.tampering import (
    add_text_field,
    draw_on_page,
    flip_byte,
    set_appearance,
    set_field,
    sign_again,
)

from vanthu import pades


def verdict(pdf: bytes, authority: Authority) -> tuple[pades.Verdict, set[str]]:
    report = pades.validate(pdf, authority.trust(), at=NOW)
    return report.verdict, {reason.code for reason in report.all_reasons}


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
    same_meaning = report.as_dict() == pades.validate(sealed, authority.offline(), at=NOW).as_dict()
    assert report.verdict is pades.Verdict.INVALID or (same_meaning and _in_padding(sealed, at))


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
