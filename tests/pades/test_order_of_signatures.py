"""The leader signs, then the clerk numbers and dates, then the agency seals: all stay valid."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pikepdf
import pypdfium2
import pytest
from tests.pades.conftest import ISSUED, NOW, Authority, Sealer
from tests.pades.samples import PLACES, SIGNATURE, decision
from tests.pades.tampering import add_text_field, draw_on_page, flip_byte, set_field, sign_again

from vanthu import pades
from vanthu.pades import errors
from vanthu.pades.integrity import Changes
from vanthu.pades.numbering import printed_day, printed_month


def test_leader_and_seal_are_both_valid_after_number_date_and_seal(
    sealed: bytes, authority: Authority
) -> None:
    report = pades.validate(sealed, authority.trust(), at=NOW)
    assert report.verdict is pades.Verdict.VALID
    leader, agency = report.signatures
    assert (leader.field, leader.changes) == ("nguoi_ky_1", Changes.PERMITTED)
    assert (agency.field, agency.changes, agency.covers_whole_file) == ("con_dau", Changes.NONE, True)


def test_number_and_date_are_in_the_fields_as_the_register_has_them(sealed: bytes) -> None:
    assert pades.fields(sealed) == {"so_vb": "15", "ngay_bh": "21/11/2026"}
    assert pades.fields_match(sealed, "15", ISSUED)
    assert not pades.fields_match(sealed, "16", ISSUED)
    assert not pades.fields_match(sealed, "15", date(2026, 11, 22))


def test_before_sealing_the_fields_are_empty(signed: bytes, draft: bytes) -> None:
    assert pades.fields(signed) == {"so_vb": "", "ngay_bh": ""}
    assert pades.fields(draft) == {}


def test_each_step_only_appends(prepared: bytes, signed: bytes, sealed: bytes) -> None:
    assert signed.startswith(prepared)
    assert sealed.startswith(signed)


def test_number_date_and_seal_are_one_revision(signed: bytes, sealed: bytes) -> None:
    assert sealed.count(b"%%EOF") == signed.count(b"%%EOF") + 1


def test_initials_then_leader_then_seal(draft: bytes, authority: Authority, seal_it: Sealer) -> None:
    """Experiment I: ký nháy, then the competent person, then number, date and seal."""
    chain = pades.signer_fields(2)
    pdf = pades.prepare(draft, PLACES, signers=chain)
    pdf = pades.sign(pdf, chain[0], authority.key("chanh-vp"), signed_at=NOW)
    with pytest.raises(errors.SealWithoutCompetentSignature):
        seal_it(pdf)
    pdf = pades.sign(pdf, chain[1], authority.key("chu-tich"), signed_at=NOW)
    report = pades.validate(seal_it(pdf), authority.trust(), at=NOW)
    assert report.verdict is pades.Verdict.VALID
    assert [item.signer_name for item in report.signatures] == [
        "Nguyễn Thị Đức Ưng",
        "Võ Trọng Thử",
        "Ủy ban nhân dân tỉnh Hà Tĩnh",
    ]


def test_the_agency_does_not_seal_before_the_leader_signed(prepared: bytes, seal_it: Sealer) -> None:
    with pytest.raises(errors.SealWithoutCompetentSignature) as refused:
        seal_it(prepared)
    assert refused.value.code == "SEAL_WITHOUT_COMPETENT_SIGNATURE"


def test_a_sealed_file_is_closed(sealed: bytes, authority: Authority, seal_it: Sealer) -> None:
    with pytest.raises(errors.AlreadySealed):
        seal_it(sealed, number="16")
    with pytest.raises(errors.AlreadySealed):
        pades.sign(sealed, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW)


def test_nobody_signs_twice_in_one_field(signed: bytes, authority: Authority) -> None:
    with pytest.raises(errors.FieldAlreadySigned):
        pades.sign(signed, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW)


def test_signing_where_no_field_was_prepared_is_refused(
    draft: bytes, signed: bytes, authority: Authority
) -> None:
    for pdf, field in ((draft, "nguoi_ky_1"), (signed, "nguoi_ky_9"), (signed, "so_vb")):
        with pytest.raises(errors.FieldMissing):
            pades.sign(pdf, field, authority.key("chu-tich"), signed_at=NOW)


@pytest.mark.parametrize(
    "harm",
    [
        draw_on_page,
        add_text_field,
        lambda pdf: set_field(pdf, "so_vb", "99"),
        lambda pdf: flip_byte(pdf, b"stream\n"),
    ],
    ids=["nội dung trang", "trường mới", "điền số rồi mới đưa đóng dấu", "một bit"],
)
def test_the_agency_does_not_seal_what_was_changed_after_the_leader(
    signed: bytes, seal_it: Sealer, harm: object
) -> None:
    with pytest.raises(errors.SignatureBroken) as refused:
        seal_it(harm(signed))  # type: ignore[operator]
    assert refused.value.code == "SIGNATURE_BROKEN"


def test_claimed_time_reason_and_place_are_kept(prepared: bytes, authority: Authority) -> None:
    when = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    pdf = pades.sign(
        prepared,
        "nguoi_ky_1",
        authority.key("chu-tich"),
        signed_at=when,
        reason="Phê duyệt văn bản",
        location="Hà Tĩnh",
    )
    report = pades.validate(pdf, authority.trust(), at=when)
    assert report.signatures[0].claimed_time == when
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        values = [field.V for field in opened.Root.AcroForm.Fields if field.FT == "/Sig" and "/V" in field]
    assert (str(values[0].Reason), str(values[0].Location)) == ("Phê duyệt văn bản", "Hà Tĩnh")


def test_a_time_without_zone_is_a_programming_error(prepared: bytes, authority: Authority) -> None:
    with pytest.raises(ValueError, match="zone"):
        pades.sign(prepared, "nguoi_ky_1", authority.key("chu-tich"), signed_at=datetime(2026, 11, 21))


def test_an_expired_certificate_does_not_sign(prepared: bytes, authority: Authority) -> None:
    key = authority.key("het-han", at=datetime(2020, 6, 1, tzinfo=UTC))
    with pytest.raises(errors.CertificateExpired):
        pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW)


def test_timestamps_prove_the_time_of_leader_and_seal(
    prepared: bytes, authority: Authority, seal_it: Sealer
) -> None:
    later = NOW + timedelta(minutes=7)
    pdf = pades.sign(
        prepared, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW, timestamper=authority.timestamper()
    )
    pdf = seal_it(pdf, timestamper=authority.timestamper(later))
    report = pades.validate(pdf, authority.trust(later), at=later)
    assert report.verdict is pades.Verdict.VALID
    assert [item.trusted_time for item in report.signatures] == [NOW, later]


@pytest.mark.parametrize(
    ("day", "printed"),
    [
        (date(2026, 1, 5), ("05", "01")),
        (date(2026, 2, 28), ("28", "02")),
        (date(2026, 3, 9), ("09", "3")),
        (date(2026, 12, 31), ("31", "12")),
    ],
)
def test_small_days_and_the_months_one_and_two_get_a_zero(day: date, printed: tuple[str, str]) -> None:
    assert (printed_day(day), printed_month(day)) == printed


def test_the_seal_covers_the_left_third_of_the_signature_at_true_size() -> None:
    box = pades.seal_box_over(SIGNATURE)
    assert box.x1 == pytest.approx(SIGNATURE.x0 + SIGNATURE.width / 3)
    assert (box.width, box.height) == pytest.approx((36 / 25.4 * 72, 36 / 25.4 * 72))
    assert box.y0 + box.height / 2 == pytest.approx((SIGNATURE.y0 + SIGNATURE.y1) / 2)
    small = pades.seal_box_over(SIGNATURE, diameter_mm=30)
    assert small.width == pytest.approx(30 / 25.4 * 72)


def test_annex_signature_stands_top_right_without_image(authority: Authority, font: bytes) -> None:
    """NĐ 30/2020 PL I.II.8b: number and notation, ISO 8601 time in Viet Nam's zone, 10 points."""
    pdf = pades.seal_attachment(
        decision(), authority.key("ubnd"), code="15/QĐ-UBND", font=font, signed_at=NOW
    )
    report = pades.validate(pdf, authority.trust(), at=NOW)
    assert report.verdict is pades.Verdict.VALID
    assert report.signatures[0].covers_whole_file
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        field = opened.Root.AcroForm.Fields[0]
        left, low, right, high = (float(edge) for edge in field.Rect)
        look = field.AP.N
    assert right > 595.28 - 40 and high > 841.89 - 40 and left > 300 and low > 780
    assert "/XObject" not in look.Resources


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_annex_signature_is_top_right_as_the_reader_sees_the_page(
    rotate: int, authority: Authority, font: bytes
) -> None:
    with pikepdf.open(io.BytesIO(decision())) as opened:
        opened.pages[0].obj.Contents = opened.make_stream(b"")
        opened.pages[0].obj.Rotate = rotate
        out = io.BytesIO()
        opened.save(out)
    pdf = pades.seal_attachment(
        out.getvalue(), authority.key("ubnd"), code="15/QĐ-UBND", font=font, signed_at=NOW
    )
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    shown = document[0].render(scale=1, may_draw_forms=True).to_pil().convert("L")
    left, top, right, bottom = shown.point(lambda tone: 255 if tone < 128 else 0).getbbox()  # type: ignore[misc]
    assert right > shown.width - 32 and top < 36
    assert right - left > 2.5 * (bottom - top), "two upright lines are wider than high"


def test_a_scanned_copy_says_which_copy_and_whose(authority: Authority, font: bytes) -> None:
    pdf = pades.seal_copy(
        decision(),
        authority.key("ubnd"),
        form="SAO Y",
        agency="Ủy ban nhân dân tỉnh Hà Tĩnh",
        font=font,
        signed_at=NOW,
    )
    assert pades.validate(pdf, authority.trust(), at=NOW).verdict is pades.Verdict.VALID


def test_an_annex_that_somebody_signed_keeps_that_signature(authority: Authority, font: bytes) -> None:
    annex = sign_again(decision(), authority.key("chanh-vp"))
    pdf = pades.seal_attachment(annex, authority.key("ubnd"), code="15/QĐ-UBND", font=font, signed_at=NOW)
    assert pdf.startswith(annex)
    report = pades.validate(pdf, authority.trust(), at=NOW)
    assert report.verdict is pades.Verdict.VALID
    assert len(report.signatures) == 2
