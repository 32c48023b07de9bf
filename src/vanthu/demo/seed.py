"""Fills the database of a demo site: agencies, people, registers, keys; on the axis its members.

Owns what a fresh demonstration contains before anybody works in it. Running it again adds what is missing and
changes nothing else. Refuses to write documents: people make those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password

from vanthu.audit.ledger import action, record
from vanthu.base.actors import Role, system_actor
from vanthu.demo.material import PASSPHRASE, Material
from vanthu.demo.sites import (
    AGENCY_SITES,
    NORMATIVE_TYPES,
    PASSWORD,
    DemoAgency,
    DemoPerson,
    DemoSite,
)
from vanthu.directory.models import Agency, AgencyIdentifier, OrgUnit, Person, Post
from vanthu.directory.queries import holders

if TYPE_CHECKING:  # an axis site has no signing room
    from vanthu.signing.device_models import KeyDevice

SEEDER = "Dữ liệu chạy thử"


def seed_agency_site(site: DemoSite, material: Material) -> None:
    """Agencies hosted here with their people, registers and keys, and the agencies of the other sites."""
    _seed_directory(site)
    for other in AGENCY_SITES:
        if other is not site:
            for demo in other.agencies:
                _known_agency(demo)
    for demo in site.agencies:
        _seed_registers(demo)
        _seed_keys(demo, material)


def seed_axis_site(site: DemoSite, secret_files: Mapping[str, Path]) -> None:
    """The operator, and each agency site as a member with its agencies; ``secret_files`` by system id."""
    from vanthu.demo.members import seed_members

    _seed_directory(site)
    seed_members(AGENCY_SITES, secret_files)


def _seed_directory(site: DemoSite) -> None:
    for demo in site.agencies:
        agency = _hosted_agency(demo)
        names = {person.username for person in demo.people}
        if Post.objects.filter(agency=agency, person__username__in=names).count() < len(names):
            _appoint(agency, demo)


def _hosted_agency(demo: DemoAgency) -> Agency:
    known = AgencyIdentifier.objects.filter(code=demo.organ_id).select_related("agency").first()
    if known is None:
        return _found(demo)
    agency = known.agency
    return agency if agency.hosted else _take_over(agency)


@action
def _found(demo: DemoAgency) -> Agency:
    agency = _new_agency(demo, hosted=True)
    record(system_actor(agency.id, SEEDER), "demo.found_agency", kind="agency", object_id=agency.id)
    return agency


@action
def _take_over(agency: Agency) -> Agency:
    agency.hosted = True
    agency.save()
    record(system_actor(agency.id, SEEDER), "demo.found_agency", kind="agency", object_id=agency.id)
    return agency


@action
def _appoint(agency: Agency, demo: DemoAgency) -> None:
    """Units, people and posts of one agency."""
    units = {
        name: OrgUnit.objects.get_or_create(agency=agency, name=name, defaults={"abbreviation": short})[0]
        for name, short in demo.units
    }
    for order, person in enumerate(demo.people, start=1):
        _post(agency, person, units.get(person.unit), order, _password())
    record(
        system_actor(agency.id, SEEDER),
        "demo.appoint",
        kind="agency",
        object_id=agency.id,
        data={"people": [person.username for person in demo.people]},
    )


@cache
def _password() -> str:
    """Everybody's, as it is stored: making it takes a third of a second, on purpose."""
    return make_password(PASSWORD)


def _post(agency: Agency, demo: DemoPerson, unit: OrgUnit | None, order: int, password: str) -> None:
    person, _ = Person.objects.get_or_create(
        username=demo.username, defaults={"full_name": demo.full_name, "password": password}
    )
    Post.objects.get_or_create(
        person=person,
        agency=agency,
        defaults={
            "unit": unit,
            "position": demo.position,
            "competence": demo.competence,
            "roles": [role.value for role in demo.roles],
            "order": order,
        },
    )


