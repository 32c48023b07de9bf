"""Agencies with registers, without keys: what the records tests need."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from vanthu.base import clock
from vanthu.base.actors import Actor, Role, system_actor
from vanthu.base.ids import new_id
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Person, Post
from vanthu.records.models import Direction, Document, Register


@dataclass
class Registry:
    """One agency with its outgoing register and two people."""

    agency: Agency
    book: Register
    clerk: Actor
    specialist: Actor

    @property
    def system(self) -> Actor:
        return system_actor(self.agency.pk)


def make_registry(name: str = "Ủy ban nhân dân xã Đức Thọ") -> Registry:
    agency = Agency.objects.create(name=name, abbreviation="UBND", hosted=True)
    book = Register.objects.create(agency=agency, direction=Direction.OUTGOING, name="Sổ văn bản đi")
    return Registry(agency, book, _actor(agency, Role.CLERK), _actor(agency, Role.SPECIALIST))


def _actor(agency: Agency, role: Role) -> Actor:
    person = Person.objects.create_user(f"{role.value}.{agency.pk}".lower(), full_name=f"Người {role.value}")
    post = Post.objects.create(person=person, agency=agency, position=role.value, roles=[role.value])
    return directory.actor_of(post)


def make_document(agency: Agency, subject: str = "Văn bản", direction: str = Direction.OUTGOING) -> Document:
    now = clock.now()
    return Document.objects.create(
        id=new_id(),
        agency=agency,
        direction=direction,
        state="SIGNED",
        type_code="CONG_VAN",
        subject=subject,
        created_at=now,
        changed_at=now,
    )


@pytest.fixture
def registry(db: None) -> Registry:
    return make_registry()
