"""A key on a device, through the real PKCS#11 interface of a software token."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from tests.pades.conftest import NOW, Authority

from vanthu import pades
from vanthu.pades import errors
from vanthu.pades.tokens import Pkcs11Key

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.fixture(scope="module")
def token(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A token that holds the chairman's key and certificate; PIN 123456."""
    if not LIBRARY.exists():
        pytest.fail("Chưa có SoftHSM: hãy cài gói softhsm2 rồi chạy lại “make test”.")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    _tool("--init-token", "--free", "--label", "vanthu", "--so-pin", "654321", "--pin", "123456")
    raw = (authority.folder / "keys" / "chu-tich.pem").read_bytes()
    key = folder / "key.pem"
    key.write_bytes(
        load_pem_private_key(raw, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    _tool("--import", str(key), "--token", "vanthu", "--label", "chu-tich", "--id", "01", "--pin", "123456")
    _store_certificate(authority)
    return "vanthu"


def _tool(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


def _store_certificate(authority: Authority) -> None:
    import pkcs11

    der = authority.key("chu-tich").certificate.dump()
    assert not pem.detect(der)
    with pkcs11.lib(str(LIBRARY)).get_token(token_label="vanthu").open(user_pin="123456", rw=True) as session:
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.LABEL: "chu-tich",
                pkcs11.Attribute.SUBJECT: authority.key("chu-tich").certificate.subject.dump(),
                pkcs11.Attribute.ID: b"\x01",
                pkcs11.Attribute.VALUE: der,
            }
        )


def test_a_key_on_a_token_signs_a_valid_document(token: str, prepared: bytes, authority: Authority) -> None:
    with Pkcs11Key.open(LIBRARY, token_label=token, key_label="chu-tich", pin="123456", at=NOW) as key:
        assert isinstance(key, pades.KeySource)
        pdf = pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW)
    intermediates = authority.key("chu-tich").chain
    report = pades.validate(pdf, authority.trust(intermediates=intermediates), at=NOW)
    assert report.verdict is pades.Verdict.VALID
    assert report.signatures[0].signer_name == "Võ Trọng Thử"


def test_a_wrong_pin_and_an_absent_token_are_told_apart(token: str) -> None:
    with pytest.raises(errors.WrongPassphrase):
        Pkcs11Key.open(LIBRARY, token_label=token, key_label="chu-tich", pin="000000", at=NOW)
    with pytest.raises(errors.TokenAbsent):
        Pkcs11Key.open(LIBRARY, token_label="khong-co", key_label="chu-tich", pin="123456", at=NOW)
    with pytest.raises(errors.KeyDamaged):
        Pkcs11Key.open(LIBRARY, token_label=token, key_label="nguoi-khac", pin="123456", at=NOW)
