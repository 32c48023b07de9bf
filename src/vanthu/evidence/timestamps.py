"""Time-stamps (RFC 3161) over hashes: ask for one, and check one years later without a network.

A token is checked at the instant that it states: that the certificate has ended since is no fault. Refuses to
ask anybody about revocation while checking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vanthu.evidence.errors import StampInvalid


@dataclass(frozen=True)
class Stamp:
    """What a token proves: the instant (UTC), who says so, and whether a trusted root stands behind it."""

    at: datetime
    authority: str
    trusted: bool


def request_stamp(url: str, content: bytes, *, timeout: float = 10.0) -> bytes:
    """The token (DER) over the SHA-256 of ``content``; ``timeout`` in seconds.

    Raises ``vanthu.pades.TimestampUnavailable``, and :class:`StampInvalid` when the answer is for something else.
    """
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    from vanthu.pades import HttpTimestamper
    from vanthu.pades.errors import TimestampUnavailable
    from vanthu.pades.running import run

    stamper = HttpTimestamper(url, timeout=timeout)
    try:
        token = run(stamper.async_timestamp(hashlib.sha256(content).digest(), "sha256"))
    except TimestampRequestError as problem:
        raise TimestampUnavailable(url=url) from problem
    der = bytes(token.dump())
    check_stamp(der, content)
    return der


def check_stamp(
    token: bytes, content: bytes, *, roots: Sequence[bytes] = (), helpers: Sequence[bytes] = ()
) -> Stamp:
    """What the token proves about ``content``.

    ``roots`` are trusted certificates (DER), ``helpers`` others that may complete the chain. Without roots the
    signature and the hash are checked, and nobody vouches for the authority. Raises :class:`StampInvalid`.
    """
    from asn1crypto import cms, x509
    from pyhanko.sign.general import CMSStructuralError
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.errors import PathError

    from vanthu.pades.running import run

    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        info = signed["encap_content_info"]["content"].parsed
        at = info["gen_time"].native
        context = ValidationContext(
            trust_roots=[x509.Certificate.load(der) for der in roots],
            other_certs=[x509.Certificate.load(der) for der in helpers],
            moment=at,
            revocation_mode="soft-fail",
        )
        found = run(validate_tst_signed_data(signed, context, lambda name: _digest(name, content)))
        status = _status(found)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        CMSStructuralError,
        SignatureValidationError,
        PathError,
    ) as problem:
        raise StampInvalid(reason="dấu thời gian không đọc được") from problem
    if not (status.intact and status.valid):
        raise StampInvalid(reason="dấu thời gian không thuộc về lô này")
    return Stamp(at, status.signing_cert.subject.human_friendly, bool(status.trusted))


def certificates_of(token: bytes) -> list[bytes]:
    """The certificates (DER) that came with the token."""
    from asn1crypto import cms

    signed = cms.ContentInfo.load(token)["content"]
    return [bytes(item.chosen.dump()) for item in signed["certificates"]]


def _status(found: dict[str, Any]) -> Any:
    from pyhanko.sign.validation.status import TimestampSignatureStatus

    return TimestampSignatureStatus(**found)


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.new(name, content, usedforsecurity=True).digest()
