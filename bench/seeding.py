"""Agencies with people, and many documents at once: rows go in by COPY, as no action could make them.

Texts are put together from the words of the office at random but the same in every run, so that there are words
in nearly every document, words in few and words in one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, models
from psycopg.types.json import Jsonb

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.base.ids import new_id
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyIdentifier, Person, Post
from vanthu.handling.models import Stage as Incoming
from vanthu.issuing.models import Draft
from vanthu.issuing.models import Stage as Outgoing
from vanthu.records.models import Capacity, Direction, Document, Participation, Register, Verb, WorkItem
from vanthu.vietnamese import fold

KINDS = ("Báo cáo", "Báo cáo", "Báo cáo", "Đề nghị", "Hướng dẫn", "Triển khai", "Góp ý dự thảo", "Mời họp")
MATTERS = (
    "tình hình thực hiện nhiệm vụ phát triển kinh tế - xã hội",
    "công tác cải cách hành chính, chuyển đổi số",
    "rà soát thủ tục hành chính lĩnh vực đất đai",
    "phòng, chống thiên tai và tìm kiếm cứu nạn",
    "giải ngân vốn đầu tư công nguồn ngân sách nhà nước",
    "bồi thường, giải phóng mặt bằng dự án đường ven biển",
    "quản lý, sử dụng tài sản công sau sắp xếp đơn vị hành chính",
    "tiếp công dân, giải quyết khiếu nại, tố cáo",
)
PLACES = ("Đức Thọ", "Cẩm Xuyên", "Kỳ Anh", "Hương Khê", "Nghi Xuân", "Thạch Hà", "Can Lộc", "Vũ Quang")
ISSUERS = (
    "Sở Nội vụ",
    "Sở Tài chính",
    "Sở Xây dựng",
    "Sở Y tế",
    "Văn phòng Ủy ban nhân dân tỉnh",
    "Sở Công Thương",
)
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Võ", "Phan", "Hồ", "Bùi")
MIDDLE = ("Văn", "Thị", "Đức", "Hồng", "Quang", "Minh")
GIVEN = ("Ưng", "Nhung", "Thắng", "Hoa", "Nam", "Mai", "Ngọc", "Thử", "Lộc", "Diệp", "Khuê", "Tuyền")
SPECIALISTS = 40


@dataclass
class Office:
    """One agency: its clerk sees everything of it, its specialists what they were given."""

    agency: Agency
    leader: Post
    clerk: Post
    specialists: list[Post]

    def actor(self, post: Post) -> Actor:
        """The acting post as a request would have it."""
        return directory.actor_of(post, "127.0.0.1")


def office(name: str, abbreviation: str, organ_id: str, *, specialists: int = 1) -> Office:
    """An agency with registers, a leader, a clerk and specialists."""
    agency = Agency.objects.create(name=name, abbreviation=abbreviation, place="Hà Tĩnh", hosted=True)
    AgencyIdentifier.objects.create(agency=agency, code=organ_id)
    for direction, title in ((Direction.OUTGOING, "Sổ văn bản đi"), (Direction.INCOMING, "Sổ văn bản đến")):
        Register.objects.create(agency=agency, direction=direction, name=title)
    return Office(
        agency,
        _post(agency, "Võ Trọng Thử", "Chủ tịch", Role.LEADER),
        _post(agency, "Lê Thị Hoa", "Văn thư", Role.CLERK),
        [
            _post(agency, f"Chuyên viên {index}", "Chuyên viên", Role.SPECIALIST)
            for index in range(specialists)
        ],
    )


def _post(agency: Agency, full_name: str, position: str, role: Role) -> Post:
    person = Person(username=f"{new_id()}", full_name=full_name, password="!")
    person.save(force_insert=True)
    return Post.objects.create(person=person, agency=agency, position=position, roles=[role.value])


def load_incoming(office: Office, count: int, *, first: int = 0) -> None:
    """``count`` registered incoming documents; each is also with the leader and one or two specialists."""
    chance = random.Random(first)
    documents = [_incoming(office, number, chance) for number in range(first + 1, first + count + 1)]
    copy_in(Document, documents)
    copy_in(Participation, _taking_part(office, documents, chance))
    copy_in(WorkItem, _open_work(office, documents[-200:]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def signed_documents(office: Office, count: int) -> list[UUID]:
    """``count`` outgoing documents that the leader has signed and the clerk has to number."""
    documents = [_signed(office, index) for index in range(count)]
    registry = directory.registry_of(office.agency.pk)
    drafter = office.specialists[0]
    copy_in(Document, documents)
    copy_in(
        Draft,
        [Draft(document_id=each.pk, drafter_id=drafter.pk, signer_id=office.leader.pk) for each in documents],
    )
    copy_in(
        Participation,
        [_part(each, who, what) for each in documents for who, what in ((registry, Capacity.REGISTRY),)],
    )
    copy_in(WorkItem, [_item(each, registry, Verb.NUMBER) for each in documents])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [document.pk for document in documents]


def copy_in(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Write rows by COPY; values as they stand in the attributes, JSON wrapped."""
    fields = model._meta.concrete_fields
    json_fields = {field.attname for field in fields if isinstance(field, models.JSONField)}
    names = [field.attname for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            kept = row.__dict__
            copy.write_row([Jsonb(kept[name]) if name in json_fields else kept[name] for name in names])


def _incoming(office: Office, number: int, chance: random.Random) -> Document:
    at = clock.now() - timedelta(minutes=max(1, 200_000 - number))
    issuer = chance.choice(ISSUERS)
    notation = f"{number % 9999 + 1}/{''.join(word[0] for word in issuer.split()).upper()}-VP"
    document = Document(
        agency_id=office.agency.pk,
        direction=Direction.INCOMING,
        state=chance.choice(
            (Incoming.REGISTERED, Incoming.ASSIGNED, Incoming.IN_PROGRESS, Incoming.COMPLETED)
        ),
        type_code="CONG_VAN",
        subject=_subject(chance, number),
        urgency=chance.choice((0, 0, 0, 0, 0, 0, 0, 1, 2)),
        code=notation,
        issuer_name=issuer,
        issuer_organ_id=f"H27.{ISSUERS.index(issuer)}",
        issued_date=at.date(),
        document_id=f"H27.{at.date():%Y.%m.%d}.{number}",
        signer_name=f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}",
        due_at=at + timedelta(days=15),
        arrival_number=number,
        arrived_at=at,
        created_at=at,
        changed_at=at,
    )
    document.search_text = _searchable(document)
    return document


