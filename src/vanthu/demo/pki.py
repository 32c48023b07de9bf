"""A make-believe certificate authority in the manner of the public-duty signature service (chữ ký số chuyên
dùng công vụ).

Owns keys, certificates and the revocation and time-stamping services of a demonstration or a test.
Certificates are made anew from one configuration file whenever they are asked for and come out the same, byte
for byte, so the folder may be used again and people may be added to it. Refuses to look real: its root says
that it is a demonstration.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from asn1crypto import pem, x509
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture, ServiceLabel
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_der_x509_certificate

DEMO_PASSPHRASE = "vanthu-demo"  # noqa: S105 - known to everybody on purpose

EXPIRED = "het-han"
REVOKED = "bi-thu-hoi"
UNTRUSTED = "ngoai-he-thong"
"""Slugs of the extra people that every folder has: an expired certificate, a revoked one, one from another
root."""

_ARCHITECTURE = "vanthu"
_CONFIG, _MEMBERS = "pki.yml", "members.json"
_ROOT, _ISSUER, _OTHER_ROOT = "goc", "cap-phat", "goc-la"
_ROOT_OCSP, _ISSUER_OCSP, _TSA = "goc-ocsp", "cap-phat-ocsp", "dau-thoi-gian"
_RESERVED = {_ROOT, _ISSUER, _OTHER_ROOT, _ROOT_OCSP, _ISSUER_OCSP, _TSA, EXPIRED, REVOKED, UNTRUSTED}


@dataclass(frozen=True)
class PersonCert:
    """A competent person's certificate: name, agency and title (NĐ 23/2025 Đ13)."""

    slug: str
    common_name: str
    organization: str
    title: str
    passphrase: str = DEMO_PASSPHRASE


@dataclass(frozen=True)
class AgencyCert:
    """An agency's certificate; ``organ_id`` is its identifier on the axis and stands in serialNumber.

    ``encrypts``: others encrypt to it, it signs nothing.
    """

    slug: str
    common_name: str
    organ_id: str
    passphrase: str = DEMO_PASSPHRASE
    encrypts: bool = False


_EXTRAS = (
    PersonCert(EXPIRED, "Phan Văn Hết Hạn", "Cơ quan thử nghiệm", "Chuyên viên"),
    PersonCert(REVOKED, "Lê Thị Thu Hồi", "Cơ quan thử nghiệm", "Chuyên viên"),
    PersonCert(UNTRUSTED, "Người Ngoài Hệ Thống", "Tổ chức không được tin cậy", "Không rõ"),
)


def create(folder: Path, people: Sequence[PersonCert], agencies: Sequence[AgencyCert], *, port: int) -> None:
    """Writes configuration, keys, ``<slug>.p12`` and ``root.pem``, ``issuer.pem``, ``other-root.pem`` into
    ``folder``.

    Services are named as http://127.0.0.1:``port``. A folder made earlier continues: keys and members stay,
    new members are added, PKCS#12 files change only when their certificate does. Raises ValueError for a slug
    that is taken by the authority itself.
    """
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    members = _merged(folder, [*people, *agencies])
    for label in [*_RESERVED, *members]:
        member = members.get(label)
        curve = isinstance(member, AgencyCert) and member.encrypts
        _ensure_key(folder / "keys" / f"{label}.pem", curve=curve)
    _write(
        folder / _CONFIG, yaml.safe_dump(_config(members, port), allow_unicode=True, sort_keys=False).encode()
    )
    authority = architecture(folder)
    for name, label in (("root", _ROOT), ("issuer", _ISSUER), ("other-root", _OTHER_ROOT)):
        der = authority.get_cert(CertLabel(label)).dump()
        _write(folder / f"{name}.pem", pem.armor("CERTIFICATE", der))
    for member in [*members.values(), *_EXTRAS]:
        _ensure_p12(folder, authority, member)


def serve_command(folder: Path, port: int) -> list[str]:
    """The command that serves time stamps, OCSP and CRLs for ``folder`` on 127.0.0.1:``port`` until it is
    stopped."""
    config = str(folder / _CONFIG)
    return [
        sys.executable,
        "-m",
        "certomancer",
        "--config",
        config,
        "animate",
        "--port",
        str(port),
        "--no-web-ui",
    ]


def tsa_url(port: int) -> str:
    """Where the time-stamping authority answers while ``serve_command`` runs."""
    return f"http://127.0.0.1:{port}/{_ARCHITECTURE}/tsa/{_TSA}"


def p12_path(folder: Path, slug: str) -> Path:
    """The PKCS#12 file of a member."""
    return folder / f"{slug}.p12"


