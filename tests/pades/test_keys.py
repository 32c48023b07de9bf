"""Keys: opened with the right passphrase, strong, valid, read once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from tests.pades.conftest import NOW, Authority

from vanthu import pades
from vanthu.demo import pki
from vanthu.pades import errors


def p12(authority: Authority, slug: str) -> bytes:
    return pki.p12_path(authority.folder, slug).read_bytes()


def self_made(key: object) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Khoá tự tạo")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - timedelta(1), NOW + timedelta(9)).sign(  # type: ignore[attr-defined]
            key, hashes.SHA256()
        )  # type: ignore[arg-type]
    )
    return pkcs12.serialize_key_and_certificates(b"k", key, certificate, None, BestAvailableEncryption(b"p"))  # type: ignore[arg-type]


def test_a_key_opens_with_its_passphrase_and_knows_its_chain(authority: Authority) -> None:
    key = pades.Pkcs12Key.open(p12(authority, "chu-tich"), pki.DEMO_PASSPHRASE, at=NOW)
    assert key.certificate.subject.native["common_name"] == "Võ Trọng Thử"
    assert [item.subject.native["common_name"] for item in key.chain] == [
        "CA phục vụ cơ quan nhà nước (thử nghiệm)"
    ]
    assert isinstance(key, pades.KeySource)


@pytest.mark.parametrize("passphrase", ["", "sai", "vanthu-demo "])
def test_a_wrong_passphrase_is_told_as_such(authority: Authority, passphrase: str) -> None:
    with pytest.raises(errors.WrongPassphrase) as refused:
        pades.Pkcs12Key.open(p12(authority, "chu-tich"), passphrase)
    assert refused.value.code == "KEY_WRONG_PASSPHRASE"


def test_damaged_key_files_are_told_from_wrong_passphrases(authority: Authority) -> None:
    whole = p12(authority, "chu-tich")
    only_certificate = pkcs12.serialize_key_and_certificates(
        b"c",
        None,
        pkcs12.load_pkcs12(whole, b"vanthu-demo").cert.certificate,
        None,
        NoEncryption(),  # type: ignore[union-attr]
    )
    for data, passphrase in ((b"", ""), (b"khong phai khoa", "x"), (whole[:500], "vanthu-demo")):
        with pytest.raises(errors.KeyDamaged):
            pades.Pkcs12Key.open(data, passphrase)
    with pytest.raises(errors.KeyDamaged):
        pades.Pkcs12Key.open(only_certificate, "")


def test_certificates_outside_their_validity_do_not_open(authority: Authority) -> None:
    with pytest.raises(errors.CertificateExpired) as expired:
        pades.Pkcs12Key.open(p12(authority, pki.EXPIRED), pki.DEMO_PASSPHRASE, at=NOW)
    assert "01/01/2021 07:00:00" in str(expired.value)
    with pytest.raises(errors.CertificateNotYetValid):
        pades.Pkcs12Key.open(p12(authority, "ubnd"), pki.DEMO_PASSPHRASE, at=datetime(2023, 1, 1, tzinfo=UTC))


def test_short_keys_are_refused() -> None:
    with pytest.raises(errors.KeyTooWeak):
        pades.Pkcs12Key.open(self_made(rsa.generate_private_key(65537, 1024)), "p", at=NOW)


def test_an_elliptic_key_signs_as_well(prepared: bytes, authority: Authority) -> None:
    key = pades.Pkcs12Key.open(self_made(ec.generate_private_key(ec.SECP256R1())), "p", at=NOW)
    pdf = pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW)
    trust = pades.Trust((key.certificate,), revocation=pades.Revocation.IGNORED)
    assert pades.validate(pdf, trust, at=NOW).verdict is pades.Verdict.VALID


def test_a_key_does_not_show_its_secret(authority: Authority) -> None:
    key = authority.key("chu-tich")
    assert "PrivateKey" not in repr(key)
    assert "Võ Trọng Thử" in repr(key)


def test_a_held_key_signs_many_times_faster_than_it_opens(authority: Authority) -> None:
    """The reason for holding it: reading checks the primes."""
    data = p12(authority, "chu-tich")
    start = time.perf_counter()
    with pades.Pkcs12Key.open(data, pki.DEMO_PASSPHRASE, at=NOW) as key:
        opened = time.perf_counter() - start
        start = time.perf_counter()
        for _ in range(5):
            key.sign_raw(b"van ban", "sha256")
        signing = (time.perf_counter() - start) / 5
    assert signing < opened
