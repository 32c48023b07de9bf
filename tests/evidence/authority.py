"""A time-stamping authority made for a test: a root, its certificate for time-stamps, and tokens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from vanthu.pades.running import run


@dataclass(frozen=True)
class Authority:
    """``root`` in DER and as PEM; tokens are dated ``at`` by its clock."""

    root: bytes
    root_pem: bytes
    stamper: DummyTimeStamper

    def stamp(self, content: bytes) -> bytes:
        """A token over the content."""
        token = run(self.stamper.async_timestamp(hashlib.sha256(content).digest(), "sha256"))
        return bytes(token.dump())


@lru_cache
def authority(name: str = "Dịch vụ dấu thời gian", at: datetime | None = None) -> Authority:
    """An authority whose certificates are good from 2020 to 2030."""
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = _certificate("Gốc của " + name, root_key, "Gốc của " + name, root_key, is_root=True)
    own = _certificate(name, key, "Gốc của " + name, root_key, is_root=False)
    store = SimpleCertificateStore.from_certs([_asn1(root)])
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    stamper = DummyTimeStamper(
        _asn1(own), asn1_keys.PrivateKeyInfo.load(secret), certs_to_embed=store, fixed_dt=at
    )
    return Authority(root.public_bytes(Encoding.DER), root.public_bytes(Encoding.PEM), stamper)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: str,
    issuer_key: rsa.RSAPrivateKey,
    *,
    is_root: bool,
) -> x509.Certificate:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    usage = {"key_cert_sign": is_root, "crl_sign": is_root, "digital_signature": not is_root}
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(**usage, **dict.fromkeys(others, False), encipher_only=False, decipher_only=False),
            critical=True,
        )
    )
    if not is_root:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return builder.sign(issuer_key, SHA256())