def trust_roots(folder: Path) -> tuple[x509.Certificate, ...]:
    """The one root to trust; not the other root, which exists to be refused."""
    return (_read_pem(folder / "root.pem"),)


def intermediates(folder: Path) -> tuple[x509.Certificate, ...]:
    """Certificates between the root and the members."""
    return (_read_pem(folder / "issuer.pem"),)


def architecture(folder: Path) -> PKIArchitecture:
    """The authority itself, in this process: for tests, and for making CRLs without a server."""
    loaded = CertomancerConfig.from_file(str(folder / _CONFIG), key_search_dir=str(folder))
    return loaded.get_pki_arch(ArchLabel(_ARCHITECTURE))


TSA_LABEL = ServiceLabel(_TSA)
ROOT_SERVICE = ServiceLabel(_ROOT)
ISSUER_SERVICE = ServiceLabel(_ISSUER)
"""Labels of the services inside ``architecture``."""


def _merged(folder: Path, wanted: Iterable[PersonCert | AgencyCert]) -> dict[str, PersonCert | AgencyCert]:
    kept = folder / _MEMBERS
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else []
    members = {entry["slug"]: _member(entry) for entry in known}
    for member in wanted:
        if member.slug in _RESERVED:
            raise ValueError(f"slug taken by the authority: {member.slug}")
        members[member.slug] = member
    listed = [asdict(member) for member in members.values()]
    _write(kept, json.dumps(listed, ensure_ascii=False, indent=1).encode())
    return members


def _member(entry: dict[str, Any]) -> PersonCert | AgencyCert:
    return AgencyCert(**entry) if "organ_id" in entry else PersonCert(**entry)


def _ensure_key(path: Path, *, curve: bool) -> None:
    """An RSA key, or one on the curve P-256 where documents are encrypted to it."""
    if path.exists():
        return
    key: Any = (
        ec.generate_private_key(ec.SECP256R1())
        if curve
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(path, data)
    path.chmod(0o600)


def _write(path: Path, data: bytes) -> None:
    """All or nothing, and untouched when nothing changed."""
    if path.exists() and path.read_bytes() == data:
        return
    draft = path.with_suffix(path.suffix + ".new")
    draft.write_bytes(data)
    draft.replace(path)


def _read_pem(path: Path) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(path.read_bytes())[2])


def _ensure_p12(folder: Path, authority: PKIArchitecture, member: PersonCert | AgencyCert) -> None:
    path = p12_path(folder, member.slug)
    certificate = load_der_x509_certificate(authority.get_cert(CertLabel(member.slug)).dump())
    if path.exists() and _holds(path, member.passphrase, certificate):
        return
    key: Any = serialization.load_pem_private_key((folder / "keys" / f"{member.slug}.pem").read_bytes(), None)
    above = [] if member.slug == UNTRUSTED else [_ISSUER]
    chain = [load_der_x509_certificate(authority.get_cert(CertLabel(label)).dump()) for label in above]
    protection = serialization.BestAvailableEncryption(member.passphrase.encode())
    _write(
        path, pkcs12.serialize_key_and_certificates(member.slug.encode(), key, certificate, chain, protection)
    )
    path.chmod(0o600)


def _holds(path: Path, passphrase: str, certificate: Any) -> bool:
    try:
        found = pkcs12.load_pkcs12(path.read_bytes(), passphrase.encode())
    except ValueError:
        return False
    return found.cert is not None and found.cert.certificate == certificate


def _config(members: dict[str, PersonCert | AgencyCert], port: int) -> dict[str, Any]:
    labels = [*sorted(_RESERVED), *members]
    return {
        "external-url-prefix": f"http://127.0.0.1:{port}",
        "keysets": {
            _ARCHITECTURE: {"path-prefix": "keys", "keys": {name: {"path": f"{name}.pem"} for name in labels}}
        },
        "pki-architectures": {
            _ARCHITECTURE: {
                "keyset": _ARCHITECTURE,
                "entities": _entities(members),
                "certs": _certificates(members),
                "services": _services(),
            }
        },
    }


def _entities(members: dict[str, PersonCert | AgencyCert]) -> dict[str, Any]:
    cipher = "Cơ quan chứng thực thử nghiệm Vanthu"
    named = {
        _ROOT: "CA gốc thử nghiệm Vanthu (không có giá trị pháp lý)",
        _ISSUER: "CA phục vụ cơ quan nhà nước (thử nghiệm)",
        _OTHER_ROOT: "CA gốc lạ",
        _ROOT_OCSP: "OCSP của CA gốc thử nghiệm",
        _ISSUER_OCSP: "OCSP của CA phục vụ cơ quan nhà nước (thử nghiệm)",
        _TSA: "Dịch vụ cấp dấu thời gian (thử nghiệm)",
    }
    entities = {label: _name(organization_name=cipher, common_name=name) for label, name in named.items()}
    return entities | {item.slug: _subject(item) for item in [*members.values(), *_EXTRAS]}


