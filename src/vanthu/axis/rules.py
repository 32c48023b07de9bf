"""Pure decisions of the axis about its members and agencies; those about a call are in ``wire_rules``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from vanthu.axis.errors import (
    DissolutionInForce,
    DissolutionPast,
    EntryWrong,
    SuccessionWrong,
    TrialNotPassed,
)
from vanthu.axis.models import AgencyCode, AxisAgency, Member, PacketKind, Stage, TrialItem
from vanthu.axis.wire_rules import usable_code

T = TypeVar("T")
LONGEST_NAME = 200


def level_of(code: str) -> int:
    """The level by QĐ 20/2020: the number of groups (``H27`` 1, ``H27.05`` 2)."""
    return len(code.split("."))


def check_entry(*codes: str, name: str) -> None:
    """Whether codes and name can stand in the lists of members and agencies; raises :class:`EntryWrong`."""
    for code in codes:
        if not usable_code(code):
            raise EntryWrong(given=code[:50])
    if not 0 < len(name.strip()) <= LONGEST_NAME or "\0" in name:
        raise EntryWrong(given=name[:50])


def is_gone(agency: AxisAgency, day: date) -> bool:
    """Whether the agency left the axis or ceased to exist before the day."""
    return agency.deleted or (agency.valid_to is not None and agency.valid_to < day)


def in_force(agency: AxisAgency, day: date) -> bool:
    """Whether the agency exists on the day and is on the axis."""
    if agency.deleted or (agency.valid_from is not None and day < agency.valid_from):
        return False
    return agency.valid_to is None or day <= agency.valid_to


def successor_notice(written: str, dissolved: AxisAgency, successor: AxisAgency) -> str:
    """What the sender is told when its packet goes to the successor of the agency it is addressed to."""
    since = f" từ ngày {dissolved.valid_to:%d/%m/%Y}" if dissolved.valid_to else ""
    return (
        f"{dissolved.name} ({written}) đã thôi hoạt động{since}; gói tin được chuyển tới cơ quan kế thừa"
        f" {successor.name} ({successor.code}). Từ nay hãy gửi theo mã {successor.code}."
    )


def dissolved_words(written: str, agency: AxisAgency) -> str:
    """One agency as :class:`ReceiverDissolved` names it."""
    assert agency.valid_to is not None
    return f"{agency.name} ({written}), từ sau ngày {agency.valid_to:%d/%m/%Y}, theo {agency.dissolution}"


def gone_words(agency: AxisAgency) -> str:
    """Why an agency ceased to exist, as :class:`SenderDissolved` says it."""
    if agency.successor is not None:
        return f"cơ quan kế thừa: {agency.successor.name}, mã {agency.successor.code}"
    return f"theo {agency.dissolution}" if agency.dissolution else "không có cơ quan kế thừa"


def may_still_send(sender: AxisAgency, kind: str, day: date) -> bool:
    """Whether an agency may send on the day: after its last one only what became of what it had received.

    Agencies behind another axis are that axis' concern: it took the packet in on the day.
    """
    gone = sender.valid_to is not None and sender.valid_to < day
    return not gone or kind == PacketKind.STATUS or sender.member.is_axis


def check_dissolution(last_day: date, today: date) -> None:
    """A dissolution is entered before it is in force; raises :class:`DissolutionPast`."""
    if last_day < today:
        raise DissolutionPast(last_day=f"{last_day:%d/%m/%Y}")


def check_revival(agency: AxisAgency, today: date) -> None:
    """A dissolution is taken back while it is not in force; a merger always. Raises :class:`DissolutionInForce`."""
    if agency.dissolution and agency.valid_to is not None and agency.valid_to < today:
        raise DissolutionInForce(code=agency.code, last_day=f"{agency.valid_to:%d/%m/%Y}")


def expired_code_notice(known: AgencyCode, agency: AxisAgency, day: date) -> str:
    """What the sender is told when it used a code that is no longer in force; empty when it is."""
    if known.valid_to is None or day <= known.valid_to:
        return ""
    return (
        f"Mã {known.code} của {agency.name} hết hiệu lực từ sau ngày {known.valid_to:%d/%m/%Y};"
        f" từ nay hãy gửi theo mã {agency.code}."
    )


def check_succession(agency: AxisAgency, line: Sequence[AxisAgency]) -> None:
    """``line`` is the successor and whoever follows it; the agency must not be among them.

    Raises :class:`SuccessionWrong`.
    """
    if agency.id in {later.id for later in line}:
        raise SuccessionWrong(code=agency.code, successor=line[0].code)


def rotation_shows(member: Member) -> bool:
    """Whether a call with the newest secret is the first sign that the member has taken it over."""
    return bool(member.old_secret_box) and member.new_secret_used_at is None


def old_secret_end(member: Member, used_at: datetime) -> datetime | None:
    """Until when the old secret works once the new one is in use: the operator's end, or the overlap if sooner."""
    overlap = used_at + timedelta(seconds=member.overlap_seconds)
    return min(member.old_secret_until, overlap) if member.old_secret_until else None


