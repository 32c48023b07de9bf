"""CMS signatures in files of their own (CAdES): ``.p7m`` with the content inside, ``.p7s`` beside it (RFC 5652).

Owns finding what was signed: the content inside, or one of the files that came along, known by its digests only.
Refuses to guess: a signature whose file is not there is not judged valid.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from asn1crypto import cms, x509
from pyhanko.sign.general import NonexistentAttributeError as NoAttribute
from pyhanko.sign.general import check_ess_certid, find_unique_cms_attribute
from pyhanko.sign.validation.generic_cms import (
    extract_tst_data_iter,
    message_imprint_checker,
    validate_sig_integrity,
)

from vanthu.cms.reporting import report_on
from vanthu.pades import policy
from vanthu.pades.certificates import embedded
from vanthu.pades.judging import Claim, Inquiry, instant
from vanthu.pades.report import ValidationReport
from vanthu.pades.schemes import digests_of

DIGESTS = ("sha1", "sha256", "sha384", "sha512")
LARGEST = 200 << 20
"""Bytes of a signed file that is read into memory."""

_MOST_SIGNERS = 20
_PEM = re.compile(rb"-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----(.*?)-----END", re.DOTALL)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Beside:
    """A file that came along: its name, and its digests by the name of the hash function."""

    name: str
    digests: Mapping[str, bytes]

    @classmethod
    def of(cls, name: str, stream: BinaryIO) -> Beside:
        """Hashes a file in pieces."""
        hashes = {algorithm: hashlib.new(algorithm, usedforsecurity=False) for algorithm in DIGESTS}
        while chunk := stream.read(_CHUNK):
            for one in hashes.values():
                one.update(chunk)
        return cls(name, {algorithm: one.digest() for algorithm, one in hashes.items()})


def binary(data: bytes) -> bytes:
    """The DER or BER in a file that may be written as text (PEM, bare base64)."""
    found = _PEM.search(data[: 1 << 16]) and _PEM.search(data)
    if found:
        return base64.b64decode(found.group(1))
    if data[:1] == b"\x30":
        return data
    text = b"".join(data.split())
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        return data
    return decoded if decoded[:1] == b"\x30" else data


def signed_data(data: bytes) -> cms.SignedData | None:
    """The signed content of a file in DER or BER; None when it is another kind of CMS. Raises ValueError."""
    outer = cms.ContentInfo.load(data)
    if outer["content_type"].native != "signed_data":
        return None
    found = outer["content"]
    return found if isinstance(found, cms.SignedData) else None


def judge(
    signed: cms.SignedData, inquiry: Inquiry, beside: Sequence[Beside] = (), reasons: Sequence[str] = ()
) -> ValidationReport:
    """The judgement on a CMS signature; ``reasons`` concern its file. Raises what hostile ASN.1 raises."""
    inquiry.others.extend(embedded(signed))
    content = signed["encap_content_info"]["content"]
    name, digest_of = ("", _attached(content)) if content.native is not None else _detached(signed, beside)
    infos = list(signed["signer_infos"])
    if not infos or len(infos) > _MOST_SIGNERS:
        return report_on([], inquiry, [*reasons, "SIGNATURE_UNREADABLE"])
    claims = [
        _claim(name or str(number), info, inquiry, signed, digest_of) for number, info in enumerate(infos, 1)
    ]
    return report_on(claims, inquiry, reasons)


def _attached(content: Any) -> Callable[[str], bytes | None]:
    inside = bytes(content)
    return lambda algorithm: hashlib.new(algorithm, inside).digest()


def _detached(signed: cms.SignedData, beside: Sequence[Beside]) -> tuple[str, Callable[[str], bytes | None]]:
    """(name, digest) of the file that was signed: the one whose digest a signer names; None when it is not there."""
    wanted = {
        (info["digest_algorithm"]["algorithm"].native, _named_digest(info)) for info in signed["signer_infos"]
    }
    for file in beside:
        if any(file.digests.get(algorithm) == digest for algorithm, digest in wanted):
            return file.name, file.digests.get
    # One file alone is what the signature is about, changed or not.
    if len(beside) == 1:
        return beside[0].name, beside[0].digests.get
    return "", lambda _: None


def _named_digest(info: cms.SignerInfo) -> bytes | None:
    try:
        return bytes(find_unique_cms_attribute(info["signed_attrs"], "message_digest").native)
    except (NoAttribute, ValueError, TypeError):
        return None


def _claim(
    name: str,
    info: cms.SignerInfo,
    inquiry: Inquiry,
    signed: cms.SignedData,
    digest_of: Callable[[str], bytes | None],
) -> Claim:
    algorithm = info["digest_algorithm"]["algorithm"].native
    certificate = _certificate(info["sid"], inquiry.others)
    codes: list[str] = []
    digest = digest_of(algorithm)
    if digest is None:
        codes.append("SIGNED_FILE_ABSENT")
    elif certificate is not None:
        codes += _integrity(info, certificate, signed, digest)
    imprint_of = message_imprint_checker(info)
    stamps = tuple((token, imprint_of) for token in extract_tst_data_iter(info, signed=False))
    return Claim(
        name=name,
        certificate=certificate,
        codes=tuple(codes),
        digest=policy.weakest(digests_of(info)),
        claimed=_claimed(info),
        stamps=stamps,
        whole=digest is not None,
    )


def _integrity(
    info: cms.SignerInfo, certificate: x509.Certificate, signed: cms.SignedData, digest: bytes
) -> list[str]:
    kind = signed["encap_content_info"]["content_type"].native
    intact, valid = validate_sig_integrity(
        info, certificate, expected_content_type=kind, actual_digest=digest
    )
    if not intact:
        return ["CONTENT_CHANGED"]
    return [] if valid and _names_certificate(info, certificate) else ["SIGNATURE_FORGED"]


def _names_certificate(info: cms.SignerInfo, certificate: x509.Certificate) -> bool:
    """Whether the signed attribute that names the signer's certificate, where there is one, names this one."""
    try:
        attribute = find_unique_cms_attribute(info["signed_attrs"], "signing_certificate_v2")
    except (NoAttribute, TypeError):
        return True
    return bool(check_ess_certid(certificate, attribute["certs"][0]))


def _certificate(sid: Any, known: Sequence[x509.Certificate]) -> x509.Certificate | None:
    for certificate in known:
        if sid.name == "issuer_and_serial_number":
            same = sid.chosen["serial_number"].native == certificate.serial_number
            if same and sid.chosen["issuer"] == certificate.issuer:
                return certificate
        elif certificate.key_identifier == sid.chosen.native:
            return certificate
    return None


def _claimed(info: cms.SignerInfo) -> Any:
    try:
        return instant(find_unique_cms_attribute(info["signed_attrs"], "signing_time").native)
    except (NoAttribute, TypeError, ValueError):
        return None
