"""A small world for tests: two agencies on this site with people, keys and registers, and real sample documents.

Plain functions over the real database; the keys come from a certificate authority made once per run.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from certomancer.registry import PKIArchitecture
from django.conf import settings
from tests.remembered import remembered

from vanthu.base.actors import Actor, Role, system_actor
from vanthu.demo import images, pki, samples
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyIdentifier, OrgUnit, Person, Post
from vanthu.formalities.fonts import tinos_folder
from vanthu.issuing import actions as issuing
from vanthu.issuing.rules import DraftData
from vanthu.issuing.uploads import check_upload
from vanthu.records.models import Direction, Document, Register
from vanthu.signing import service
from vanthu.signing.actions import enrol_key
from vanthu.signing.device_models import DeviceKind
from vanthu.signing.device_rules import HandoverData
from vanthu.signing.devices import DeviceData, register_device

PASSPHRASE = pki.DEMO_PASSPHRASE
PASSWORD = "mat-khau-thu-nghiem"
NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
"""Thursday 19/11/2026, 09:00 in Viet Nam: an ordinary working morning."""

AUTHORITY_PORT = 20_000 + os.getpid() % 12_000
"""Where the certificates say that their authority answers. Nobody does, unless a test begins to."""


@dataclass
class Office:
    """One agency and its people; ``post`` and ``actor`` by short name."""

    agency: Agency
    posts: dict[str, Post] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The acting post of a person."""
        return directory.actor_of(self.posts[name], "127.0.0.1")

    def __getattr__(self, name: str) -> Actor:
        if name.startswith("_") or name not in self.posts:
            raise AttributeError(name)
        return self.actor(name)


@dataclass
class World:
    """The province (sender) and its department (recipient)."""

    province: Office
    department: Office


def build() -> World:
    """Both agencies with a full set of people each; the province has a unit with a head."""
    trust_authority()
    return remembered(_built)


def _built() -> World:
    province = _office(
        "Ủy ban nhân dân tỉnh Hà Tĩnh",
        "UBND",
        "H27",
        slug="ubnd",
        leader=("chu-tich", "Võ Trọng Thử", "Chủ tịch", "TM. ỦY BAN NHÂN DÂN"),
        with_unit=True,
    )
    department = _office(
        "Sở Nội vụ tỉnh Hà Tĩnh",
        "SNV",
        "H27.14",
        slug="snv",
        leader=("giam-doc", "Phan Thị Hồng Nhung", "Giám đốc", ""),
        with_unit=False,
    )
    return World(province, department)


@functools.cache
def authority() -> Path:
    """The folder of the test authority; made once per run, shared by the workers of the run."""
    folder = Path(os.environ.get("VANTHU_TEST_RUN", "/tmp")) / f"pki-{os.getpid()}"
    people = [
        pki.PersonCert("chu-tich", "Võ Trọng Thử", "Ủy ban nhân dân tỉnh Hà Tĩnh", "Chủ tịch"),
        pki.PersonCert("giam-doc", "Phan Thị Hồng Nhung", "Sở Nội vụ tỉnh Hà Tĩnh", "Giám đốc"),
    ]
    agencies = [
        pki.AgencyCert("ubnd", "Ủy ban nhân dân tỉnh Hà Tĩnh", "H27"),
        pki.AgencyCert("snv", "Sở Nội vụ tỉnh Hà Tĩnh", "H27.14"),
    ]
    pki.create(folder, people, agencies, port=AUTHORITY_PORT)
    return folder


@functools.cache
def services() -> PKIArchitecture:
    """What the test authority answers, in this process."""
    return pki.architecture(authority())


def trust_authority() -> None:
    """Trust the test authority; its services do not run, so revocation stays unknown."""
    folder = authority() / "trust"
    folder.mkdir(exist_ok=True)
    for name, target in (("root.pem", "root.pem"), ("issuer.pem", "intermediate.pem")):
        (folder / target).write_bytes((authority() / name).read_bytes())
    settings.VANTHU.trust_dir = folder
    settings.VANTHU.revocation_fetch = False
    settings.VANTHU.tsa_url = ""
    service.trust.cache_clear()
    service.timestamper.cache_clear()


def letterhead(office: Office, signer: Post) -> samples.Letterhead:
    """The head and foot of a sample document of the office."""
    return samples.Letterhead(
        parent="",
        issuer=office.agency.name.upper(),
        agency_abbreviation=office.agency.abbreviation,
        unit_abbreviation="VP",
        place="Hà Tĩnh",
        authority=tuple(part for part in (signer.competence, signer.position.upper()) if part),
        signer=signer.person.full_name,
        name=office.agency.name,
    )


def official_letter(office: Office, subject: str = "V/v rà soát công tác chuyển đổi số") -> bytes:
    """A sample công văn of the office as PDF."""
    return _letter(office.agency.pk, letterhead(office, office.posts["leader"]), subject)


