"""Further people of an office for the signing tests."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from tests import world as worlds

from vanthu.base.actors import Role
from vanthu.directory.models import OrgUnit, Person, Post


def appoint(
    office: worlds.Office,
    short: str,
    name: str,
    position: str,
    *roles: Role,
    competence: str = "",
    unit: OrgUnit | None = None,
) -> Post:
    """A person with a post in the office; ``office.posts[short]`` from then on."""
    username = f"{short}.{office.agency.abbreviation}".lower()
    office.posts[short] = Post.objects.create(
        person=Person.objects.create_user(username, None, full_name=name),
        agency=office.agency,
        unit=unit,
        position=position,
        competence=competence,
        roles=[role.value for role in roles],
    )
    return office.posts[short]


def administrator(office: worlds.Office) -> Post:
    """The agency's administrator."""
    return appoint(office, "administrator", "Cao Bá Lộc", "Quản trị", Role.ADMINISTRATOR)


def signed_in(post: Post) -> Client:
    """A browser session of a person."""
    client = Client()
    client.force_login(post.person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client
