"""The verbs of the signing room: enrol a key, retire it."""

from __future__ import annotations

from asn1crypto import x509

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.directory.models import Agency, Post
from vanthu.pades import Pkcs12Key
from vanthu.pades.pictures import enrolled
from vanthu.pades.profiles import Ink
from vanthu.signing.device_models import KeyDevice
from vanthu.signing.enrolment import replace_key
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
    ImageBlank, and what :func:`replace_key` raises.
    """
    with Pkcs12Key.open(p12, passphrase, at=clock.now()) as opened:
        certificate: x509.Certificate = opened.certificate
    device = replace_key(agency, post, certificate, device)
    key = SigningKey.objects.create(
        agency=agency,
        post=post,
        device=device,
        kind=KeyKind.PKCS12,
        material=p12,
        certificate=certificate.dump(),
        subject=certificate.subject.human_friendly[:500],
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before,
        valid_to=certificate.not_valid_after,
        image_sha256=store.put(_fit(image, post)).sha256 if image else "",
        enrolled_at=clock.now(),
    )
    record(
        actor,
        "signing.enrol_key",
        kind="key",
        object_id=key.id,
        data={
            "subject": key.subject,
            "serial": key.serial,
            "post": post.id if post else None,
            "device": device.serial if device else "",
        },
    )
    return key


def _fit(image: bytes, post: Post | None) -> bytes:
    """A person signs in blue, an agency seals in red, both on a transparent ground (NĐ 30/2020 PL I.II.7d, 8a)."""
    return enrolled(image, Ink.BLUE if post else Ink.RED)
