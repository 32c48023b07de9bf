"""A small office for the tests of pages: who works there, and documents that wait for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.test import Client

from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.directory.models import Agency, Person, Post
from vanthu.records import participants
from vanthu.records.models import Capacity, Direction, Document, Verb

PASSWORD = "mat-khau-rat-dai-123"


@dataclass
class Office:
    """The people by sign-in name, and making documents that wait for one of them."""

    agency: Agency
    posts: dict[str, Post] = field(default_factory=dict)

    def add(
        self, username: str, name: str, position: str, *roles: Role, agency: Agency | None = None
    ) -> Post:
        """A person with an account and a post."""
        person = Person.objects.create_user(username, PASSWORD, full_name=name)
        self.posts[username] = Post.objects.create(
            person=person,
            agency=agency or self.agency,
            position=position,
            roles=[role.value for role in roles],
        )
        return self.posts[username]

    def outgoing(self, who: str, subject: str, verb: Verb | None = Verb.SIGN, **values: Any) -> Document:
        """An outgoing draft in which ``who`` takes part and which waits for them to do ``verb``."""
        due_at: datetime | None = values.pop("waits_until", None)
        document = Document.objects.create(
            agency=self.posts[who].agency,
            direction=Direction.OUTGOING,
            state="DRAFT",
            type_code="CONG_VAN",
            subject=subject,
            created_at=clock.now(),
            changed_at=clock.now(),
            **values,
        )
        participants.include(document, self.posts[who].pk, Capacity.DRAFTER)
        if verb:
            participants.ask(document, self.posts[who].pk, verb, due_at=due_at)
        return document

    def signed_in(self, who: str) -> Client:
        """A browser session of one of the people."""
        client = Client()
        client.force_login(self.posts[who].person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client


def make_office() -> Office:
    """UBND xã Hương Sơn with clerk, leader and specialist, and a clerk of another agency."""
    office = Office(Agency.objects.create(name="Ủy ban nhân dân xã Hương Sơn", hosted=True))
    office.add("hoa", "Lê Thị Hoa", "Văn thư", Role.CLERK)
    office.add("thang", "Trần Đức Thắng", "Chủ tịch", Role.LEADER)
    office.add("binh", "Nguyễn Văn Bình", "Chuyên viên", Role.SPECIALIST)
    other = Agency.objects.create(name="Sở Nội vụ tỉnh Hà Tĩnh", hosted=True)
    office.add("cuc", "Phạm Thị Cúc", "Văn thư", Role.CLERK, agency=other)
    return office
