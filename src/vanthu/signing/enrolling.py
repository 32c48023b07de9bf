"""Enrolling keys of every kind: in a file, on the site's HSM, at a remote service, on the owner's own device.

Owns what must be true of a certificate before it signs here. Refuses certificates that are not trusted, revoked,
too weak, not for signing, or another's; and keeps no PIN.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from asn1crypto import x509

from vanthu.audit.ledger import action, record
from vanthu.base import boxes, clock
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.directory.models import Agency, Post
from vanthu.errors import MustAct, VanthuError
from vanthu.pades import Standing, check_certificate
from vanthu.pades.errors import KeyDamaged
from vanthu.pades.keys import require_validity
from vanthu.pades.pictures import enrolled
from vanthu.pades.profiles import Ink
from vanthu.pades.tokens import found_on
from vanthu.signing import keys, service, sign_ins
from vanthu.signing.behind import category_of, require_authority
from vanthu.signing.device_models import KeyDevice
from vanthu.signing.enrolment import replace_key
from vanthu.signing.materials import DevicePlace, RemotePlace, dump_elsewhere
from vanthu.signing.models import KeyKind, RemoteService, SigningKey
from vanthu.signing.sign_ins import RemoteServiceUnknown

_TOLERATED = {Standing.GOOD, Standing.UNKNOWN}
"""Whether it is revoked is asked again at each signing; an authority that does not answer is no reason here."""


class CertificateNotTrusted(VanthuError):
    """Its issuer is not on the trust list, or it was revoked."""

    code = "ENROL_CERTIFICATE_NOT_TRUSTED"
    message = "Chứng thư số “{subject}” không dùng được để ký: {why}."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 23/2025 Đ15"


class RemoteAddressUnsafe(VanthuError):
    """The address of a service is no https address."""

    code = "REMOTE_ADDRESS_UNSAFE"
    message = "Địa chỉ dịch vụ ký số từ xa phải bắt đầu bằng https:// ({address})."
    must_act = MustAct.ADMINISTRATOR


_WHY = {
    Standing.REVOKED: "đã bị thu hồi",
    Standing.EXPIRED: "đã hết hạn",
    Standing.NOT_YET_VALID: "chưa có hiệu lực",
    Standing.UNTRUSTED: "nơi cấp không thuộc danh sách tin cậy của hệ thống",
    Standing.WITHDRAWN: "nơi cấp không còn được công nhận theo danh sách tin cậy",
    Standing.CHAIN_BROKEN: "không nối được tới nơi cấp tin cậy",
    Standing.WEAK: "thuật toán hoặc độ dài khóa quá yếu",
}


@action
def enrol_own_device(
    actor: Actor,
    certificate: bytes,
    chain: Sequence[bytes],
    *,
    serial: str = "",
    for_agency: bool = False,
    image: bytes | None = None,
) -> SigningKey:
    """Register the certificate on the person's own token: for the acting post, or by the clerk for the agency.

    ``serial`` is the token's own, by which the register of devices knows it. The private key proves itself with
    each signature. Raises CertificateNotTrusted, CertificateOfAnother (``certificate_rules``),
    KeyDamaged, KeyTooWeak, CertificateExpired, RoleRequired. Source: NĐ 30/2020 Đ32; R66–R67.
    """
    agency = Agency.objects.get(pk=actor.agency_id)
    post = None if for_agency else Post.objects.select_related("person").get(pk=actor.own_post)
    if for_agency:
        actor.require(Role.CLERK)
    own, above = _loaded(certificate), [_loaded(der) for der in chain[:10]]
    return _enrol(actor, agency, post, KeyKind.AGENT, own, above, dump_elsewhere(above), image, serial)


@action
def enrol_device_key(
    actor: Actor, agency: Agency, post: Post | None, fingerprint: str, *, image: bytes | None = None
) -> SigningKey:
    """Register a key on the site's HSM by the SHA-256 of its certificate. Raises as above, TokenAbsent,
    NoDeviceLibrary."""
    found = next((one for one in found_on(keys.device_library()) if one.fingerprint == fingerprint), None)
    if found is None:
        raise KeyDamaged
    place = DevicePlace(found.token, found.serial, found.key_id, found.label)
    material = place.dump(found.chain)
    return _enrol(
        actor, agency, post, KeyKind.PKCS11, found.certificate, found.chain, material, image, found.serial
    )


@action
def enrol_remote_key(
    actor: Actor,
    agency: Agency,
    post: Post | None,
    service_id: UUID,
    credential_id: str,
    *,
    image: bytes | None = None,
) -> SigningKey:
    """Register a key at a remote service of the agency. Raises as above, RemoteServiceUnknown and what
    ``CscService.credential`` raises."""
    chosen = RemoteService.objects.filter(pk=service_id, agency=agency).first()
    if chosen is None:
        raise RemoteServiceUnknown
    return _enrol_remote(actor, agency, post, chosen, credential_id, image)


@action
def enrol_own_remote(
    actor: Actor, service_id: UUID, credential_id: str, *, for_agency: bool = False
) -> SigningKey:
    """Register a key that the person holds at a remote service which they are connected with: for the acting post, or
    by the clerk for the agency. Raises as above and RemoteSignInNeeded."""
    chosen = sign_ins.people_service_of(actor, service_id)
    agency = Agency.objects.get(pk=actor.agency_id)
    post = None if for_agency else Post.objects.select_related("person").get(pk=actor.own_post)
    if for_agency:
        actor.require(Role.CLERK)
    return _enrol_remote(actor, agency, post, chosen, credential_id, None)


@action
def connect_remote(
    actor: Actor,
    agency: Agency,
    *,
    name: str,
    url: str,
    client_id: str = "",
    secret: str = "",
    people: bool = False,
    oauth_url: str = "",
) -> RemoteService:
    """Connect an agency to a remote signing service, or change how; the secret is kept encrypted. With ``people`` each
    person proves themselves to the service in the browser, at the OAuth 2.0 server ``oauth_url`` (the service's own
    address when empty). Raises :class:`RemoteAddressUnsafe`."""
    for address in (url, oauth_url):
        _require_safe(address)
    box = boxes.lock(secret, sign_ins.SERVICE_PURPOSE) if secret else ""
    connected, _ = RemoteService.objects.update_or_create(
        agency=agency,
        name=name,
        defaults={
            "url": url,
            "client_id": client_id,
            "secret_box": box,
            "people": people,
            "oauth_url": oauth_url,
        },
    )
    record(
        actor,
        "signing.connect_remote",
        kind="service",
        object_id=connected.pk,
        data={"name": name, "url": url},
    )
    return connected


def _require_safe(address: str) -> None:
    """Secrets and people's browsers go to https only, but for a service on this very computer."""
    parts = urlsplit(address)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if address and not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise RemoteAddressUnsafe(address=address)


