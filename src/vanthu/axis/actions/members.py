"""Members: which systems may call the axis, with which secret."""

from __future__ import annotations

from vanthu.audit.ledger import action, record
from vanthu.axis import secrets
from vanthu.axis.actions.shared import OPERATOR
from vanthu.axis.errors import CodeTaken, MemberUnknown
from vanthu.axis.models import Member
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


def _locked_member(system_id: str) -> Member:
    member = Member.objects.select_for_update().filter(system_id=system_id).first()
    if member is None:
        raise MemberUnknown(system_id=system_id)
    return member
