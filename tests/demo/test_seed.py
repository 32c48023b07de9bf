"""What is in the demonstration before anybody works in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate

from vanthu.audit import queries as audit
from vanthu.audit.models import Event
from vanthu.axis.models import AxisAgency, Member
from vanthu.base.actors import Role
from vanthu.demo import seed
from vanthu.demo.cluster import DemoPki
from vanthu.demo.material import Material
from vanthu.demo.sites import AGENCY_SITES, AXIS, GOVERNMENT_OFFICE, HA_TINH, NORMATIVE_TYPES, PASSWORD, SITES
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Person, Post
from vanthu.formalities.types import Family, types_of
from vanthu.records.models import Direction, Register
from vanthu.records.numbers import register_for
from vanthu.signing import service
from vanthu.signing.models import SigningKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def material(demo_pki: DemoPki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Material]:
    monkeypatch.setattr(settings.VANTHU, "trust_dir", demo_pki.material.trust)
    service.trust.cache_clear()
    yield demo_pki.material
    service.trust.cache_clear()


def _counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count()
        for model in (Agency, Person, Post, Register, SigningKey, Member, AxisAgency, Event)
    )


def test_seeding_again_changes_nothing(material: Material, tmp_path: Path) -> None:
    files = {site.system_id: tmp_path / f"{site.code}.secret" for site in AGENCY_SITES}
    seed.seed_agency_site(HA_TINH, material)
    seed.seed_axis_site(AXIS, files)
    first = _counts()
    told = {name: file.read_text() for name, file in files.items()}
    seed.seed_agency_site(HA_TINH, material)
    seed.seed_axis_site(AXIS, files)
    assert _counts() == first
    assert {name: file.read_text() for name, file in files.items()} == told
    assert all(verdict.holds for verdict in audit.verify_all())


def test_every_hosted_agency_can_issue_and_receive(material: Material) -> None:
    seed.seed_agency_site(HA_TINH, material)
    hosted = Agency.objects.filter(hosted=True)
    assert {agency.organ_id for agency in hosted} == {"H27", "H27.14", "H27.101", "3000100001"}
    for agency in hosted:
        for role in (Role.LEADER, Role.CLERK, Role.SPECIALIST, Role.ADMINISTRATOR):
            assert directory.holders(agency.id, role).exists(), (agency.name, role)
        general = register_for(agency.id, Direction.OUTGOING, "CONG_VAN")
        assert register_for(agency.id, Direction.OUTGOING, "QUYET_DINH_QPPL") != general
        assert register_for(agency.id, Direction.INCOMING, "CONG_VAN")
        assert (
            SigningKey.objects.filter(agency=agency, post=None, active=True).exclude(image_sha256="").exists()
        )
        for leader in directory.holders(agency.id, Role.LEADER):
            assert leader.competence
            assert SigningKey.objects.filter(post=leader, active=True).exists()


def test_one_specialist_has_a_head_above_and_one_has_not(material: Material) -> None:
    seed.seed_agency_site(HA_TINH, material)
    head = directory.unit_head_of(Post.objects.get(person__username="ubnd.chuyenvien"))
    assert head is not None and head.person.username == "ubnd.chanhvp"
    assert directory.unit_head_of(Post.objects.get(person__username="ubnd.tiepdan")) is None


def test_agencies_of_the_other_site_can_be_addressed_but_are_not_hosted(material: Material) -> None:
    seed.seed_agency_site(GOVERNMENT_OFFICE, material)
    province = directory.agency_by_code("H27")
    assert not province.hosted
    assert directory.agency_by_code("H27.14").parent == province
    assert not Person.objects.filter(username="ubnd.chutich").exists()


def test_people_sign_in_with_the_password_that_the_screen_shows(material: Material) -> None:
    seed.seed_agency_site(GOVERNMENT_OFFICE, material)
    assert authenticate(username="vpcp.vanthu", password=PASSWORD) is not None
    assert authenticate(username="vpcp.vanthu", password="vanthu-demo") is None


def test_a_lost_secret_file_is_made_anew(tmp_path: Path) -> None:
    files = {site.system_id: tmp_path / f"{site.code}.secret" for site in AGENCY_SITES}
    seed.seed_axis_site(AXIS, files)
    before = files["H27"].read_text()
    files["H27"].unlink()
    seed.seed_axis_site(AXIS, files)
    assert files["H27"].read_text() not in ("", before)
    assert files["H27"].stat().st_mode & 0o077 == 0


def test_user_names_and_certificates_are_unique() -> None:
    people = [person for site in SITES for agency in site.agencies for person in agency.people]
    assert len({person.username for person in people}) == len(people)
    assert len({person.slug for person in people}) == len(people)
    for person in people:
        assert person.username.isascii()
    for site in SITES:
        for agency in site.agencies:
            units = {name for name, _ in agency.units}
            assert {person.unit for person in agency.people} <= units | {""}


def test_types_with_their_own_sequence_are_legal_normative() -> None:
    assert set(NORMATIVE_TYPES) <= {kind.code for kind in types_of(Family.LEGAL_NORMATIVE)}