def _enrol_remote(
    actor: Actor,
    agency: Agency,
    post: Post | None,
    chosen: RemoteService,
    credential_id: str,
    image: bytes | None,
) -> SigningKey:
    said = sign_ins.service_for(chosen, actor.person_id).credential(credential_id)
    place = RemotePlace(
        chosen.pk, credential_id, said.wants_pin, said.wants_otp, said.otp_online, said.signs_in
    )
    return _enrol(
        actor, agency, post, KeyKind.CSC, said.certificate, said.chain, place.dump(said.chain), image
    )


def put_key(
    agency: Agency,
    post: Post | None,
    kind: KeyKind,
    certificate: x509.Certificate,
    material: bytes,
    image: bytes | None,
    device: KeyDevice | None = None,
    chain: Sequence[x509.Certificate] = (),
) -> SigningKey:
    """Store a key in the running transaction; the owner's earlier key is ended, its picture serves on.

    ``chain`` helps to find the certificate's authority. Raises what :func:`require_enrollable` and
    :func:`replace_key` raise, and :class:`trust_rules.CertificatePublic`.
    """
    require_enrollable(certificate, chain)
    require_authority(agency, certificate, chain)
    before = SigningKey.objects.filter(agency=agency, post=post, active=True)
    picture = before.values_list("image_sha256", flat=True).first() or ""
    device = replace_key(agency, post, certificate, device)
    return SigningKey.objects.create(
        agency=agency,
        post=post,
        device=device,
        kind=kind,
        material=material,
        certificate=certificate.dump(),
        subject=certificate.subject.human_friendly[:500],
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before,
        valid_to=certificate.not_valid_after,
        image_sha256=store.put(_fit(image, post)).sha256 if image else picture,
        enrolled_at=clock.now(),
    )


def say_enrolled(actor: Actor, key: SigningKey) -> None:
    """The audit event of an enrolment."""
    authority = category_of(x509.Certificate.load(bytes(key.certificate)))
    data = {
        "subject": key.subject,
        "serial": key.serial,
        "kind": key.kind,
        "post": key.post_id,
        "device": key.device.serial if key.device else "",
        "authority": authority.value if authority else "",
    }
    record(actor, "signing.enrol_key", kind="key", object_id=key.pk, data=data)


def require_enrollable(certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> None:
    """Raises CertificateNotTrusted, CertificateExpired, CertificateNotYetValid. Name and key length are
    :func:`replace_key`'s to judge."""
    now = clock.now()
    require_validity(certificate, now)
    subject = certificate.subject.human_friendly
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        raise CertificateNotTrusted(subject=subject, why="không dùng cho chữ ký số")
    standing = check_certificate(certificate, service.trust(), at=now, others=chain).standing
    if standing not in _TOLERATED:
        raise CertificateNotTrusted(subject=subject, why=_WHY[standing])


def _enrol(
    actor: Actor,
    agency: Agency,
    post: Post | None,
    kind: KeyKind,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    material: bytes,
    image: bytes | None,
    serial: str = "",
) -> SigningKey:
    device = KeyDevice.objects.filter(agency=agency, serial=serial).first() if serial else None
    key = put_key(agency, post, kind, certificate, material, image, device, chain)
    say_enrolled(actor, key)
    return key


def _loaded(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.Certificate.load(der, strict=True)
        certificate.native  # noqa: B018 - parses everything
    except (ValueError, TypeError, KeyError) as problem:
        raise KeyDamaged from problem
    return certificate


def _fit(image: bytes, post: Post | None) -> bytes:
    """A person signs in blue, an agency seals in red, both on a transparent ground (NĐ 30/2020 PL I.II.7d, 8a)."""
    return enrolled(image, Ink.BLUE if post else Ink.RED)
