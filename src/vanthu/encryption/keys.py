"""Opens an agency's key for one use. Each place of keys has one opener here."""

from __future__ import annotations

from collections.abc import Callable

from vanthu import cms
from vanthu.base import clock
from vanthu.encryption.models import AgencyKey, KeyPlace
from vanthu.encryption.queries import certificate_of
from vanthu.pades.tokens import found_on
from vanthu.signing.keys import device_library
from vanthu.signing.materials import DevicePlace
from vanthu_agent.device import Found


def unlock(key: AgencyKey, secret: str) -> cms.OpeningKey:
    """The key, open until its ``with`` block ends; ``secret`` is its passphrase or PIN. Not for keys elsewhere.

    Raises ``WrongPassphrase``, ``KeyDamaged``, ``NoDeviceLibrary`` and the refusals of a device.
    """
    return _OPENERS[KeyPlace(key.place)](key, secret)


def on_device() -> list[Found]:
    """The certificates on the server's device that contents may be encrypted to.

    Raises ``NoDeviceLibrary`` and the refusals of a device.
    """
    return [one for one in found_on(device_library()) if _is_fit(one)]


def place_of(found: Found) -> DevicePlace:
    """What is kept of a key on the device."""
    return DevicePlace(found.token, found.serial, found.key_id, found.label)


def _is_fit(found: Found) -> bool:
    try:
        cms.require_fit(found.certificate, clock.now())
    except cms.CertificateUnfit:
        return False
    return True


def _open_file(key: AgencyKey, passphrase: str) -> cms.OpeningKey:
    return cms.Pkcs12OpeningKey.open(bytes(key.material), passphrase)


def _open_device(key: AgencyKey, pin: str) -> cms.OpeningKey:
    place = DevicePlace.load(bytes(key.material))
    held = (place.token, place.serial, place.key_id, place.label)
    return cms.Pkcs11OpeningKey.open_found(Found(device_library(), *held, certificate_of(key)), pin)


_OPENERS: dict[KeyPlace, Callable[[AgencyKey, str], cms.OpeningKey]] = {
    KeyPlace.PKCS12: _open_file,
    KeyPlace.PKCS11: _open_device,
}
