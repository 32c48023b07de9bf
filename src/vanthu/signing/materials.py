"""What each kind of key keeps so that it can be reached again. Owns the JSON; refuses to hold any PIN."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from asn1crypto import x509


@dataclass(frozen=True)
class DevicePlace:
    """Where on the server's HSM a key lies."""

    token: str
    serial: str
    key_id: bytes
    label: str

    def dump(self, chain: Sequence[x509.Certificate] = ()) -> bytes:
        """As stored."""
        place = {
            "token": self.token,
            "serial": self.serial,
            "id": self.key_id.hex(),
            "label": self.label,
        }
        return _dumped(place, chain)

    @classmethod
    def load(cls, material: bytes) -> DevicePlace:
        """From what is stored."""
        kept = json.loads(material)
        return cls(kept["token"], kept["serial"], bytes.fromhex(kept["id"]), kept["label"])


@dataclass(frozen=True)
class RemotePlace:
    """Which key at which remote service."""

    service_id: UUID
    credential_id: str
    wants_pin: bool
    wants_otp: bool
    otp_online: bool
    signs_in: bool = False
    """Its owner confirms each signing on the service's page."""

    def dump(self, chain: Sequence[x509.Certificate] = ()) -> bytes:
        """As stored."""
        place = {
            "service": str(self.service_id),
            "credential": self.credential_id,
            "pin": self.wants_pin,
            "otp": self.wants_otp,
            "online": self.otp_online,
            "signs_in": self.signs_in,
        }
        return _dumped(place, chain)

    @classmethod
    def load(cls, material: bytes) -> RemotePlace:
        """From what is stored."""
        kept = json.loads(material)
        asked = kept["pin"], kept["otp"], kept["online"], kept.get("signs_in", False)
        return cls(UUID(kept["service"]), kept["credential"], *asked)


def dump_elsewhere(chain: Sequence[x509.Certificate]) -> bytes:
    """Of a key on its owner's own device, the site knows certificates only."""
    return _dumped({}, chain)


def chain_of(material: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates above the key's own, for every kind but PKCS#12."""
    encoded = json.loads(material)["chain"]
    return tuple(x509.Certificate.load(base64.b64decode(item)) for item in encoded)


def _dumped(place: Mapping[str, object], chain: Sequence[x509.Certificate]) -> bytes:
    encoded = [base64.b64encode(certificate.dump()).decode() for certificate in chain]
    return json.dumps({**place, "chain": encoded}).encode()
