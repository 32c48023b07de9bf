"""Tokens in software (SoftHSM2) with the keys of a test authority's members."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from vanthu.demo import pki

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "123456"

_STORE = """
import sys, pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, CertificateType, ObjectClass
library, token, pin = sys.argv[1:4]
with pkcs11.lib(library).get_token(token_label=token).open(user_pin=pin, rw=True) as session:
    for line in sys.argv[4:]:
        label, number, encoded = line.split(":")
        certificate = x509.Certificate.load(bytes.fromhex(encoded))
        session.create_object({
            Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
            Attribute.TOKEN: True, Attribute.LABEL: label, Attribute.SUBJECT: certificate.subject.dump(),
            Attribute.ID: bytes.fromhex(number), Attribute.VALUE: certificate.dump(),
        })
"""


@contextmanager
def shelf(folder: Path) -> Iterator[Path]:
    """A folder for tokens; the library in this process and child processes read its settings anew."""
    if not LIBRARY.exists():
        pytest.fail("Chưa có SoftHSM: hãy cài gói softhsm2 rồi chạy lại “make test”.")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(config))
        pkcs11.lib(str(LIBRARY)).finalize()
        yield folder
        pkcs11.lib(str(LIBRARY)).finalize()


def make_token(folder: Path, label: str, authority: Path, *slugs: str, pin: str = PIN) -> str:
    """A token with the keys and certificates of an authority's members, labelled by their slugs."""
    _tool("--init-token", "--free", "--label", label, "--so-pin", "654321", "--pin", pin)
    lines = []
    for number, slug in enumerate(slugs, start=1):
        bundle = pkcs12.load_pkcs12(pki.p12_path(authority, slug).read_bytes(), pki.DEMO_PASSPHRASE.encode())
        assert bundle.key is not None and bundle.cert is not None
        key = folder / f"{label}-{slug}.pem"
        key.write_bytes(bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _tool("--import", str(key), "--token", label, "--label", slug, "--id", f"{number:02x}", "--pin", pin)
        key.unlink()
        encoded = bundle.cert.certificate.public_bytes(Encoding.DER).hex()
        lines.append(f"{slug}:{number:02x}:{encoded}")
    subprocess.run([sys.executable, "-c", _STORE, str(LIBRARY), label, pin, *lines], check=True)
    return label


def pull_out(label: str) -> None:
    """The token is gone from one moment to the next."""
    _tool("--delete-token", "--token", label)


def _tool(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
