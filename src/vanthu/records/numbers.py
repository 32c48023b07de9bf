"""The one module that hands out register numbers: unique, without gaps, in order of time (design, rule 1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.errors import MustAct, VanthuError
from vanthu.records.models import Direction, Document, Register, RegisterEntry, RegisterYear


class NoRegister(VanthuError):
    """The agency has no register for this kind of document."""

    code = "NO_REGISTER"
    message = "Cơ quan chưa mở sổ đăng ký cho loại văn bản này; quản trị của cơ quan cần mở sổ."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 30/2020 Đ15"


class AlreadyVoided(VanthuError):
    """The line was struck before."""

    code = "ALREADY_VOIDED"
    message = "Số này đã được hủy trước đó."
    http_status = 409


def register_for(agency_id: UUID, direction: Direction, type_code: str) -> Register:
    """The register a document belongs to: its type's own, else the agency's general one."""
    registers = list(Register.objects.filter(agency_id=agency_id, direction=direction))
    own = [book for book in registers if type_code in book.type_codes]
    general = [book for book in registers if not book.type_codes]
    if not own and not general:
        raise NoRegister
    return (own or general)[0]


def take_number(
    register: Register, document: Document | None, actor: Actor, *, said: str = ""
) -> RegisterEntry:
    """Give the document the next number of the register's present year (NĐ 30/2020 Đ15.1, Đ22.2).

    A line that is about no document of its own, such as a copy, says in ``said`` what it is about.

    Must run inside an action. The register row is locked before the clock is read: so the order of numbers is the
    order of instants, also over the change of year (00:00 Asia/Ho_Chi_Minh on 1 January), and a transaction that
    dies leaves no gap.
    """
    Register.objects.select_for_update().get(pk=register.pk)
    at = clock.now()
    year = clock.local(at).year
    sequence, _ = RegisterYear.objects.get_or_create(register=register, year=year)
    if sequence.last_at and at < sequence.last_at:
        at = sequence.last_at
    sequence.last_number += 1
    sequence.last_at = at
    sequence.save(update_fields=["last_number", "last_at"])
    return RegisterEntry.objects.create(
        sequence=sequence,
        number=sequence.last_number,
        document=document,
        said=said[:500],
        at=at,
        by_name=actor.name,
    )


def expected(register: Register) -> int:
    """The number that would be given now, for a preview only: whoever comes first takes it."""
    year = clock.local(clock.now()).year
    given = RegisterYear.objects.filter(register=register, year=year).values_list("last_number", flat=True)
    return (given.first() or 0) + 1


def void_entry(entry: RegisterEntry, reason: str) -> None:
    """Strike a mistaken line; the number stays taken (NĐ 30/2020 Đ15)."""
    struck = RegisterEntry.objects.filter(pk=entry.pk, voided_at=None).update(
        voided_at=clock.now(), void_reason=reason
    )
    if not struck:
        raise AlreadyVoided


def gaps(sequence: RegisterYear) -> list[int]:
    """Numbers missing from a sequence; always empty (verified by ``vanthu story`` and the daily check)."""
    given = set(sequence.entries.values_list("number", flat=True))
    return [number for number in range(1, sequence.last_number + 1) if number not in given]


@dataclass(frozen=True)
class SequenceAudit:
    """What a look at one register's year found."""

    agency: str
    register: str
    year: int
    last_number: int
    gaps: list[int]
    out_of_order: list[int]

    @property
    def holds(self) -> bool:
        """Whether every number from 1 is there, in order of time."""
        return not self.gaps and not self.out_of_order

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "holds": self.holds}


def audit_sequences() -> list[SequenceAudit]:
    """Look at every register's every year on this site (design, rule 1)."""
    sequences = RegisterYear.objects.select_related("register__agency").order_by("register_id", "year")
    return [
        SequenceAudit(
            sequence.register.agency.name,
            sequence.register.name,
            sequence.year,
            sequence.last_number,
            gaps(sequence),
            _out_of_order(sequence),
        )
        for sequence in sequences
    ]


def _out_of_order(sequence: RegisterYear) -> list[int]:
    rows = list(sequence.entries.order_by("number").values_list("number", "at"))
    return [later[0] for earlier, later in pairwise(rows) if later[1] < earlier[1]]