def _subject(member: PersonCert | AgencyCert) -> dict[str, str]:
    if isinstance(member, AgencyCert):
        return _name(
            organization_name=member.common_name,
            serial_number=member.organ_id,
            common_name=member.common_name,
        )
    return _name(
        organization_name=member.organization,
        organizational_unit_name="Lãnh đạo" if member.title != "Chuyên viên" else "Chuyên viên",
        title=member.title,
        common_name=member.common_name,
    )


def _name(**parts: str) -> dict[str, str]:
    return {"country-name": "VN"} | {key.replace("_", "-"): value for key, value in parts.items()}


def _certificates(members: dict[str, PersonCert | AgencyCert]) -> dict[str, Any]:
    authority = ("2020-01-01T00:00:00+0000", "2046-01-01T00:00:00+0000")
    member = ("2024-01-01T00:00:00+0000", "2036-01-01T00:00:00+0000")
    certs = {
        _ROOT: _certificate(_ROOT, _ROOT, authority, profiles=[_ca(_ROOT)]),
        _OTHER_ROOT: _certificate(_OTHER_ROOT, _OTHER_ROOT, authority, profiles=[{"id": "simple-ca"}]),
        _ISSUER: _certificate(_ISSUER, _ROOT, authority, profiles=[_ca(_ISSUER)]),
        _ROOT_OCSP: _certificate(_ROOT_OCSP, _ROOT, authority, profiles=["ocsp-responder"]),
        _ISSUER_OCSP: _certificate(_ISSUER_OCSP, _ISSUER, authority, profiles=["ocsp-responder"]),
        _TSA: _certificate(
            _TSA, _ROOT, authority, extensions=[_usage("digital_signature"), _time_stamping()]
        ),
    }
    for slug, one in members.items():
        encrypts = isinstance(one, AgencyCert) and one.encrypts
        usage = _usage("key_agreement") if encrypts else _signing_usage()
        certs[slug] = _certificate(slug, _ISSUER, member, extensions=[usage])
    past = ("2020-01-01T00:00:00+0000", "2021-01-01T00:00:00+0000")
    certs[EXPIRED] = _certificate(EXPIRED, _ISSUER, past, extensions=[_signing_usage()])
    certs[UNTRUSTED] = _certificate(UNTRUSTED, _OTHER_ROOT, member, extensions=[_signing_usage()])
    withdrawn = {"revoked-since": "2025-06-01T00:00:00+0000", "reason": "key_compromise"}
    certs[REVOKED] = _certificate(REVOKED, _ISSUER, member, extensions=[_signing_usage()]) | {
        "revocation": withdrawn
    }
    return certs


def _certificate(
    subject: str,
    issuer: str,
    validity: tuple[str, str],
    *,
    profiles: list[Any] | None = None,
    extensions: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    serial = int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big") >> 1
    made: dict[str, Any] = {
        "subject": subject,
        "subject-key": subject,
        "issuer": issuer,
        "issuer-cert": issuer,
        "authority-key": issuer,
        "serial": serial,
        "validity": {"valid-from": validity[0], "valid-to": validity[1]},
    }
    return (
        made
        | ({"profiles": profiles} if profiles else {})
        | ({"extensions": extensions} if extensions else {})
    )


def _ca(service: str) -> dict[str, Any]:
    return {"id": "simple-ca", "params": {"crl-repo": service, "ocsp-service": service}}


def _usage(*usages: str) -> dict[str, Any]:
    return {
        "id": "key_usage",
        "critical": True,
        "smart-value": {"schema": "key-usage", "params": list(usages)},
    }


def _signing_usage() -> dict[str, Any]:
    return _usage("digital_signature", "non_repudiation")


def _time_stamping() -> dict[str, Any]:
    return {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}


def _services() -> dict[str, Any]:
    return {
        "ocsp": {
            _ROOT: {"for-issuer": _ROOT, "responder-cert": _ROOT_OCSP, "signing-key": _ROOT_OCSP},
            _ISSUER: {"for-issuer": _ISSUER, "responder-cert": _ISSUER_OCSP, "signing-key": _ISSUER_OCSP},
        },
        "crl-repo": {
            _ROOT: {"for-issuer": _ROOT, "signing-key": _ROOT, "simulated-update-schedule": "P30D"},
            _ISSUER: {"for-issuer": _ISSUER, "signing-key": _ISSUER, "simulated-update-schedule": "P30D"},
        },
        "time-stamping": {_TSA: {"signing-key": _TSA, "signing-cert": _TSA}},
    }
