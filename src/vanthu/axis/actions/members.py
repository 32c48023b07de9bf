"""Members: which systems may call the axis, with which secret."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from vanthu.audit.ledger import action, record
from vanthu.axis import rules, secrets
from vanthu.axis.actions.agencies import next_version
from vanthu.axis.actions.shared import OPERATOR
from vanthu.axis.errors import CodeTaken, MemberUnknown
from vanthu.axis.models import Member
from vanthu.base import clock
from vanthu.base.actors import Actor

_SECRET_FIELDS = ["old_secret_box", "old_secret_until", "new_secret_used_at"]


@action
def add_member(code: str, name: str, actor: Actor = OPERATOR) -> tuple[str, str]:
    """Admit a system; returns its system id and its secret, which is shown this once.

    Raises :class:`CodeTaken`, :class:`EntryWrong`.
    """
    rules.check_entry(code, name=name)
    if Member.objects.filter(system_id=code).exists():
        raise CodeTaken(code=code)
    secret, now = secrets.new_secret(), clock.now()
    member = Member.objects.create(
        system_id=code, name=name, secret_box=secrets.lock(secret), secret_since=now, created_at=now
    )
    record(actor, "axis.member_added", kind="axis.member", object_id=member.id, data={"systemId": code})
    return code, secret


@action
def renew_secret(
    system_id: str,
    actor: Actor = OPERATOR,
    *,
    keep_old: timedelta = timedelta(0),
    overlap: timedelta | None = None,
) -> str:
    """Give a member a new secret; the old one works on for ``keep_old``, zero for one that leaked.

    After the first call with the new one the old one works for ``overlap`` at most. A renewal before the new
    secret was ever used keeps the one that the member really uses. Raises :class:`MemberUnknown`.
    """
    member = _locked_member(system_id)
    secret, now = secrets.new_secret(), clock.now()
    unused = rules.rotation_shows(member) and member.old_secret_until and now < member.old_secret_until
    in_use = member.old_secret_box if unused else member.secret_box
    member.old_secret_box = in_use if keep_old else ""
    member.old_secret_until = now + keep_old if keep_old else None
    member.overlap_seconds = round((keep_old if overlap is None else overlap).total_seconds())
    member.secret_box, member.secret_since = secrets.lock(secret), now
    member.new_secret_used_at = None
    member.save(update_fields=[*_SECRET_FIELDS, "secret_box", "secret_since", "overlap_seconds"])
    data = {"oldUntil": member.old_secret_until.isoformat() if member.old_secret_until else None}
    record(actor, "axis.secret_renewed", kind="axis.member", object_id=member.id, data=data)
    return secret


@action
def note_new_secret(system_id: str, actor: Actor = OPERATOR) -> None:
    """The member called with its new secret for the first time: the old one has only its overlap left.

    Raises :class:`MemberUnknown`.
    """
    member = _locked_member(system_id)
    now = clock.now()
    if rules.rotation_shows(member):
        member.old_secret_until = rules.old_secret_end(member, now)
    member.new_secret_used_at = member.new_secret_used_at or now
    member.save(update_fields=_SECRET_FIELDS)
    record(actor, "axis.secret_in_use", kind="axis.member", object_id=member.id)


@action
def end_old_secret(system_id: str, actor: Actor = OPERATOR) -> None:
    """The old secret stops working now. Raises :class:`MemberUnknown`."""
    member = _locked_member(system_id)
    member.old_secret_box, member.old_secret_until = "", None
    member.save(update_fields=_SECRET_FIELDS)
    record(actor, "axis.old_secret_ended", kind="axis.member", object_id=member.id)


@dataclass(frozen=True)
class MemberTerms:
    """What the operator sets for a member; a limit of None is the site's, 0 none at all."""

    name: str
    calls_per_minute: int | None = None
    megabytes_per_minute: int | None = None
    max_packet_mb: int | None = None
    concurrent_calls: int | None = None
    queue_limit: int | None = None
    fresh_stamps: bool = False


@action
def set_terms(system_id: str, terms: MemberTerms, actor: Actor = OPERATOR) -> None:
    """Set a member's name and limits. Raises :class:`MemberUnknown`, :class:`EntryWrong`."""
    rules.check_entry(name=terms.name)
    member = _locked_member(system_id)
    wanted = asdict(terms)
    for name, value in wanted.items():
        setattr(member, name, value)
    member.save(update_fields=list(wanted))
    record(actor, "axis.member_terms_set", kind="axis.member", object_id=member.id, data=wanted)


@action
def set_member_active(system_id: str, active: bool, actor: Actor = OPERATOR) -> None:
    """Let a member call, or not. What is held for it stays held. Raises :class:`MemberUnknown`."""
    member = _locked_member(system_id)
    member.active = active
    member.save(update_fields=["active"])
    record(actor, "axis.member_switched", kind="axis.member", object_id=member.id, data={"active": active})


@action
def set_member_axis(system_id: str, is_axis: bool, actor: Actor = OPERATOR) -> None:
    """Say that a member is itself an axis, below this one, or is not. Raises :class:`MemberUnknown`.

    What such a member fetches carries this axis' hop; ``processing`` means that it keeps the packet.
    """
    member = _locked_member(system_id)
    member.is_axis = is_axis
    member.save(update_fields=["is_axis"])
    member.agencies.update(version=next_version(), modified_at=clock.now())
    record(actor, "axis.member_is_axis", kind="axis.member", object_id=member.id, data={"axis": is_axis})


def _locked_member(system_id: str) -> Member:
    member = Member.objects.select_for_update().filter(system_id=system_id).first()
    if member is None:
        raise MemberUnknown(system_id=system_id)
    return member