def _subject(chance: random.Random, number: int) -> str:
    rare = f" vụ việc {chance.choice(GIVEN)} {number // 20}x" if number % 20 == 0 else ""
    return f"{chance.choice(KINDS)} {chance.choice(MATTERS)} tại {chance.choice(PLACES)}{rare} năm 2026"


def _searchable(document: Document) -> str:
    """As ``Document.save`` keeps it."""
    made = getattr(document, "searchable", None)
    if made is not None:
        return str(made())
    return fold(" ".join((document.code, document.subject, document.issuer_name, document.signer_name)))


def _signed(office: Office, index: int) -> Document:
    at = clock.now()
    return Document(
        agency_id=office.agency.pk,
        direction=Direction.OUTGOING,
        state=Outgoing.SIGNED,
        type_code="CONG_VAN",
        subject=f"Văn bản {index}",
        issuer_name=office.agency.name,
        issuer_organ_id=office.agency.organ_id,
        signer_name="Võ Trọng Thử",
        created_by_id=office.specialists[0].pk,
        created_at=at,
        changed_at=at,
    )


def _taking_part(
    office: Office, documents: Sequence[Document], chance: random.Random
) -> Iterator[Participation]:
    registry = directory.registry_of(office.agency.pk)
    for document in documents:
        yield _part(document, registry, Capacity.REGISTRY)
        yield _part(document, office.leader.pk, Capacity.DIRECTOR)
        lead, *others = chance.sample(office.specialists, chance.choice((1, 2)))
        yield _part(document, lead.pk, Capacity.LEAD)
        for post in others:
            yield _part(document, post.pk, Capacity.COLLABORATOR)


def _open_work(office: Office, documents: Sequence[Document]) -> Iterator[WorkItem]:
    registry = directory.registry_of(office.agency.pk)
    for document in documents:
        yield _item(document, registry, Verb.REGISTER)


def _part(document: Document, principal: UUID, capacity: Capacity) -> Participation:
    return Participation(
        document_id=document.pk,
        agency_id=document.agency_id,
        principal=principal,
        direction=document.direction,
        capacity=capacity,
    )


def _item(document: Document, principal: UUID, verb: Verb) -> WorkItem:
    return WorkItem(
        document_id=document.pk,
        agency_id=document.agency_id,
        principal=principal,
        verb=verb,
        created_at=document.created_at,
    )
