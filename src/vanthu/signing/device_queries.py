"""Reading the register of devices: the agency's whole register for whoever keeps it or leads, else one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Post
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing.certificate_models import CertificateRequest, KeyUse
from vanthu.signing.certificate_queries import sees_all
from vanthu.signing.device_models import DeviceState, Handover, KeyDevice
from vanthu.signing.device_rules import DeviceUnknown, HandoverUnknown, may_follow
from vanthu.signing.devices import keeps_books
from vanthu.signing.losses import doubtful_uses
from vanthu.signing.models import SigningKey

MOST_REVIEWED = 200


def devices(actor: Actor) -> list[KeyDevice]:
    """The devices that the actor sees; the agency's own first, with their active keys as ``active_keys``."""
    active = SigningKey.objects.filter(active=True).defer("material", "certificate")
    rows = _seen(actor).select_related("owner__person", "custodian__person")
    rows = rows.prefetch_related(Prefetch("keys", queryset=active, to_attr="active_keys"))
    return sorted(rows, key=lambda row: (row.owner_id is not None, row.ended_at is not None, row.serial))


def device(actor: Actor, device_id: UUID) -> KeyDevice:
    """One device. Raises :class:`DeviceUnknown` for what the actor does not see."""
    found = (
        _seen(actor).select_related("owner__person", "custodian__person", "loss").filter(pk=device_id).first()
    )
    if found is None:
        raise DeviceUnknown
    return found


def handover(actor: Actor, handover_id: UUID) -> Handover:
    """One hand-over, for its minutes. Raises :class:`HandoverUnknown`."""
    rows = Handover.objects.select_related(
        "device__agency",
        "device__owner__person",
        "giver__person",
        "giver__unit",
        "taker__person",
        "taker__unit",
    )
    mine = Q(giver_id=actor.own_post) | Q(taker_id=actor.own_post)
    rows = rows.filter(device__agency_id=actor.agency_id)
    found = (rows if sees_all(actor) else rows.filter(mine)).filter(pk=handover_id).first()
    if found is None:
        raise HandoverUnknown
    return found


@dataclass(frozen=True)
class OpenHandover:
    """A hand-over that waits: for whom, and whether the actor can confirm or cancel it."""

    row: Handover
    can_confirm: bool
    can_cancel: bool


def open_handovers(actor: Actor) -> list[OpenHandover]:
    """Hand-overs of the agency that wait for the actor, or that the actor may cancel."""
    rows = Handover.objects.filter(device__agency_id=actor.agency_id, done_at=None, cancelled_at=None)
    rows = rows.select_related("device", "giver__person", "taker__person").order_by("pk")
    shown = [_open(actor, row) for row in rows]
    return [one for one in shown if one.can_confirm or one.can_cancel]


def lost_with_open_reviews(actor: Actor) -> list[KeyDevice]:
    """Lost devices of the agency with signatures that nobody has looked at; for clerks and the devices' owners."""
    rows = KeyDevice.objects.filter(agency_id=actor.agency_id, loss__isnull=False)
    if not actor.has(Role.CLERK):
        rows = rows.filter(owner_id=actor.post_id)
    open_uses = KeyUse.objects.filter(
        key__device=OuterRef("pk"), at__gte=OuterRef("loss__lost_at"), review=KeyUse.UNREVIEWED
    )
    return list(rows.filter(Exists(open_uses)).order_by("serial"))


def _open(actor: Actor, row: Handover) -> OpenHandover:
    giver_left = row.giver is None or not row.giver.active
    gives = keeps_books(actor) if giver_left else actor.post_id == row.giver_id
    confirm = (row.taken_at is None and actor.post_id == row.taker_id) or (row.given_at is None and gives)
    cancel = keeps_books(actor) or actor.post_id in {row.giver_id, row.taker_id}
    return OpenHandover(row, confirm, cancel)


@dataclass(frozen=True)
class MayDo:
    """What the actor can do with a device now."""

    hand_over: bool
    report_lost: bool
    take_back: bool
    destroy: bool
    keep_books: bool


def may_do(actor: Actor, found: KeyDevice, *, waiting: bool) -> MayDo:
    """What the page offers; the verbs ask again."""
    books = keeps_books(actor)
    own = actor.post_id in {found.custodian_id, found.owner_id}
    return MayDo(
        hand_over=(books or found.custodian_id == actor.post_id)
        and may_follow(found.state, DeviceState.IN_USE)
        and not waiting,
        report_lost=(books or own or actor.has(Role.LEADER)) and may_follow(found.state, DeviceState.LOST),
        take_back=books and may_follow(found.state, DeviceState.RETURNED),
        destroy=books and may_follow(found.state, DeviceState.DESTROYED),
        keep_books=books,
    )


@dataclass(frozen=True)
class Reviewed:
    """A signature made after a loss; ``document`` is empty for who takes no part in the document, and for what is about
    none; ``about`` says to whom may know it what else was signed."""

    use: KeyUse
    document: Document | None
    about: str
    may_say: bool


def to_review(actor: Actor, found: KeyDevice) -> list[Reviewed]:
    """What was signed with a lost device since then; the documents only to those who see them anyway."""
    uses = list(doubtful_uses(found.pk)[:MOST_REVIEWED])
    visible = (
        records.visible(actor).filter(pk__in=[use.document_id for use in uses if use.document_id]).in_bulk()
    )
    says = actor.has(Role.CLERK) or found.owner_id == actor.post_id
    return [_reviewed(actor, use, visible, says) for use in uses]


def _reviewed(actor: Actor, use: KeyUse, visible: Mapping[UUID, Document], says: bool) -> Reviewed:
    if use.document_id is None:
        clerk = actor.has(Role.CLERK)
        return Reviewed(use, None, use.about if clerk else "", clerk)
    seen = visible.get(use.document_id)
    return Reviewed(use, seen, use.about if seen else "", says and seen is not None)


def revocations(found: KeyDevice) -> QuerySet[CertificateRequest]:
    """The requests for revocation of the device's certificates."""
    return CertificateRequest.objects.filter(key__device=found).select_related("key").order_by("-pk")


def people(agency_id: UUID) -> list[Post]:
    """Everybody of the agency who can be given a device, in the order of precedence."""
    return list(Post.objects.filter(agency_id=agency_id, active=True).select_related("person"))


def _seen(actor: Actor) -> QuerySet[KeyDevice]:
    rows = KeyDevice.objects.filter(agency_id=actor.agency_id)
    if sees_all(actor):
        return rows
    mine = actor.own_post
    return rows.filter(Q(owner_id=mine) | Q(custodian_id=mine) | Q(handovers__taker_id=mine)).distinct()
