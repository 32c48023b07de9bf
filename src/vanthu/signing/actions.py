"""The verbs of the signing room: enrol a key, retire it."""

from __future__ import annotations

from asn1crypto import x509

from vanthu.audit.ledger import action
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.directory.models import Agency, Post
from vanthu.pades import Pkcs12Key
from vanthu.signing.device_models import KeyDevice
from vanthu.signing.enrolling import put_key, say_enrolled
from vanthu.signing.models import KeyKind, SigningKey


@action
def enrol_key(
    actor: Actor,
    agency: Agency,
    post: Post | None,
    p12: bytes,
    passphrase: str,
    *,
    image: bytes | None = None,
    device: KeyDevice | None = None,
) -> SigningKey:
    """Register a PKCS#12 key for a post, or for the agency when ``post`` is None; retires the one before.

    ``image`` is the PNG of the handwritten signature or of the seal. The passphrase only proves that the key opens;
    it is not kept. ``device``: what keeps the key, from the register; by default what kept the one before, as when a
    certificate is renewed. Raises the key errors of ``vanthu.pades``, ImageRefused,
    ImageBlank, and what :func:`put_key` raises.
    """
    with Pkcs12Key.open(p12, passphrase, at=clock.now()) as opened:
        certificate: x509.Certificate = opened.certificate
        chain = opened.chain
    key = put_key(agency, post, KeyKind.PKCS12, certificate, p12, image, device, chain)
    say_enrolled(actor, key)
    return key
