"""Whom to believe: revoked, expired and strange certificates, silent authorities, evidence kept for later."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from asn1crypto import core, x509
from tests.pades.conftest import NOW, Authority, Responder

from vanthu import pades
from vanthu.demo import pki
from vanthu.pades.report import REASONS, SUB_INDICATIONS


def signed_by(authority: Authority, slug: str, prepared: bytes, at: datetime = NOW, **more: object) -> bytes:
    key = authority.key(slug, at=at)
    return pades.sign(prepared, "nguoi_ky_1", key, signed_at=at, **more)  # type: ignore[arg-type]


def codes(report: pades.ValidationReport) -> set[str]:
    return {reason.code for reason in report.all_reasons}


def test_unsigned_files_say_so(draft: bytes, prepared: bytes, authority: Authority) -> None:
    for pdf in (draft, prepared):
        assert pades.validate(pdf, authority.trust(), at=NOW).verdict is pades.Verdict.UNSIGNED


def test_signing_after_expiry_is_invalid(prepared: bytes, authority: Authority) -> None:
    """The library would refuse; another tool did it."""
    from tests.pades.tampering import sign_again

    key = authority.key(pki.EXPIRED, at=datetime(2020, 6, 1, tzinfo=UTC))
    report = pades.validate(sign_again(prepared, key, "nguoi_ky_1"), authority.trust(), at=NOW)
    assert report.verdict is pades.Verdict.INVALID
    assert codes(report) == {"CERTIFICATE_EXPIRED"}


def test_nobody_answers_about_revocation_is_neither_valid_nor_invalid(
    sealed: bytes, authority: Authority
) -> None:
    class Silent:
        async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> pades.Evidence:
            return pades.Evidence()

    for trust in (authority.offline(), authority.trust(source=Silent())):
        report = pades.validate(sealed, trust, at=NOW)
        assert (report.verdict, codes(report)) == (pades.Verdict.INDETERMINATE, {"REVOCATION_UNKNOWN"})


def test_an_unreachable_address_is_indeterminate_and_quick(sealed: bytes, authority: Authority) -> None:
    """Port 9 of this machine: nobody listens there."""
    trust = replace(authority.offline(), allow_fetching=True)
    assert pades.validate(sealed, trust, at=NOW).verdict is pades.Verdict.INDETERMINATE


def test_no_address_of_an_untrusted_certificate_is_visited(prepared: bytes, authority: Authority) -> None:
    class Watchful:
        asked = 0

        async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> pades.Evidence:
            self.asked += 1
            return pades.Evidence()

    watchful = Watchful()
    pdf = signed_by(authority, pki.UNTRUSTED, prepared)
    pades.validate(pdf, authority.trust(source=watchful), at=NOW)
    assert watchful.asked == 0


def test_revocation_may_be_waived_by_whoever_trusts(sealed: bytes, authority: Authority) -> None:
    trust = authority.offline(revocation=pades.Revocation.IGNORED)
    assert pades.validate(sealed, trust, at=NOW).verdict is pades.Verdict.VALID


def test_a_crl_serves_as_well_as_ocsp(prepared: bytes, authority: Authority) -> None:
    services = authority.architecture.service_registry
    lists = tuple(services.get_crl(label, NOW).dump() for label in (pki.ROOT_SERVICE, pki.ISSUER_SERVICE))
    trust = authority.offline(crls=lists)
    good = signed_by(authority, "chu-tich", prepared)
    revoked = signed_by(authority, pki.REVOKED, prepared)
    assert pades.validate(good, trust, at=NOW).verdict is pades.Verdict.VALID
    assert codes(pades.validate(revoked, trust, at=NOW)) == {"CERTIFICATE_REVOKED"}


def test_kept_evidence_repeats_the_verdict_without_network(sealed: bytes, authority: Authority) -> None:
    report = pades.validate(sealed, authority.trust(), at=NOW)
    kept = json.loads(json.dumps(report.evidence.as_dict()))
    trust = authority.offline().offline_with(pades.Evidence.from_dict(kept))
    assert pades.validate(sealed, trust, at=NOW) == report


def test_a_report_goes_to_json_and_back(sealed: bytes, prepared: bytes, authority: Authority) -> None:
    stamped = signed_by(authority, "chu-tich", prepared, timestamper=authority.timestamper())
    for pdf in (sealed, stamped, b"%PDF-1.7"):
        report = pades.validate(pdf, authority.offline(), at=NOW)
        text = json.dumps(report.as_dict(), ensure_ascii=False)
        assert pades.ValidationReport.from_dict(json.loads(text)) == report


def test_a_report_says_who_signed(sealed: bytes, authority: Authority) -> None:
    leader, agency = pades.validate(sealed, authority.trust(), at=NOW).signatures
    assert (leader.kind, agency.kind) == (pades.SignatureKind.PERSON, pades.SignatureKind.AGENCY)
    assert (leader.signer_name, leader.title) == ("Võ Trọng Thử", "Chủ tịch")
    assert leader.organization == "Ủy ban nhân dân tỉnh Hà Tĩnh"
    assert agency.subject_serial == "000.00.00.H27"
    assert leader.issuer == "CA phục vụ cơ quan nhà nước (thử nghiệm)"
    assert leader.claimed_time == NOW


def test_an_untrusted_timestamp_proves_nothing(prepared: bytes, authority: Authority) -> None:
    """The stamp of an authority that nobody knows: the signature is good, its time is not proven."""
    stamper = strange_stamper(authority)
    pdf = signed_by(authority, "chu-tich", prepared, timestamper=stamper)
    report = pades.validate(pdf, authority.trust(), at=NOW)
    assert (report.verdict, codes(report)) == (pades.Verdict.INDETERMINATE, {"TIMESTAMP_UNTRUSTED"})
    assert report.signatures[0].trusted_time is None


def strange_stamper(authority: Authority) -> object:
    from asn1crypto import keys, pem
    from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    raw = (authority.folder / "keys" / f"{pki.UNTRUSTED}.pem").read_bytes()
    key = keys.PrivateKeyInfo.load(pem.unarmor(raw)[2])
    certificate = authority.key(pki.UNTRUSTED).certificate
    return DummyTimeStamper(certificate, key, SimpleCertificateStore(), fixed_dt=NOW)


def test_one_certificate_can_be_asked_about(authority: Authority) -> None:
    """What a signer's own check before signing uses (NĐ 23/2025 Đ15)."""
    expected = {
        "chu-tich": pades.Standing.GOOD,
        pki.REVOKED: pades.Standing.REVOKED,
        pki.UNTRUSTED: pades.Standing.UNTRUSTED,
        pki.EXPIRED: pades.Standing.EXPIRED,
    }
    for slug, standing in expected.items():
        key = authority.key(slug, at=datetime(2020, 6, 1, tzinfo=UTC) if slug == pki.EXPIRED else NOW)
        result = pades.check_certificate(key.certificate, authority.trust(), at=NOW, others=key.chain)
        assert result.standing is standing, slug


