"""Which algorithms may encrypt, as data with its citation (TT 15/2025/TT-BKHCN PL I; R111).

What is written is one of the two ciphers here; a little more is read, because other software still writes it.
Refuses everything that is not named.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum

from asn1crypto import x509

from vanthu.cms.errors import CertificateUnfit
from vanthu.pades.policy import Fitness, key_fitness

CITATION = "TT 15/2025/TT-BKHCN PL I; QĐ 33/2019/QĐ-UBND Đ13.2"


class Cipher(Enum):
    """What contents are encrypted with; the value is the name in CMS."""

    AES_256_GCM = "aes256_gcm"
    """Authenticated (AuthEnvelopedData, RFC 5083 and 5084): every change is noticed."""
    AES_256_CBC = "aes256_cbc"
    """For recipients whose software knows EnvelopedData only; changes show by the signatures inside."""


READ_GCM = {"aes128_gcm": 16, "aes192_gcm": 24, "aes256_gcm": 32}
READ_CBC = {"aes128_cbc": 16, "aes192_cbc": 24, "aes256_cbc": 32}
"""Ciphers that are read: name → bytes of the key."""

WRAPS = {"aes128_wrap": 16, "aes192_wrap": 24, "aes256_wrap": 32}
"""Key wrapping (RFC 3394) after a key agreement: name → bytes of the wrapping key."""

AGREEMENTS = {
    "1.3.132.1.11.1": "sha256",
    "1.3.132.1.11.2": "sha384",
    "1.3.132.1.11.3": "sha512",
    "1.3.133.16.840.63.0.2": "sha1",
}
"""dhSinglePass-stdDH with the hash of its key derivation (RFC 5753). The last is read, never written."""

OAEP_HASHES = ("sha1", "sha256", "sha384", "sha512")
"""Hashes inside RSAES-OAEP that are read; SHA-256 is written. No signature rests on them."""

CURVES = ("secp256r1", "secp384r1", "secp521r1")


def require_fit(certificate: x509.Certificate, at: datetime | None = None) -> None:
    """Raise :class:`CertificateUnfit` unless contents may be encrypted to this certificate at ``at`` (now when None).

    The key: RSA with keyEncipherment or one of the three NIST curves with keyAgreement (RFC 5280 4.2.1.3), as
    long as ``pades.policy`` wants it. Trust and validity are the caller's question.
    """
    at = at or datetime.now(UTC)
    key, usage = certificate.public_key, certificate.key_usage_value
    allowed = None if usage is None else set(usage.native)
    fit = key_fitness(key, at) is Fitness.FIT
    if key.algorithm == "rsa":
        wanted, strong = "key_encipherment", fit
    elif key.algorithm == "ec":
        wanted, strong = "key_agreement", fit and key.curve[0] == "named" and key.curve[1] in CURVES
    else:
        raise _unfit(certificate, "loại khóa không dùng để mã hóa được")
    if not strong:
        raise _unfit(certificate, "khóa quá yếu hoặc thuộc loại đường cong không được dùng")
    if allowed is not None and wanted not in allowed:
        raise _unfit(certificate, "chứng thư số không được cấp để mã hóa")


def _unfit(certificate: x509.Certificate, why: str) -> CertificateUnfit:
    return CertificateUnfit(subject=certificate.subject.human_friendly, why=why)