def stage_after_survey(stage: str, lacking: bool) -> Stage:
    """Where a survey leaves an agency: an agency that is connected already keeps its place."""
    if stage not in (Stage.NOT_READY, Stage.READY):
        return Stage(stage)
    return Stage.NOT_READY if lacking else Stage.READY


def trial_passed(passed: Collection[str]) -> bool:
    """Whether every item of the trial was shown: send, receive, each status, recall (R195)."""
    return not missing_items(passed)


def missing_items(passed: Collection[str]) -> list[TrialItem]:
    """The items of the trial that are not shown yet, in order."""
    return [item for item in TrialItem if item.value not in passed]


def check_live(agency: AxisAgency, passed: Collection[str]) -> None:
    """An agency goes live only with a passed trial; raises :class:`TrialNotPassed` (R195)."""
    missing = missing_items(passed)
    if missing or agency.stage not in (Stage.TRIAL_PASSED, Stage.LIVE):
        raise TrialNotPassed(code=agency.code, missing="; ".join(item.label for item in missing) or "kết nối")


def may_exchange(sender: AxisAgency, recipient: AxisAgency) -> bool:
    """Whether two agencies may send each other packets at their stages (QĐ 28/2018; R195-R196).

    Live agencies exchange officially. Those on the way exchange among themselves and with trial partners, and
    one that is not ready with nobody. Agencies behind another axis are that axis' concern.
    """
    if Stage.NOT_READY in (stage_here(sender), stage_here(recipient)):
        return False
    if sender.trial_partner or recipient.trial_partner:
        return True
    return (stage_here(sender) == Stage.LIVE) == (stage_here(recipient) == Stage.LIVE)


def is_trial(sender: AxisAgency, recipient: AxisAgency) -> bool:
    """Whether what the one sends the other is sent to try the exchange: one of them is not live (R195)."""
    return not stage_here(sender) == stage_here(recipient) == Stage.LIVE


def stage_here(agency: AxisAgency) -> Stage:
    """The stage that counts at this axis: an agency behind another axis is live as far as we are concerned."""
    return Stage.LIVE if agency.member.is_axis else Stage(agency.stage)


def below_one_another(agencies: Sequence[AxisAgency], line: Callable[[AxisAgency, int], T]) -> list[T]:
    """Each agency under its superior where that one is among them too, however wrongly they name each other."""
    known = {agency.code for agency in agencies}
    below: dict[str, list[AxisAgency]] = {}
    for agency in agencies:
        below.setdefault(agency.parent_code if agency.parent_code in known else "", []).append(agency)
    found: list[T] = []
    seen: set[str] = set()
    stack = [(agency, 0) for agency in reversed([*below.get("", []), *agencies])]
    while stack:
        agency, depth = stack.pop()
        if agency.code in seen:
            continue
        seen.add(agency.code)
        found.append(line(agency, depth))
        stack += [(child, depth + 1) for child in reversed(below.get(agency.code, []))]
    return found
