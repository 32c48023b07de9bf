"""Reading the directory: who somebody is, who can be addressed, who holds a role."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from vanthu.base.actors import Actor, Role
from vanthu.base.ids import principal_of_role
from vanthu.directory.models import Agency, Person, Post, WorkField
from vanthu.errors import VanthuError
from vanthu.vietnamese import search_words

MOST_SUCCESSIONS = 10


class NoPost(VanthuError):
    """The account has no active post, so it can do nothing."""

    code = "NO_POST"
    message = "Tài khoản chưa được bố trí vị trí công tác; liên hệ quản trị của cơ quan."
    http_status = 403


class UnknownAgency(VanthuError):
    """No agency goes by this identifier."""

    code = "UNKNOWN_AGENCY"
    message = "Không có cơ quan nào mang mã định danh {organ_id} trong danh mục."


def post_of(person: Person) -> Post:
    """The post a person acts in; raises :class:`NoPost`."""
    post = Post.objects.filter(person=person, active=True).select_related("person", "agency", "unit").first()
    if post is None:
        raise NoPost
    return post


def actor_of(post: Post, address: str = "") -> Actor:
    """The acting post with the principals under which it takes part in documents.

    Roles that see the whole registry of their agency (clerk) get the agency's principal of that role; it is a key
    like any other, so the access rule has one shape for everybody.
    """
    roles = frozenset(Role(role) for role in post.roles)
    shared = [principal_of_role(post.agency_id, Role.CLERK.value)] if Role.CLERK in roles else []
    return Actor(
        agency_id=post.agency_id,
        agency_name=post.agency.name,
        name=post.person.full_name,
        position=post.position,
        post_id=post.id,
        person_id=post.person_id,
        unit_id=post.unit_id,
        unit_name=post.unit.name if post.unit else "",
        roles=roles,
        principals=(post.id, *shared),
        address=address,
    )


def registry_of(agency_id: UUID) -> UUID:
    """The principal of an agency's registry office: everybody who holds the clerk's role there."""
    return principal_of_role(agency_id, Role.CLERK.value)


def holders(agency_id: UUID, role: Role) -> QuerySet[Post]:
    """The active posts of an agency that hold a role, in the order of precedence."""
    return Post.objects.filter(agency_id=agency_id, active=True, roles__contains=[role.value]).select_related(
        "person", "unit", "agency"
    )


def unit_head_of(post: Post) -> Post | None:
    """The head of the post's unit, when it has one and it is somebody else."""
    if post.unit_id is None or post.has(Role.UNIT_HEAD) or post.has(Role.LEADER):
        return None
    return holders(post.agency_id, Role.UNIT_HEAD).filter(unit_id=post.unit_id).exclude(pk=post.pk).first()


def colleagues(agency_id: UUID) -> QuerySet[Post]:
    """Everybody who can be given work in the agency."""
    return Post.objects.filter(agency_id=agency_id, active=True).select_related("person", "unit")


def work_fields(agency_id: UUID) -> list[WorkField]:
    """The agency's fields of work that are in use."""
    return list(WorkField.objects.filter(agency_id=agency_id, closed_at=None))


def usual_field(fields: Iterable[WorkField], unit_id: UUID | None, type_code: str) -> WorkField | None:
    """The field that a document is of unless somebody says otherwise: its unit's, else its type's."""
    fields = list(fields)
    by_unit = [field for field in fields if str(unit_id) in field.unit_ids]
    return next(iter(by_unit or [field for field in fields if type_code in field.type_codes]), None)


def find_agencies(text: str, *, exclude: UUID | None = None, limit: int = 20) -> list[Agency]:
    """Agencies by name, abbreviation or identifier, whatever the accents; every word must occur."""
    found = Agency.objects.prefetch_related("identifiers")
    for word in search_words(text):
        found = found.filter(Q(search_key__contains=word) | Q(identifiers__code__istartswith=word))
    if exclude is not None:
        found = found.exclude(pk=exclude)
    return list(found.distinct().order_by("-hosted", "name")[:limit])


def agency_by_code(organ_id: str) -> Agency:
    """The agency that goes by an identifier of any generation; raises :class:`UnknownAgency`."""
    agency = Agency.objects.prefetch_related("identifiers").filter(identifiers__code=organ_id.strip()).first()
    if agency is None:
        raise UnknownAgency(organ_id=organ_id)
    return agency


def line_of(agency_id: UUID) -> set[UUID]:
    """The agency and all whose work it took over, however long ago; one query per step, at most ten."""
    line, latest = {agency_id}, {agency_id}
    for _ in range(MOST_SUCCESSIONS):
        latest = set(Agency.objects.filter(successor__in=latest).values_list("pk", flat=True)) - line
        if not latest:
            break
        line |= latest
    return line