@functools.lru_cache(maxsize=32)
def _letter(_: object, head: samples.Letterhead, subject: str) -> bytes:
    return samples.document(
        "CONG_VAN",
        letterhead=head,
        subject=subject,
        paragraphs=("Đề nghị các cơ quan, đơn vị rà soát và báo cáo kết quả trước ngày 30 hằng tháng.",),
        to=("Các sở, ban, ngành",),
        year=2026,
    )


def draft(
    office: Office,
    recipients: Sequence[Agency] = (),
    *,
    by: str = "specialist",
    subject: str = "Rà soát công tác chuyển đổi số",
    urgency: int = 0,
    reply_to: Document | None = None,
) -> Document:
    """A complete draft with its file, not yet submitted."""
    actor = office.actor(by)
    document = issuing.create_draft(
        actor,
        DraftData(
            type_code="CONG_VAN",
            subject=subject,
            urgency=urgency,
            signer_id=str(office.posts["leader"].pk),
            recipient_ids=[str(agency.pk) for agency in recipients],
            distribution=["Như trên", "Lưu: VT"],
            reply_to_id=str(reply_to.pk) if reply_to else "",
        ),
    )
    issuing.attach_main(actor, document.pk, check_upload("cong-van.pdf", official_letter(office)))
    return document


def signed(office: Office, recipients: Sequence[Agency] = (), **more: object) -> Document:
    """A document the leader has signed; it waits for the clerk."""
    document = draft(office, recipients, **more)  # type: ignore[arg-type]
    issuing.submit(office.actor(str(more.get("by", "specialist"))), document.pk)
    return issuing.sign_document(office.actor("leader"), document.pk, PASSPHRASE)


def issued(office: Office, recipients: Sequence[Agency], **more: object) -> Document:
    """A document that was numbered, sealed and dispatched."""
    document = signed(office, recipients, **more)
    return issuing.issue(office.actor("clerk"), document.pk, PASSPHRASE)


def _office(
    name: str,
    abbreviation: str,
    organ_id: str,
    *,
    slug: str,
    leader: tuple[str, str, str, str],
    with_unit: bool,
) -> Office:
    agency = Agency.objects.create(name=name, abbreviation=abbreviation, place="Hà Tĩnh", hosted=True)
    AgencyIdentifier.objects.create(agency=agency, code=organ_id)
    office = Office(agency)
    unit = OrgUnit.objects.create(agency=agency, name="Văn phòng", abbreviation="VP") if with_unit else None
    key_slug, full_name, position, competence = leader
    _post(office, "leader", full_name, position, Role.LEADER, competence=competence, order=1)
    _post(office, "clerk", f"Lê Thị Hoa {abbreviation}", "Văn thư", Role.CLERK)
    _post(office, "specialist", f"Trần Văn Nam {abbreviation}", "Chuyên viên", Role.SPECIALIST)
    _post(office, "colleague", f"Hồ Thị Mai {abbreviation}", "Chuyên viên", Role.SPECIALIST)
    if unit:
        _post(office, "unit_head", "Nguyễn Đức Ưng", "Chánh Văn phòng", Role.UNIT_HEAD, unit=unit)
        _post(office, "unit_specialist", "Bùi Thị Ngọc", "Chuyên viên", Role.SPECIALIST, unit=unit)
    for direction, title in ((Direction.OUTGOING, "Sổ văn bản đi"), (Direction.INCOMING, "Sổ văn bản đến")):
        Register.objects.create(agency=agency, direction=direction, name=title)
    _enrol(office, office.posts["leader"], key_slug, images.signature(full_name))
    bold = tinos_folder() / "700Bold" / "Tinos_700Bold.ttf"
    _enrol(office, None, slug, images.seal(name, font=bold))
    return office


def _post(
    office: Office,
    short: str,
    full_name: str,
    position: str,
    role: Role,
    *,
    unit: OrgUnit | None = None,
    competence: str = "",
    order: int = 100,
) -> None:
    username = f"{short}.{office.agency.abbreviation}".lower()
    person = Person.objects.create_user(username, PASSWORD, full_name=full_name)
    office.posts[short] = Post.objects.create(
        person=person,
        agency=office.agency,
        unit=unit,
        position=position,
        competence=competence,
        roles=[role.value],
        order=order,
    )


def _enrol(office: Office, post: Post | None, slug: str, image: bytes) -> None:
    data, system = pki.p12_path(authority(), slug).read_bytes(), system_actor(office.agency.pk)
    keeper = post or office.posts["clerk"]
    device = register_device(
        system,
        DeviceData(
            kind=DeviceKind.FILE,
            serial=f"KHOA-{slug}",
            owner_id=post.pk if post else None,
            custodian_id=keeper.pk,
            said=HandoverData(permission="Quyết định 07/QĐ-VP ngày 05/01/2026"),
        ),
    )
    enrol_key(system, office.agency, post, data, PASSPHRASE, image=image, device=device)
