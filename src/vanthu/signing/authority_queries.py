"""Reading the authorities: what a post may sign, who may sign for an agency, what a page's block says."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.directory.models import OrgUnit, Post, WorkField
from vanthu.errors import VanthuError
from vanthu.formalities.signerblock import find_signer_block
from vanthu.legal.authority import Prefix
from vanthu.records.models import Document
from vanthu.signing.authority_models import Authority, PrintedBlock
from vanthu.signing.authority_rules import (
    AuthorityUnknown,
    Block,
    Given,
    Paper,
    Standing,
    by_post,
    choose,
    differences,
    name_key,
)
from vanthu.signing.certificate_models import KeyUse, Purpose


def standing_of(post: Post) -> Standing:
    """What the post is by itself."""
    return Standing(leads=post.has(Role.LEADER), competence=post.competence)


def given(row: Authority) -> Given:
    """A stored authority as the rules read it; its ``under`` must be fetched with it."""
    return Given(
        prefix=Prefix(row.prefix),
        basis=row.basis,
        type_codes=frozenset(row.type_codes),
        unit_ids=frozenset(row.unit_ids),
        field_ids=frozenset(row.field_ids),
        scope=row.scope,
        since=row.since,
        until=row.until,
        ended=row.ended_at is not None,
        by_order_of=row.giver.position,
        under=given(row.under) if row.under else None,
        writing_id=row.pk,
    )


def authorities_of(post: Post) -> list[Given]:
    """Everything a post may sign by: what was written first, then what follows from the post."""
    rows = (
        Authority.objects.filter(post=post).select_related("giver", "under__giver").order_by("-since", "-id")
    )
    written = [given(row) for row in rows]
    return [*written, *by_post(standing_of(post), written)]


def signers(agency_id: UUID) -> list[Post]:
    """Who may sign something for the agency today, in the order of precedence."""
    today = clock.today()
    open_rows = Authority.objects.filter(agency_id=agency_id, ended_at=None, since__lte=today)
    holders = open_rows.filter(Q(until=None) | Q(until__gte=today)).values("post_id")
    posts = Post.objects.filter(agency_id=agency_id, active=True).select_related("person", "unit", "agency")
    return list(posts.filter(Q(roles__contains=[Role.LEADER.value]) | Q(pk__in=holders)))


def block_of(sha256: str, name: str) -> Block | None:
    """The signer's block printed on a stored PDF: that with ``name`` where several stand side by side, else the best
    there is; None when the page shows none. Read once per content and name."""
    key = hashlib.sha256(f"{sha256} {name_key(name)}".encode()).hexdigest()
    known = PrintedBlock.objects.filter(pk=key).first()
    if known is None:
        known = _read_block(key, sha256, name)
    return Block(tuple(known.position), known.name) if known.found else None


def _read_block(key: str, sha256: str, name: str) -> PrintedBlock:
    try:
        store.require_whole(sha256)
        found = find_signer_block(store.path_of(sha256), signer_name=name)
    except VanthuError:
        found = None
    row = PrintedBlock(
        key=key,
        found=found is not None,
        position=list(found.position)[:12] if found else [],
        name=found.name[:200] if found else "",
    )
    PrintedBlock.objects.bulk_create([row], ignore_conflicts=True)
    return row


def remarks(post: Post, paper: Paper, sha256: str) -> list[str]:
    """What the signer's authority and the page's block would say at the signature, for the drafter to mend before."""
    name = post.person.full_name
    block = block_of(sha256, name)
    try:
        chosen = choose(authorities_of(post), paper, clock.today(), block, name)
    except VanthuError as error:
        return [error.text]
    if block is None:
        return []
    found = differences(block, chosen, name=name, position=post.position)
    return [f"Khối ký: {one.why}." for one in found]


@dataclass(frozen=True)
class Basis:
    """By which authority a document is or was signed; ``writing_id``: the writing that gives it, None where it follows
    from the post."""

    words: str
    writing_id: UUID | None


def basis_of(document: Document, signer: Post, paper: Paper, sha256: str) -> Basis | None:
    """By which authority ``signer`` signed the document; while it waits, would sign the file ``sha256`` today. None
    where there is none."""
    used = KeyUse.objects.filter(document=document, purpose=Purpose.SIGN, key__post=signer).order_by("-at")
    if (kept := used.first()) is not None:
        return Basis(kept.authority, kept.writing_id)
    name = signer.person.full_name
    try:
        chosen = choose(authorities_of(signer), paper, clock.today(), block_of(sha256, name), name)
    except VanthuError:
        return None
    return Basis(chosen.words, chosen.writing_id)


def authority_of(actor: Actor, authority_id: UUID) -> Authority:
    """An authority of the actor's agency, ended or not. Raises :class:`AuthorityUnknown`."""
    rows = Authority.objects.select_related("post__person", "under__giver", "giver")
    row = rows.filter(pk=authority_id, agency_id=actor.agency_id).first()
    if row is None:
        raise AuthorityUnknown
    return row


def competence_of(post: Post, paper: Paper, sha256: str) -> str:
    """The authority by which the signer signs, as it stands above the position: ``TL. CHỦ TỊCH``.

    What the post prints; where it signs by a writing, the prefix and the position of whoever gave it.
    """
    name = post.person.full_name
    try:
        chosen = choose(authorities_of(post), paper, clock.today(), block_of(sha256, name), name)
    except VanthuError:
        return post.competence
    if not chosen.basis:
        return post.competence
    return f"{chosen.prefix.printed} {chosen.by_order_of}".upper()[:100]


@dataclass(frozen=True)
class Line:
    """One authority as the page lists it; ``row`` is empty for what follows from the post."""

    given: Given
    row: Authority | None
    units: tuple[str, ...]
    fields: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class Signer:
    """A post with everything it may sign by."""

    post: Post
    lines: tuple[Line, ...]


def overview(agency_id: UUID) -> list[Signer]:
    """Every post of the agency that signs or signed by a writing, in the order of precedence."""
    written: dict[UUID, list[Authority]] = defaultdict(list)
    rows = Authority.objects.filter(agency_id=agency_id).select_related("giver__person", "under__giver")
    rows = rows.annotate(papers_kept=Count("papers"))
    for row in rows.order_by("-since", "-id"):
        written[row.post_id].append(row)
    units = {str(unit.pk): unit.name for unit in OrgUnit.objects.filter(agency_id=agency_id)}
    fields = {str(one.pk): one.name for one in WorkField.objects.filter(agency_id=agency_id)}
    posts = Post.objects.filter(agency_id=agency_id).select_related("person", "unit")
    found = posts.filter(Q(roles__contains=[Role.LEADER.value], active=True) | Q(pk__in=list(written)))
    return [Signer(post, tuple(_lines(post, written[post.pk], units, fields))) for post in found]


def _lines(
    post: Post, rows: Iterable[Authority], units: dict[str, str], fields: dict[str, str]
) -> list[Line]:
    rows = list(rows)
    stored = [given(row) for row in rows]
    lines = [Line(one, None, (), (), "") for one in by_post(standing_of(post), stored)]
    for row, one in zip(rows, stored, strict=True):
        names = tuple(units.get(key, "…") for key in row.unit_ids)
        of = tuple(fields.get(key, "…") for key in row.field_ids)
        lines.append(Line(one, row, names, of, _state(one)))
    return lines


def _state(one: Given) -> str:
    today = clock.today()
    if one.ended:
        return "ENDED"
    if today < one.since:
        return "COMING"
    return "EXPIRED" if one.until is not None and today > one.until else "IN_FORCE"
