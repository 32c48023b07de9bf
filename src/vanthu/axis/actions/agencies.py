"""Agencies: who can be addressed through the axis, under which codes, and who follows whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max

from vanthu.audit.ledger import action, record
from vanthu.axis import counts, operator_rules, queries, rules, wire_rules
from vanthu.axis.actions.shared import OPERATOR, first_use, one_at_a_time
from vanthu.axis.errors import AgencyNotYours, AgencyUnknown, CodeTaken
from vanthu.axis.models import WAITING, AgencyCode, AxisAgency, AxisDelivery, Member
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.vxp import CallUsed


@dataclass(frozen=True)
class AgencyDetails:
    """What is registered of an agency; ``old_codes`` are added to those already known."""

    code: str
    name: str
    parent_code: str = ""
    email: str = ""
    old_codes: tuple[str, ...] = ()
    level: int | None = None
    valid_from: date | None = None
    """First day (Vietnamese calendar) of an agency that is still to be founded; None: as before."""


@action
def put_agency(member: Member, details: AgencyDetails, actor: Actor = OPERATOR) -> AxisAgency:
    """Register an agency under a member, or change it; what waits for it follows it to its new member.

    Raises :class:`CodeTaken` when a code belongs to another agency, ``EntryWrong``.
    """
    code = details.code.strip()
    above = [details.parent_code.strip()] if details.parent_code.strip() else []
    rules.check_entry(code, *above, *details.old_codes, name=details.name)
    version = next_version()
    known = AgencyCode.objects.filter(key=wire_rules.code_key(code)).select_related("agency").first()
    agency = known.agency if known else AxisAgency(code=code)
    moved = known is not None and agency.member_id != member.id
    agency.member, agency.name, agency.parent_code = member, details.name.strip(), details.parent_code.strip()
    agency.email, agency.deleted = details.email.strip(), False
    agency.level = details.level or rules.level_of(agency.code)
    agency.valid_from = details.valid_from or agency.valid_from
    agency.version, agency.modified_at = version, clock.now()
    agency.save()
    for spelling in (agency.code, *details.old_codes):
        _claim_code(agency, spelling)
    if moved:
        moving = AxisDelivery.objects.filter(recipient=agency, state__in=WAITING)
        counts.forget(moving.values_list("created_at", flat=True))
        moving.update(member=member)
    data = {"code": agency.code, "member": member.system_id, "oldCodes": list(details.old_codes)}
    record(actor, "axis.agency_registered", kind="axis.agency", object_id=agency.id, data=data)
    return agency


def register_agency(member: Member, details: AgencyDetails, actor: Actor) -> AxisAgency:
    """A member registers an agency below one of its own, or changes one of its own.

    Raises :class:`AgencyNotYours`: the body of that call is not signed, so nothing else may come of it.
    """
    owner = queries.agency_by_code(details.code)
    if owner is not None and owner.member_id != member.id:
        raise AgencyNotYours(code=details.code)
    parent = queries.agency_by_code(details.parent_code)
    if owner is None and (parent is None or parent.member_id != member.id):
        raise AgencyNotYours(code=details.parent_code or details.code)
    return put_agency(member, details, actor)


@action
def delete_agency(member: Member, code: str, actor: Actor, call_key: str = "") -> None:
    """Take one of the member's agencies off the axis; nothing new is accepted for it.

    ``call_key`` tells the call from others: one that was recorded somewhere cannot take the agency off again
    after its return. Raises :class:`AgencyNotYours`, ``CallUsed``.
    """
    version = next_version()
    agency = queries.agency_by_code(code)
    if agency is None or agency.member_id != member.id:
        raise AgencyNotYours(code=code)
    if call_key and not first_use(call_key) and not agency.deleted:
        raise CallUsed
    agency.deleted, agency.version, agency.modified_at = True, version, clock.now()
    agency.save(update_fields=["deleted", "version", "modified_at"])
    record(actor, "axis.agency_deleted", kind="axis.agency", object_id=agency.id, data={"code": agency.code})


@action
def set_agency_locked(code: str, locked: bool, actor: Actor = OPERATOR) -> None:
    """Stop or resume taking packets for an agency. Raises :class:`AgencyUnknown`."""
    agency = _known(code)
    agency.locked = locked
    agency.save(update_fields=["locked"])
    record(actor, "axis.agency_locked", kind="axis.agency", object_id=agency.id, data={"locked": locked})


@action
def merge_agency(code: str, into: str, last_day: date, actor: Actor = OPERATOR) -> AxisAgency:
    """End an agency with ``last_day`` (Vietnamese calendar); what comes for it later goes to ``into``.

    What waits for it stays with its own system. Raises :class:`AgencyUnknown`, :class:`SuccessionWrong`.
    """
    version = next_version()
    agency, successor = _known(code), _known(into)
    rules.check_succession(agency, queries.successors(successor))
    agency.valid_to, agency.successor, agency.dissolution = last_day, successor, ""
    touch(agency, version, "valid_to", "successor", "dissolution")
    data = {"code": agency.code, "successor": successor.code, "lastDay": last_day.isoformat()}
    record(actor, "axis.agency_merged", kind="axis.agency", object_id=agency.id, data=data)
    return agency


@action
def dissolve_agency(code: str, last_day: date, decision: str, actor: Actor = OPERATOR) -> AxisAgency:
    """End an agency with ``last_day`` (Vietnamese calendar, today or later); nobody follows it.

    What comes for it later is refused, and the sender told by which ``decision``. What waits for it stays with its
    own system. Raises :class:`AgencyUnknown`, ``DissolutionPast``, ``ReasonMissing``.
    """
    version = next_version()
    agency = _known(code)
    rules.check_dissolution(last_day, clock.today())
    agency.valid_to, agency.successor = last_day, None
    agency.dissolution = operator_rules.reason_given(decision)[:200]
    touch(agency, version, "valid_to", "successor", "dissolution")
    data = {"code": agency.code, "lastDay": last_day.isoformat(), "decision": agency.dissolution}
    record(actor, "axis.agency_dissolved", kind="axis.agency", object_id=agency.id, data=data)
    return agency


@action
def revive_agency(code: str, actor: Actor = OPERATOR) -> AxisAgency:
    """Take back a merger that was entered by mistake, or a dissolution that is not in force yet.

    Raises :class:`AgencyUnknown`, ``DissolutionInForce``.
    """
    version = next_version()
    agency = _known(code)
    rules.check_revival(agency, clock.today())
    agency.valid_to, agency.successor, agency.dissolution = None, None, ""
    touch(agency, version, "valid_to", "successor", "dissolution")
    record(actor, "axis.agency_revived", kind="axis.agency", object_id=agency.id, data={"code": agency.code})
    return agency


@action
def change_code(code: str, new_code: str, since: date, actor: Actor = OPERATOR) -> AxisAgency:
    """Give an agency another code from a day on; the one before stays its alias and tells senders so.

    A day to come is kept; :func:`follow_calendar` changes the code on it. Raises :class:`AgencyUnknown`,
    :class:`CodeTaken`, ``EntryWrong``.
    """
    version = next_version()
    agency = _known(code)
    before, new = agency.code, new_code.strip()
    rules.check_entry(new, name=agency.name)
    if wire_rules.code_key(new) == wire_rules.code_key(before):
        raise CodeTaken(code=new)
    _claim_code(agency, new)
    AgencyCode.objects.filter(agency=agency, key=wire_rules.code_key(new)).update(
        valid_from=since, valid_to=None
    )
    AgencyCode.objects.filter(agency=agency, key=wire_rules.code_key(before)).update(
        valid_to=since - timedelta(days=1)
    )
    if since <= clock.today():
        _go_by(agency, new, version)
    else:
        touch(agency, version)
    data = {"before": before, "code": new, "since": since.isoformat()}
    record(actor, "axis.agency_code_changed", kind="axis.agency", object_id=agency.id, data=data)
    return agency


@action
def set_trial_partner(code: str, partner: bool, actor: Actor = OPERATOR) -> None:
    """Let an agency exchange with those that are not live yet, or no longer. Raises :class:`AgencyUnknown`."""
    version = next_version()
    agency = _known(code)
    agency.trial_partner = partner
    touch(agency, version, "trial_partner")
    record(actor, "axis.trial_partner", kind="axis.agency", object_id=agency.id, data={"partner": partner})


def follow_calendar() -> int:
    """Put into force what was entered for a day that has come; returns how many agencies changed.

    Routing follows the days by itself; this renews the list's versions, so that copies of it follow too, and
    gives agencies their new codes. Doing it again changes nothing.
    """
    return _follow_calendar() if queries.due_by_calendar() else 0


@action
def _follow_calendar(actor: Actor = OPERATOR) -> int:
    version = next_version()
    due = queries.due_by_calendar()
    for agency in due:
        new = queries.code_in_force(agency)
        if new != agency.code:
            _go_by(agency, new, version)
        else:
            touch(agency, version)
    data = {"agencies": [agency.code for agency in due]}
    record(actor, "axis.calendar_followed", kind="axis.agency", object_id=OPERATOR.agency_id, data=data)
    return len(due)


def _go_by(agency: AxisAgency, code: str, version: int) -> None:
    AxisAgency.objects.filter(parent_code=agency.code).update(
        parent_code=code, version=version, modified_at=clock.now()
    )
    agency.code, agency.level = code, rules.level_of(code)
    touch(agency, version, "code", "level")


def touch(agency: AxisAgency, version: int, *changed: str) -> None:
    """The agency changed: copies of the list get it with this version."""
    agency.version, agency.modified_at = version, clock.now()
    agency.save(update_fields=[*changed, "version", "modified_at"])


def next_version() -> int:
    """The next version of the agency list, held until the transaction ends."""
    one_at_a_time(["axis agency list"])
    return (AxisAgency.objects.aggregate(latest=Max("version"))["latest"] or 0) + 1


def _claim_code(agency: AxisAgency, spelling: str) -> None:
    code = spelling.strip()
    known, _ = AgencyCode.objects.get_or_create(
        key=wire_rules.code_key(code), defaults={"code": code, "agency": agency}
    )
    if known.agency_id != agency.id:
        raise CodeTaken(code=code)


def _known(code: str) -> AxisAgency:
    agency = queries.agency_by_code(code)
    if agency is None:
        raise AgencyUnknown(code=code)
    return agency