def _new_agency(demo: DemoAgency, *, hosted: bool) -> Agency:
    parent = AgencyIdentifier.objects.filter(code=demo.parent_id).first() if demo.parent_id else None
    agency = Agency.objects.create(
        name=demo.name,
        parent_name=demo.parent_name,
        abbreviation=demo.abbreviation,
        kind=demo.kind,
        parent=parent.agency if parent else None,
        place=demo.place,
        address=demo.address,
        email=demo.email,
        hosted=hosted,
    )
    AgencyIdentifier.objects.create(agency=agency, code=demo.organ_id, primary=True)
    return agency


def _known_agency(demo: DemoAgency) -> None:
    """An agency of another site, so that it can be addressed before the axis has told its list."""
    if not AgencyIdentifier.objects.filter(code=demo.organ_id).exists():
        _new_agency(demo, hosted=False)


def _seed_registers(demo: DemoAgency) -> None:
    from vanthu.records.models import Direction, Register

    agency = Agency.objects.get(identifiers__code=demo.organ_id)
    wanted: list[tuple[Direction, str, list[str]]] = [
        (Direction.OUTGOING, "Sổ đăng ký văn bản đi", []),
        (Direction.OUTGOING, "Sổ đăng ký văn bản quy phạm pháp luật", list(NORMATIVE_TYPES)),
        (Direction.INCOMING, "Sổ đăng ký văn bản đến", []),
    ]
    missing = [
        (direction, name, types)
        for direction, name, types in wanted
        if not Register.objects.filter(agency=agency, direction=direction, name=name).exists()
    ]
    if missing:
        _open_registers(agency, missing)


@action
def _open_registers(agency: Agency, wanted: Sequence[tuple[str, str, list[str]]]) -> None:
    from vanthu.records.models import Register

    for direction, name, types in wanted:
        Register.objects.create(agency=agency, direction=direction, name=name, type_codes=types)
    record(
        system_actor(agency.id, SEEDER),
        "demo.open_registers",
        kind="agency",
        object_id=agency.id,
        data={"registers": [name for _, name, _ in wanted]},
    )


def _seed_keys(demo: DemoAgency, material: Material) -> None:
    agency = Agency.objects.get(identifiers__code=demo.organ_id)
    _enrol(agency, None, demo.slug, material)
    for person in demo.people:
        if person.signs:
            post = Post.objects.get(agency=agency, person__username=person.username)
            _enrol(agency, post, person.slug, material)
    if demo.encrypts:
        _enrol_for_encryption(agency, material.p12(demo.encryption_slug).read_bytes())


def _enrol_for_encryption(agency: Agency, p12: bytes) -> None:
    from vanthu.encryption.actions import enrol_key
    from vanthu.encryption.models import AgencyKey

    if not AgencyKey.objects.filter(agency=agency, material=p12).exists():
        enrol_key(system_actor(agency.id, SEEDER), p12, PASSPHRASE)


def _enrol(agency: Agency, post: Post | None, slug: str, material: Material) -> None:
    from vanthu.signing.actions import enrol_key
    from vanthu.signing.models import SigningKey

    device = _device(agency, post, slug)
    p12 = material.p12(slug).read_bytes()
    if not SigningKey.objects.filter(agency=agency, post=post, active=True, material=p12).exists():
        image = material.image(slug).read_bytes()
        system = system_actor(agency.id, SEEDER)
        enrol_key(system, agency, post, p12, PASSPHRASE, image=image, device=device)


def _device(agency: Agency, post: Post | None, slug: str) -> KeyDevice:
    """What keeps the key, in the register: the agency's with its clerk, a person's with the person (Đ32)."""
    from vanthu.signing.device_models import DeviceKind, KeyDevice
    from vanthu.signing.device_rules import HandoverData
    from vanthu.signing.devices import DeviceData, register_device

    serial = slug.upper()
    known = KeyDevice.objects.filter(agency=agency, serial=serial).first()
    if known is not None:
        return known
    keeper = post or holders(agency.id, Role.CLERK)[0]
    data = DeviceData(
        kind=DeviceKind.FILE,
        serial=serial,
        label="Khóa ký số của cá nhân" if post else "Khóa ký số của cơ quan",
        owner_id=post.pk if post else None,
        custodian_id=keeper.pk,
        said=HandoverData(permission="" if post else "Quyết định 07/QĐ-VP ngày 05/01/2026"),
    )
    return register_device(system_actor(agency.id, SEEDER), data)
