"""Members and agencies: who may call the axis, and who can be addressed through it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max

from vanthu.audit.ledger import action, record
from vanthu.axis import queries, rules, secrets
from vanthu.axis.actions.shared import OPERATOR, one_at_a_time
from vanthu.axis.errors import AgencyNotYours, CodeTaken, MemberUnknown
from vanthu.axis.models import WAITING, AgencyCode, AxisAgency, AxisDelivery, Member
from vanthu.base import clock
from vanthu.base.actors import Actor


@action
def add_member(code: str, name: str, actor: Actor = OPERATOR) -> tuple[str, str]:
    """Admit a system; returns its system id and its secret, which is shown this once.

    Raises :class:`CodeTaken`.
    """
    if Member.objects.filter(system_id=code).exists():
        raise CodeTaken(code=code)
    secret = secrets.new_secret()
    member = Member.objects.create(
        system_id=code, name=name, secret_box=secrets.lock(secret), created_at=clock.now()
    )
    record(actor, "axis.member_added", kind="axis.member", object_id=member.id, data={"systemId": code})
    return code, secret


@action
def renew_secret(system_id: str, actor: Actor = OPERATOR) -> str:
    """Give a member a new secret; the old one stops working at once. Raises :class:`MemberUnknown`."""
    member = _locked_member(system_id)
    secret = secrets.new_secret()
    member.secret_box = secrets.lock(secret)
    member.save(update_fields=["secret_box"])
    record(actor, "axis.secret_renewed", kind="axis.member", object_id=member.id)
    return secret


@action
def set_member_active(system_id: str, active: bool, actor: Actor = OPERATOR) -> None:
    """Let a member call, or not. What is held for it stays held. Raises :class:`MemberUnknown`."""
    member = _locked_member(system_id)
    member.active = active
    member.save(update_fields=["active"])
    record(actor, "axis.member_switched", kind="axis.member", object_id=member.id, data={"active": active})


@dataclass(frozen=True)
class AgencyDetails:
    """What is registered of an agency; ``old_codes`` are added to those already known."""

    code: str
    name: str
    parent_code: str = ""
    email: str = ""
    old_codes: tuple[str, ...] = ()
    level: int | None = None


@action
def put_agency(member: Member, details: AgencyDetails, actor: Actor = OPERATOR) -> AxisAgency:
    """Register an agency under a member, or change it; what waits for it follows it to its new member.

    Raises :class:`CodeTaken` when a code belongs to another agency.
    """
    version = _next_version()
    code = details.code.strip()
    known = AgencyCode.objects.filter(key=rules.code_key(code)).select_related("agency").first()
    agency = known.agency if known else AxisAgency(code=code)
    moved = known is not None and agency.member_id != member.id
    agency.member, agency.name, agency.parent_code = member, details.name.strip(), details.parent_code.strip()
    agency.email, agency.deleted = details.email.strip(), False
    agency.level = details.level or rules.level_of(agency.code)
    agency.version, agency.modified_at = version, clock.now()
    agency.save()
    for spelling in (agency.code, *details.old_codes):
        _claim_code(agency, spelling)
    if moved:
        AxisDelivery.objects.filter(recipient=agency, state__in=WAITING).update(member=member)
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
def delete_agency(member: Member, code: str, actor: Actor) -> None:
    """Take one of the member's agencies off the axis; nothing new is accepted for it.

    Raises :class:`AgencyNotYours`.
    """
    version = _next_version()
    agency = queries.agency_by_code(code)
    if agency is None or agency.member_id != member.id:
        raise AgencyNotYours(code=code)
    agency.deleted, agency.version, agency.modified_at = True, version, clock.now()
    agency.save(update_fields=["deleted", "version", "modified_at"])
    record(actor, "axis.agency_deleted", kind="axis.agency", object_id=agency.id, data={"code": agency.code})


@action
def set_agency_locked(code: str, locked: bool, actor: Actor = OPERATOR) -> None:
    """Stop or resume taking packets for an agency. Raises :class:`AgencyNotYours` for an unknown code."""
    agency = queries.agency_by_code(code)
    if agency is None:
        raise AgencyNotYours(code=code)
    agency.locked = locked
    agency.save(update_fields=["locked"])
    record(actor, "axis.agency_locked", kind="axis.agency", object_id=agency.id, data={"locked": locked})


def _next_version() -> int:
    one_at_a_time(["axis agency list"])
    return (AxisAgency.objects.aggregate(latest=Max("version"))["latest"] or 0) + 1


def _claim_code(agency: AxisAgency, spelling: str) -> None:
    code = spelling.strip()
    known, _ = AgencyCode.objects.get_or_create(
        key=rules.code_key(code), defaults={"code": code, "agency": agency}
    )
    if known.agency_id != agency.id:
        raise CodeTaken(code=code)


def _locked_member(system_id: str) -> Member:
    member = Member.objects.select_for_update().filter(system_id=system_id).first()
    if member is None:
        raise MemberUnknown(system_id=system_id)
    return member
