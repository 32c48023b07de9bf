"""The verbs of the authority to sign: record a writing that gives one, end it (NĐ 30/2020 Đ13)."""

from __future__ import annotations

from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role, RoleRequired
from vanthu.directory.models import OrgUnit, Post, WorkField
from vanthu.legal.authority import Prefix
from vanthu.signing.authority_models import Authority
from vanthu.signing.authority_queries import authorities_of, given, standing_of
from vanthu.signing.authority_rules import (
    AuthorityData,
    AuthorityIncomplete,
    AuthorityUnknown,
    leading_prefix,
    require_complete,
)
from vanthu.signing.device_rules import ReasonMissing

RECORDING = (Role.ADMINISTRATOR, Role.LEADER)
"""Who records what the head has decided; the audit event names the recorder and the document."""


@action
def record_authority(actor: Actor, data: AuthorityData) -> Authority:
    """Record a writing by which somebody may sign. Raises ``RoleRequired``, :class:`AuthorityIncomplete`."""
    require_recorder(actor)
    posts = Post.objects.filter(agency_id=actor.agency_id, active=True).select_related("person")
    post = posts.filter(pk=data.post_id).first()
    if post is None:
        raise AuthorityIncomplete(why="chưa chọn người được giao ký")
    under = _under(actor, data, post)
    giver = under.post if under else _head(actor.agency_id)
    require_complete(
        data,
        holder=standing_of(post),
        giver_prefix=Prefix(under.prefix) if under else leading_prefix(giver.competence),
        under=given(under) if under else None,
    )
    units = OrgUnit.objects.filter(agency_id=actor.agency_id, pk__in=list(data.unit_ids))
    fields = WorkField.objects.filter(agency_id=actor.agency_id, pk__in=list(data.field_ids))
    row = Authority.objects.create(
        agency_id=actor.agency_id,
        post=post,
        prefix=data.prefix.value,
        giver=giver,
        under=under,
        type_codes=sorted(data.type_codes),
        unit_ids=sorted(str(unit.pk) for unit in units),
        field_ids=sorted(str(one.pk) for one in fields),
        scope=data.scope.strip()[:500],
        basis=data.basis.strip()[:300],
        since=data.since,
        until=data.until,
        recorded_by_name=actor.name,
        recorded_at=clock.now(),
    )
    _record(actor, "signing.authority_given", row)
    return row


@action
def end_authority(actor: Actor, authority_id: UUID, reason: str) -> Authority:
    """End an authority before its time, and what was passed on within it. Raises ``RoleRequired``,
    :class:`AuthorityUnknown`, :class:`ReasonMissing`."""
    require_recorder(actor)
    if not reason.strip():
        raise ReasonMissing
    rows = Authority.objects.select_for_update().filter(agency_id=actor.agency_id, ended_at=None)
    row = rows.filter(pk=authority_id).first()
    if row is None:
        raise AuthorityUnknown
    for one in (row, *rows.filter(under=row)):
        one.ended_at, one.end_reason = clock.now(), reason.strip()[:300]
        one.save(update_fields=["ended_at", "end_reason"])
    _record(actor, "signing.authority_ended", row)
    return row


def require_recorder(actor: Actor) -> None:
    """Raise ``RoleRequired`` unless the actor records authorities."""
    if not actor.is_system and not any(map(actor.has, RECORDING)):
        raise RoleRequired(role="quản trị hoặc lãnh đạo cơ quan")


def _head(agency_id: UUID) -> Post:
    """The head of the agency: of its leaders the first who signs for nobody else."""
    leaders = Post.objects.filter(agency_id=agency_id, active=True, roles__contains=[Role.LEADER.value])
    heads = [
        post
        for post in leaders
        if leading_prefix(post.competence) in {Prefix.NONE, Prefix.TM, Prefix.Q} and authorities_of(post)
    ]
    if not heads:
        raise AuthorityIncomplete(why="cơ quan chưa có người đứng đầu trong danh bạ")
    return heads[0]


def _under(actor: Actor, data: AuthorityData, post: Post) -> Authority | None:
    if not data.under_id:
        return None
    rows = Authority.objects.select_related("post", "giver", "under").filter(agency_id=actor.agency_id)
    row = rows.filter(pk=data.under_id, ended_at=None).first()
    if row is None or row.post.unit_id is None or row.post.unit_id != post.unit_id or row.post_id == post.pk:
        raise AuthorityIncomplete(
            why="chỉ giao lại cho cấp phó trong cùng đơn vị với người được ký thừa lệnh"
        )
    return row


def _record(actor: Actor, verb: str, row: Authority) -> None:
    data = {
        "post": str(row.post_id),
        "name": row.post.person.full_name,
        "prefix": row.prefix,
        "basis": row.basis,
        "types": row.type_codes,
        "units": row.unit_ids,
        "fields": row.field_ids,
        "scope": row.scope,
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else "",
        "reason": row.end_reason,
    }
    record(actor, verb, kind="authority", object_id=row.id, data=data)
