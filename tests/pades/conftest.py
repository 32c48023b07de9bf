"""One certificate authority for all tests of the session, and documents in every state of their life."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp, x509
from certomancer.registry import PKIArchitecture, ServiceLabel
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.fetchers.common_utils import format_ocsp_request
from tests.pades.samples import BOLD, ITALIC, PLACES, REGULAR, decision

from vanthu import pades
from vanthu.demo import images, pki
from vanthu.pades.trust import tells_of_revocation

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
ISSUED = date(2026, 11, 21)


@dataclass
class Authority:
    """The demonstration authority inside this process, its clock in the test's hand."""

    folder: Path
    architecture: PKIArchitecture
    keys: dict[str, pades.Pkcs12Key] = field(default_factory=dict)

    def key(self, slug: str, at: datetime = NOW) -> pades.Pkcs12Key:
        """The member's key, held."""
        if slug not in self.keys:
            data = pki.p12_path(self.folder, slug).read_bytes()
            self.keys[slug] = pades.Pkcs12Key.open(data, pki.DEMO_PASSPHRASE, at=at)
        return self.keys[slug]

    def timestamper(self, at: datetime = NOW) -> TimeStamper:
        """The authority's real time-stamping service, saying that it is ``at``."""
        return Stamper(self.architecture, at)

    def trust(self, at: datetime = NOW, **more: object) -> pades.Trust:
        """Trust in the authority's root, asking its real OCSP service at ``at``."""
        options: dict[str, object] = {"allow_fetching": True, "source": Responder(self.architecture, at)}
        return pades.Trust(pki.trust_roots(self.folder), **(options | more))  # type: ignore[arg-type]

    def offline(self, **more: object) -> pades.Trust:
        """Trust in the root, with nobody to ask."""
        return pades.Trust(pki.trust_roots(self.folder), **more)  # type: ignore[arg-type]


def with_stronger_stamps(authority: Authority, folder: Path) -> Authority:
    """The same authority once its time-stamping service has a key of another kind; ``folder`` is empty."""
    made = shutil.copytree(authority.folder, folder / "manh-hon")
    key = ec.generate_private_key(ec.SECP256R1())
    formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (made / "keys" / f"{pki.TSA_LABEL}.pem").write_bytes(key.private_bytes(*formats))
    return Authority(made, pki.architecture(made))


class Stamper(TimeStamper):
    def __init__(self, architecture: PKIArchitecture, at: datetime) -> None:
        super().__init__()
        self._architecture, self._at = architecture, at

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        service = self._architecture.service_registry.summon_timestamper(pki.TSA_LABEL, self._at)
        return service.request_tsa_response(req)


class Responder:
    """The authority's OCSP service; its answers are remembered, for signing them takes most of a test's
    time."""

    _said: dict[tuple[int, int, datetime], pades.Evidence] = {}

    def __init__(self, architecture: PKIArchitecture, at: datetime) -> None:
        self._services, self._at = architecture.service_registry, at

    async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> pades.Evidence:
        about = (id(self._services), certificate.serial_number, self._at)
        if about not in self._said:
            self._said[about] = self._answer(certificate, issuer)
        return self._said[about]

    def _answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> pades.Evidence:
        request = format_ocsp_request(
            certificate, AuthorityWithCert(issuer), certid_hash_algo="sha1", request_nonces=False
        )
        for url in certificate.ocsp_urls:
            label = ServiceLabel(url.rsplit("/", 1)[-1])
            answer = self._services.summon_responder(label, self._at).build_ocsp_response(request)
            lists = (self._services.get_crl(label, self._at).dump(),)
            told = tells_of_revocation(answer.dump())
            return pades.Evidence(ocsps=(answer.dump(),), crls=lists if told else ())
        return pades.Evidence()


class OnlyTheRoot:
    """The members' issuer is gone; the root still answers, for its time-stamping service."""

    def __init__(self, authority: Authority, at: datetime) -> None:
        self._asked = Responder(authority.architecture, at)
        self._root = pki.trust_roots(authority.folder)[0].subject

    async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> pades.Evidence:
        known = issuer.subject == self._root
        return await self._asked.fetch(certificate, issuer) if known else pades.Evidence()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("pki")
    people = [
        pki.PersonCert("chu-tich", "Võ Trọng Thử", "Ủy ban nhân dân tỉnh Hà Tĩnh", "Chủ tịch"),
        pki.PersonCert("chanh-vp", "Nguyễn Thị Đức Ưng", "Văn phòng UBND tỉnh Hà Tĩnh", "Chánh Văn phòng"),
    ]
    agencies = [pki.AgencyCert("ubnd", "Ủy ban nhân dân tỉnh Hà Tĩnh", "000.00.00.H27")]
    pki.create(folder, people, agencies, port=9)
    return Authority(folder, pki.architecture(folder))


@pytest.fixture(scope="session")
def font() -> bytes:
    return REGULAR.read_bytes()


@pytest.fixture(scope="session")
def pen() -> bytes:
    return images.signature("Võ Trọng Thử")


@pytest.fixture(scope="session")
def stamp() -> bytes:
    return images.seal("Ủy ban nhân dân tỉnh Hà Tĩnh", font=BOLD)


@pytest.fixture(scope="session")
def draft() -> bytes:
    return decision()


@pytest.fixture(scope="session")
def prepared(draft: bytes) -> bytes:
    return pades.prepare(draft, PLACES, signers=["nguoi_ky_1"])


@pytest.fixture(scope="session")
def signed(prepared: bytes, authority: Authority, pen: bytes) -> bytes:
    """Signed by the chairman."""
    return pades.sign(prepared, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW, image=pen)


Sealer = Callable[..., bytes]


@pytest.fixture(scope="session")
def seal_it(authority: Authority, font: bytes, stamp: bytes) -> Sealer:
    def seal(pdf: bytes, **more: object) -> bytes:
        options: dict[str, object] = {
            "number": "15",
            "issued_date": ISSUED,
            "font": font,
            "date_font": ITALIC.read_bytes(),
            "signed_at": NOW + timedelta(minutes=5),
            "seal_image": stamp,
        }
        return pades.seal(pdf, authority.key("ubnd"), **(options | more))  # type: ignore[arg-type]

    return seal


@pytest.fixture(scope="session")
def sealed(signed: bytes, seal_it: Sealer) -> bytes:
    """Numbered 15, dated 21/11/2026, sealed by the committee."""
    return seal_it(signed)