def test_other_programs_read_the_verdict_in_the_standards_words(
    sealed: bytes, prepared: bytes, authority: Authority
) -> None:
    """EN 319 102-1 section 5.1.3."""
    told = {
        "TOTAL-PASSED": (sealed, []),
        "TOTAL-FAILED": (signed_by(authority, pki.REVOKED, prepared), ["REVOKED"]),
        "NO_SIGNATURE_FOUND": (prepared, []),
    }
    for indication, (pdf, sub) in told.items():
        report = pades.validate(pdf, authority.trust(), at=NOW).as_dict()
        assert (report["indication"], report["sub_indications"]) == (indication, sub)
    silent = pades.validate(sealed, authority.offline(), at=NOW).as_dict()
    assert (silent["indication"], silent["sub_indications"]) == ("INDETERMINATE", ["TRY_LATER"])
    assert set(SUB_INDICATIONS) <= set(REASONS)


def test_every_reason_has_a_sentence_and_a_verdict() -> None:
    for code, (verdict, text) in REASONS.items():
        assert code.isupper() and text.endswith(".") and text[0].isupper()
        assert verdict in (pades.Verdict.INVALID, pades.Verdict.INDETERMINATE)


# --- long term ---------------------------------------------------------------------------------


def test_what_is_not_valid_is_not_preserved(prepared: bytes, authority: Authority) -> None:
    pdf = signed_by(authority, pki.REVOKED, prepared)
    with pytest.raises(pades.PadesError) as refused:
        pades.extend(pdf, authority.trust(), authority.timestamper(), at=NOW)
    assert refused.value.code == "LONG_TERM_UNAVAILABLE"
    assert "thu hồi" in str(refused.value)


def test_an_authority_is_asked_once_a_while_about_a_certificate_and_silence_is_not_remembered(
    authority: Authority,
) -> None:
    asked: list[bytes] = []
    silent = True

    class Asked:
        async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> pades.Evidence:
            asked.append(bytes(certificate.sha256))
            if silent:
                return pades.Evidence()
            return await Responder(authority.architecture, NOW).fetch(certificate, issuer)

    instant = 0.0
    source = pades.RememberingSource(Asked, 60, clock=lambda: instant)
    certificate, issuer = authority.key("chu-tich").certificate, pki.intermediates(authority.folder)[0]

    def fetch() -> pades.Evidence:
        return asyncio.run(source.fetch(certificate, issuer))

    assert fetch() == pades.Evidence()
    silent = False
    first = fetch()
    assert first.ocsps and fetch() == first
    assert len(asked) == 2, "silence was asked again, the answer was not"
    instant = 61.0
    fetch()
    assert len(asked) == 3


def test_who_asks_an_authority_that_hangs_waits_once_and_others_do_not(authority: Authority) -> None:
    """A connection that is taken and never answered costs the whole time-out, for each certificate of a file."""
    issuer = pki.intermediates(authority.folder)[0]
    instant = 0.0
    hung = pades.HungHosts(20, clock=lambda: instant)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(0)
        certificate = asking_at(authority.key("chu-tich").certificate, mute.getsockname()[1])
        asked = []
        for moment in (0.0, 5.0, 21.0):
            instant = moment
            source = pades.HttpRevocationSource(timeout=0.1, hung=hung)
            assert asyncio.run(source.fetch(certificate, issuer)) == pades.Evidence()
            asked.append(connections(mute))
    assert asked == [1, 0, 1]


def asking_at(certificate: x509.Certificate, port: int) -> x509.Certificate:
    """The same certificate with another address of its OCSP service."""
    changed = x509.Certificate.load(certificate.dump())
    where = x509.GeneralName("uniform_resource_identifier", f"http://127.0.0.1:{port}/ocsp")
    access = x509.AuthorityInfoAccessSyntax([{"access_method": "ocsp", "access_location": where}])
    for extension in changed["tbs_certificate"]["extensions"]:
        if extension["extn_id"].native == "authority_information_access":
            extension["extn_value"] = core.ParsableOctetString(access.dump())
    return x509.Certificate.load(changed.dump(force=True))


def connections(server: socket.socket) -> int:
    """How many came since the last look."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count
