"""A small authority of the tests' own: people and agencies with keys of both kinds, and openssl beside it."""

from __future__ import annotations

import functools
import io
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from vanthu import cms
from vanthu.pades import Revocation, Trust

NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
PASSPHRASE = "mở-khóa"


@dataclass(frozen=True)
class Holder:
    """Somebody with a certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def asn1(self) -> asn1_x509.Certificate:
        """The certificate as the library takes it."""
        return asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))

    @functools.cached_property
    def p12(self) -> bytes:
        """The key as a file under PASSPHRASE."""
        secret = BestAvailableEncryption(PASSPHRASE.encode())
        return pkcs12.serialize_key_and_certificates(b"khoa", self.key, self.certificate, None, secret)

    @functools.cached_property
    def opening(self) -> cms.Pkcs12OpeningKey:
        """The key, open."""
        return cms.Pkcs12OpeningKey.open(self.p12, PASSPHRASE)

    def write(self, folder: Path, name: str) -> tuple[str, str]:
        """(certificate, key) as PEM files for other programs."""
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return str(certificate), str(key)


@functools.cache
def root() -> Holder:
    """The authority itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _made("Cơ quan chứng thực thử nghiệm", key, None, signs=True, authority=True)


@functools.cache
def holder(
    name: str,
    *,
    kind: str = "ec",
    signs: bool = False,
    days: int = 3650,
    organ_id: str = "",
    trusted: bool = True,
) -> Holder:
    """Somebody whom the authority certified: to sign, or else to be encrypted to."""
    key: Any = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    issuer = root() if trusted else other_root()
    return _made(name, key, issuer, signs=signs, days=days, organ_id=organ_id)


@functools.cache
def other_root() -> Holder:
    return _made("CA lạ", ec.generate_private_key(ec.SECP256R1()), None, signs=True, authority=True)


def _made(
    name: str,
    key: Any,
    issuer: Holder | None,
    *,
    signs: bool,
    authority: bool = False,
    days: int = 3650,
    organ_id: str = "",
) -> Holder:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organ_id:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, organ_id))
    subject = x509.Name(parts)
    agrees = isinstance(key, ec.EllipticCurvePrivateKey)
    usage = x509.KeyUsage(
        digital_signature=signs and not authority,
        content_commitment=signs and not authority,
        key_encipherment=not signs and not agrees,
        data_encipherment=False,
        key_agreement=not signs and agrees,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=700))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(usage, critical=True)
    )
    return Holder(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def trust() -> Trust:
    """Trust in the authority, which knows no revocation."""
    return Trust(roots=(root().asn1,), revocation=Revocation.IGNORED)


def encrypted(content: bytes, *holders: Holder, cipher: cms.Cipher = cms.Cipher.AES_256_GCM) -> bytes:
    """What the library makes of a content for these."""
    target = io.BytesIO()
    certificates = [one.asn1 for one in holders]
    cms.encrypt(io.BytesIO(content), target, certificates, size=len(content), cipher=cipher)
    return target.getvalue()


def opened(envelope: bytes, *keys: cms.OpeningKey) -> bytes:
    """What the library gets out of it with these keys."""
    target = io.BytesIO()
    cms.decrypt(io.BytesIO(envelope), target, keys)
    return target.getvalue()


def openssl(*arguments: str) -> bytes:
    """What openssl prints; fails as it fails."""
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout
