"""PDF files for trial letters: signed rightly, after the certificate's end, by a stranger, or changed afterwards.

Owns a certificate authority that lives as long as one trial; its root goes to whoever wants to trust it in a test
installation. Refuses to look real: its names say that it is a trial.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

from vanthu.conformance.letters import PAGE

KEY_BITS = 2048


@dataclass(frozen=True)
class Papers:
    """The files of one trial, and the root certificate (PEM) by which ``good`` is valid."""

    root: bytes
    good: bytes
    expired: bytes
    unknown: bytes
    altered: bytes


@dataclass(frozen=True)
class _Holder:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def make(at: datetime) -> Papers:
    """New keys and files; the certificates are counted from the instant ``at``."""
    year = timedelta(days=365)
    root = _holder("Bộ thử kết nối - Chứng thực gốc", None, at - 5 * year, at + 5 * year)
    agency = _holder("Cơ quan đối tác thử nghiệm", root, at - year, at + year)
    late = _holder("Cơ quan có chứng thư hết hạn", root, at - 2 * year, at - year)
    stranger = _holder("Chứng thư tự cấp", None, at - year, at + year)
    good = _signed(agency, root)
    return Papers(
        root=root.certificate.public_bytes(serialization.Encoding.PEM),
        good=good,
        expired=_signed(late, root),
        unknown=_signed(stranger, stranger),
        altered=_altered(good),
    )


def _holder(name: str, issuer: _Holder | None, begin: datetime, end: datetime) -> _Holder:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Thử nghiệm kết nối"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return _Holder(made, key)


def _signed(holder: _Holder, root: _Holder) -> bytes:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([_plain(root.certificate), _plain(holder.certificate)])
    private = holder.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = SimpleSigner(
        signing_cert=_plain(holder.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )
    field = PdfSignatureMetadata(field_name="ChuKyThu", md_algorithm="sha256")
    signed = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(PAGE)), field, signer=signer)
    return bytes(signed.getvalue())


def _plain(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _altered(signed: bytes) -> bytes:
    """The file with the page's height changed inside the signed bytes."""
    changed = signed.replace(b"595 842", b"595 841", 1)
    assert changed != signed
    return changed
