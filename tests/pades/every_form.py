"""The same signature in every form of file: PDF, CMS, XML, OpenDocument and DOCX; made by programs of others where the
library would refuse to sign."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_der_x509_certificate
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_cms import CMSSignedAttributes
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from tests.cms import signed_files as made
from tests.cms.parts import Holder
from tests.pades.conftest import Authority
from tests.pades.tampering import sign_again

from vanthu import pades

LETTER = "Kính gửi: Sở Nội vụ tỉnh Hà Tĩnh".encode()


@dataclass(frozen=True)
class Signing:
    """Who signs, when by their own clock (None: now), and who stamps it."""

    authority: Authority
    slug: str
    claimed: datetime
    stamper: TimeStamper | None = None

    @functools.cached_property
    def pem(self) -> bytes:
        """The signer's key in the open."""
        return (self.authority.folder / "keys" / f"{self.slug}.pem").read_bytes()

    @functools.cached_property
    def holder(self) -> Holder:
        """The signer for programs that want PEM files."""
        certificate = load_der_x509_certificate(self.certificate.dump())
        return Holder(certificate, load_pem_private_key(self.pem, None, unsafe_skip_rsa_key_validation=True))

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's."""
        return self.authority.key(self.slug, at=self.claimed).certificate

    def stamp(self, value: bytes) -> bytes:
        """A token over ``value``."""
        assert self.stamper is not None
        digest = hashlib.sha256(value).digest()
        return bytes(asyncio.run(self.stamper.async_timestamp(digest, "sha256")).dump())


def pdf(how: Signing, prepared: bytes, folder: Path) -> bytes:
    """By the library, which refuses who may not sign; then by pyHanko."""
    del folder
    key = how.authority.key(how.slug, at=how.claimed)
    try:
        return pades.sign(prepared, "nguoi_ky_1", key, signed_at=how.claimed, timestamper=how.stamper)
    except pades.PadesError:
        return sign_again(prepared, key, "nguoi_ky_1")


def p7m(how: Signing, prepared: bytes, folder: Path) -> bytes:
    """By pyHanko."""
    del prepared, folder
    key = keys.PrivateKeyInfo.load(pem.unarmor(how.pem)[2])
    signer = SimpleSigner(
        signing_cert=how.certificate, signing_key=key, cert_registry=SimpleCertificateStore()
    )
    work = signer.async_sign_general_data(
        LETTER,
        "sha256",
        detached=False,
        timestamper=how.stamper,
        signed_attr_settings=CMSSignedAttributes(signing_time=how.claimed),
    )
    return bytes(asyncio.run(work).dump())


def xml(how: Signing, prepared: bytes, folder: Path) -> bytes:
    """By xmlsec1."""
    del prepared
    claim = made.claiming(how.claimed)
    inside = made.signature(
        made.reference("", made.ENVELOPED, made.EXCLUSIVE),
        claim[0],
        who=how.holder,
        objects=claim[1],
        rsa=True,
    )
    data = made.xmlsec(folder, made.letter_xml(inside), how.holder, *made.CLAIMING)
    return made.with_stamp(data, how.stamp) if how.stamper else data


def odt(how: Signing, prepared: bytes, folder: Path) -> bytes:
    """By xmlsec1, over the parts of a package."""
    del prepared
    data = made.open_document(folder, how.holder, rsa=True, claim=made.claiming(how.claimed))
    return _stamped_part(data, "META-INF/documentsignatures.xml", how)


def docx(how: Signing, prepared: bytes, folder: Path) -> bytes:
    """By xmlsec1, over a manifest of parts."""
    del prepared
    data = made.office(folder, how.holder, rsa=True, claim=made.claiming(how.claimed))
    return _stamped_part(data, "_xmlsignatures/sig1.xml", how)


def _stamped_part(data: bytes, part: str, how: Signing) -> bytes:
    if how.stamper is None:
        return data
    parts = made.unzipped(data)
    return made.zipped({**parts, part: made.with_stamp(parts[part], how.stamp)})


FORMS: tuple[Callable[[Signing, bytes, Path], bytes], ...] = (pdf, p7m, xml, odt, docx)
