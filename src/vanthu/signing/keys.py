"""Unlocking a held key for one signing. Each kind of key source has one opener here; callers see only KeySource."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import x509
from django.conf import settings

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.errors import MustAct, VanthuError
from vanthu.pades import KeySource, Pkcs12Key
from vanthu.pades.away import AwayKey
from vanthu.pades.csc import CscKey, CscService
from vanthu.pades.errors import KeyElsewhere
from vanthu.pades.schemes import Scheme, scheme_for
from vanthu.pades.tokens import Pkcs11Key
from vanthu.signing import gate, sign_ins
from vanthu.signing.materials import DevicePlace, RemotePlace, chain_of
from vanthu.signing.models import KeyKind, RemoteService, SigningKey
from vanthu_agent import device
from vanthu_agent.device import Found


class NoKey(VanthuError):
    """Nobody enrolled a key for this signature."""

    code = "NO_SIGNING_KEY"
    message = "Chưa có khóa ký cho {owner}; quản trị của cơ quan cần đăng ký chứng thư số."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 30/2020 Đ32"


class KeyAtHand(VanthuError):
    """The page asks for a key elsewhere, and the key in use is of another kind."""

    code = "KEY_AT_HAND"
    message = "Khóa ký đã được thay từ khi trang này mở. Hãy tải lại trang và ký lại."
    http_status = 409


class NoDeviceLibrary(VanthuError):
    """The site was not told how to reach its HSM."""

    code = "HSM_LIBRARY_NOT_SET"
    message = "Hệ thống chưa được cấu hình thiết bị bảo mật (VANTHU_HSM_LIBRARY)."
    must_act = MustAct.ADMINISTRATOR


@dataclass(frozen=True)
class Secrets:
    """What the owner types for one signing; never kept and never shown."""

    passphrase: str = ""
    """Passphrase of a file, or PIN of a device or of a remote key."""
    otp: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"


@dataclass(frozen=True)
class Wanted:
    """What a page asks the owner of a key for."""

    kind: KeyKind
    passphrase: bool = False
    otp: bool = False
    otp_online: bool = False
    signs_in: bool = False
    """The key's owner confirms on the page of the service that holds it."""

    @property
    def elsewhere(self) -> bool:
        """The key is beyond this server's reach: on its owner's own computer, where the page talks to vanthu-agent, or
        at a service that wants its owner."""
        return self.kind is KeyKind.AGENT or self.signs_in


def person_key(actor: Actor) -> SigningKey:
    """The active key of the acting post; raises :class:`NoKey`, and what ``gate.require_key`` raises."""
    key = SigningKey.objects.filter(post_id=actor.own_post, active=True).first()
    if key is None:
        raise NoKey(owner=actor.name)
    return gate.require_key(actor, key)


def agency_key(actor: Actor) -> SigningKey:
    """The agency's key, which only the clerk who keeps its device uses (NĐ 30/2020 Đ32.2).

    Raises :class:`NoKey`, and what ``gate.require_key`` raises.
    """
    actor.require(Role.CLERK)
    key = SigningKey.objects.filter(agency_id=actor.agency_id, post=None, active=True).first()
    if key is None:
        raise NoKey(owner=actor.agency_name)
    return gate.require_key(actor, key)


def held(actor: Actor, *, agency: bool) -> SigningKey | None:
    """The agency's active key, or that of the acting post; None when nobody enrolled one."""
    which = {"agency_id": actor.agency_id, "post": None} if agency else {"post_id": actor.own_post}
    return SigningKey.objects.filter(active=True, **which).defer("certificate").first()


def unlock(key: SigningKey, passphrase: str, otp: str = "") -> KeySource:
    """Open the key for signing; raises the key errors of ``vanthu.pades`` (wrong passphrase or PIN, expired,
    device absent, service unreachable …), and KeyElsewhere for a key beyond this server's reach."""
    return _OPENERS[KeyKind(key.kind)](key, Secrets(passphrase, otp))


