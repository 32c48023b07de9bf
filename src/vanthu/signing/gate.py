"""The gate that every signature passes: may this person use this key now, and sign this paper by which authority?

Asked when a signature begins, and again inside the transaction that keeps it. There the key's row is held shared
until the commit: whoever reports the device lost, hands it over or ends an authority waits for that commit, or has
been first, and then the signature is not kept. Refuses to sign and to store files.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import connection

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.directory.models import Post
from vanthu.environment import SignerBlockRule
from vanthu.pades import Standing
from vanthu.records.models import Document
from vanthu.signing.authority_models import Authority
from vanthu.signing.authority_queries import authorities_of, block_of
from vanthu.signing.authority_rules import Given, Paper, choose, require_block
from vanthu.signing.certificate_models import KeyUse, Purpose
from vanthu.signing.device_rules import Possession, require_usable
from vanthu.signing.models import EndReason, SigningKey


def require_key(actor: Actor, key: SigningKey) -> SigningKey:
    """The key as it stands now, which the actor may use: active, not revoked, device not lost, agency's device in
    the actor's own custody (R66, R67).

    Raises the refusals of ``device_rules.require_usable``.
    """
    held = _held(key.pk)
    device = held.device
    known = getattr(held, "known", None)
    require_usable(
        Possession(
            of_agency=held.post_id is None,
            active=held.active,
            stopped_because=EndReason(held.end_reason).label if held.end_reason else "",
            revoked=known is not None and known.standing == Standing.REVOKED.value,
            serial=held.serial,
            device_state=device.state if device else "",
            holder=device.custodian.person.full_name if device and device.custodian else "",
            held_by_actor=device is not None and device.custodian_id == actor.post_id,
        )
    )
    return held


def require_authority(
    actor: Actor, document: Document, *, unit_id: UUID | None, field_id: UUID | None = None, sha256: str
) -> Given:
    """By which authority the actor signs the file ``sha256`` of the document now (NĐ 30/2020 Đ13).

    Raises :class:`authority_rules.NoAuthority`; :class:`authority_rules.BlockDiffers` unless the site is set to remark
    on that only (``VANTHU_SIGNER_BLOCK``).
    """
    _hold_shared(Authority._meta.db_table, "post_id", actor.own_post)
    post = Post.objects.select_related("person").get(pk=actor.own_post)
    paper = Paper(document.type_code, str(unit_id or ""), str(field_id or ""))
    name = post.person.full_name
    block = block_of(sha256, name)
    chosen = choose(authorities_of(post), paper, clock.today(), block, name)
    if settings.VANTHU.signer_block is SignerBlockRule.REFUSE:
        require_block(block, chosen, name=name, position=post.position)
    return chosen


def note_use(
    actor: Actor,
    key: SigningKey,
    document: Document | None,
    *,
    purpose: Purpose,
    sha256: str,
    by: Given | None = None,
    about: str = "",
) -> dict[str, str]:
    """Note a signature in the transaction that keeps it; answers what the audit event says of key and authority.

    ``about`` says what was signed where it is not the document itself, or a paper that the system does not hold.
    """
    KeyUse.objects.create(
        key=key,
        document=document,
        about=about[:300],
        purpose=purpose,
        sha256=sha256,
        by_name=actor.name,
        authority=by.words[:300] if by else "",
        writing_id=by.writing_id if by else None,
        at=clock.now(),
    )
    said = {"certificate": key.serial}
    if key.device is not None:
        said["device"] = key.device.serial
        if key.device.custodian is not None and key.device.custodian_id != actor.post_id:
            said["device_kept_by"] = key.device.custodian.person.full_name
    if by is not None:
        said |= {"authority": by.words, "authority_rule": by.cite}
    return said


def _held(key_id: UUID) -> SigningKey:
    """The key's row, held shared until the transaction ends: many may sign at once, nobody may stop it meanwhile."""
    _hold_shared(SigningKey._meta.db_table, "id", key_id)
    return SigningKey.objects.select_related("device__custodian__person", "known").get(pk=key_id)


def _hold_shared(table: str, column: str, value: UUID) -> None:
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {name(table)} WHERE {name(column)} = %s FOR SHARE",  # noqa: S608 - own names
            [value],
        )