def wanted(key: SigningKey) -> Wanted:
    """What to ask the owner for before :func:`unlock`."""
    kind = KeyKind(key.kind)
    if kind is KeyKind.CSC:
        place = RemotePlace.load(bytes(key.material))
        return Wanted(kind, place.wants_pin, place.wants_otp, place.otp_online, place.signs_in)
    return Wanted(kind, passphrase=kind is not KeyKind.AGENT)


def elsewhere(key: SigningKey) -> AwayKey:
    """What stands for a key beyond this server's reach while a file is prepared for it. Raises :class:`KeyAtHand`."""
    if not wanted(key).elsewhere:
        raise KeyAtHand
    own = x509.Certificate.load(bytes(key.certificate))
    return AwayKey(own, chain_of(bytes(key.material)), scheme_for(own, scheme()))


def scheme() -> Scheme:
    """How RSA keys of this site sign."""
    return Scheme(settings.VANTHU.rsa_signatures.value)


def device_library() -> Path:
    """The PKCS#11 library of the site's HSM; raises :class:`NoDeviceLibrary`."""
    library: Path | None = settings.VANTHU.hsm_library
    if library is None:
        raise NoDeviceLibrary
    return library


def owner_of(key: SigningKey) -> str:
    """Whose certificate it is, as people say it: name, title, organisation."""
    return device.owner_of(x509.Certificate.load(bytes(key.certificate)))


def send_otp(key: SigningKey) -> None:
    """Have the remote service send the owner a one-time password; raises :class:`NoKey` for other kinds."""
    if KeyKind(key.kind) is not KeyKind.CSC:
        raise NoKey(owner=key.subject)
    place = RemotePlace.load(bytes(key.material))
    _service(key, place).send_otp(place.credential_id)


def _open_pkcs12(key: SigningKey, secrets: Secrets) -> KeySource:
    return Pkcs12Key.open(bytes(key.material), secrets.passphrase, at=clock.now(), scheme=scheme())


def _open_device(key: SigningKey, secrets: Secrets) -> KeySource:
    material = bytes(key.material)
    place = DevicePlace.load(material)
    own = x509.Certificate.load(bytes(key.certificate))
    found = Found(
        device_library(), place.token, place.serial, place.key_id, place.label, own, chain_of(material)
    )
    return Pkcs11Key.open_found(found, secrets.passphrase, at=clock.now(), scheme=scheme())


def _open_remote(key: SigningKey, secrets: Secrets) -> KeySource:
    place = RemotePlace.load(bytes(key.material))
    if place.signs_in:
        raise KeyElsewhere
    opened = CscKey.open(
        _service(key, place),
        place.credential_id,
        pin=secrets.passphrase,
        otp=secrets.otp,
        at=clock.now(),
        scheme=scheme(),
    )
    require_same(key, opened.certificate)
    return opened


def _service(key: SigningKey, place: RemotePlace) -> CscService:
    """The connection by which the key is used: the site's own, or the key owner's."""
    owner = key.post.person_id if key.post else None
    return sign_ins.service_for(RemoteService.objects.get(pk=place.service_id), owner)


def _open_elsewhere(_key: SigningKey, _secrets: Secrets) -> KeySource:
    raise KeyElsewhere


class CertificateChanged(VanthuError):
    """The key that answers is not the key that was enrolled."""

    code = "KEY_CERTIFICATE_CHANGED"
    message = "Chứng thư số nhận được không phải chứng thư đã đăng ký ({subject}). Hãy đăng ký lại khóa ký."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 23/2025 Đ15"


def require_same(key: SigningKey, certificate: x509.Certificate) -> None:
    """Raises :class:`CertificateChanged` unless the certificate is the enrolled one."""
    if certificate.dump() != bytes(key.certificate):
        raise CertificateChanged(subject=key.subject)


_OPENERS: dict[KeyKind, Callable[[SigningKey, Secrets], KeySource]] = {
    KeyKind.PKCS12: _open_pkcs12,
    KeyKind.PKCS11: _open_device,
    KeyKind.CSC: _open_remote,
    KeyKind.AGENT: _open_elsewhere,
}
