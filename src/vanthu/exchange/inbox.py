"""Receiving: store durably first, then find out for whom a packet is and what it is about.

One way for packets from the axis and from agencies on the same site. Nothing is ever lost: what cannot be
placed is quarantined with a reason. Refuses to make documents; ``handling`` does, and says so by
:func:`taken_in`.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

import structlog

from vanthu import edxml
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, system_actor
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency
from vanthu.edxml.codes import StatusCode
from vanthu.edxml.errors import PacketError
from vanthu.edxml.model import DocumentPacket, Packet, ResponseFor, StatusPacket
from vanthu.errors import VanthuError
from vanthu.exchange import actions, axes, changes, hiding, packets, rules, secrecy
from vanthu.exchange.actions import Superseded
from vanthu.exchange.models import (
    ChangeKind,
    Delivery,
    InboxPacket,
    InboxState,
    PacketKind,
    SecretCase,
    SecretState,
)
from vanthu.formalities.secrecy import SecrecyMark
from vanthu.records.models import Direction, Document

log = structlog.get_logger(__name__)

__all__ = ["packet_of", "receive", "receive_stored", "retry", "taken_in"]


@dataclass(frozen=True)
class Arrival:
    """A stored packet that looks for its place.

    ``actor`` is who sends it round again, None for the first time.
    """

    source: str
    axis_doc_id: str
    sha256: str
    size: int
    kind: PacketKind
    received_at: datetime
    actor: Actor | None = None
    again: InboxPacket | None = None
    trial: bool = False
    unstored: BinaryIO | None = None
    """The bytes, where they carry a mark of state secrecy and are stored nowhere."""

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The packet's bytes, from their beginning. Raises ``BlobMissing``."""
        if self.unstored is not None:
            self.unstored.seek(0)
            yield self.unstored
            return
        with store.open_blob(self.sha256) as stream:
            yield stream

    def acting_for(self, agency: Agency) -> Actor:
        """Who the audit event names."""
        return self.actor or system_actor(agency.id)

    def row_for(self, agency: Agency) -> InboxPacket | None:
        """The row to fill for this agency; None when the packet is there already."""
        if self.again is not None and self.again.agency_id == agency.id:
            return self.again
        known = InboxPacket.objects.filter(
            source=self.source, axis_doc_id=self.axis_doc_id, agency=agency
        ).exists()
        if known:
            return None
        if self.again is not None:
            self.again.agency = agency
            return self.again
        return InboxPacket(
            source=self.source,
            axis_doc_id=self.axis_doc_id,
            sha256=self.sha256,
            size=self.size,
            kind=self.kind,
            agency=agency,
            received_at=self.received_at,
            trial=self.trial,
        )


def receive(
    source: str,
    axis_doc_id: str,
    body: bytes | BinaryIO,
    *,
    kind: PacketKind = PacketKind.EDOC,
    to: Sequence[str] = (),
    trial: bool = False,
) -> list[InboxPacket]:
    """Store a packet durably and place it; returns its rows, one per agency of this site that it concerns.

    One with a mark of state secrecy is stored encrypted only.
    ``source`` is the name of an axis or ``local``; ``axis_doc_id`` the id under which the source knows it:
    receiving the same id again changes nothing and returns the same rows. ``to`` are the recipients this copy is for;
    without them, all recipients in the packet that are on this site. ``trial``: the axis says it was sent to try.
    """
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    found = _understood(stream)
    stream.seek(0)
    if found.marks and _minders(found, to):
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
        size = stream.seek(0, io.SEEK_END)
        arrival = Arrival(source, axis_doc_id, sha256, size, kind, clock.now(), trial=trial, unstored=stream)
    else:
        blob = store.put(stream)
        arrival = Arrival(source, axis_doc_id, blob.sha256, blob.size, kind, clock.now(), trial=trial)
    _place(arrival, found, to)
    return rows_of(source, axis_doc_id)


def receive_stored(
    source: str,
    axis_doc_id: str,
    blob: Blob,
    *,
    kind: PacketKind = PacketKind.EDOC,
    to: Sequence[str] = (),
    trial: bool = False,
) -> list[InboxPacket]:
    """Like :func:`receive`, for bytes that the blob store holds already."""
    arrival = Arrival(source, axis_doc_id, blob.sha256, blob.size, kind, clock.now(), trial=trial)
    _place(arrival, _read(arrival), to)
    return rows_of(source, axis_doc_id)


def rows_of(source: str, axis_doc_id: str) -> list[InboxPacket]:
    """Everything stored of one packet."""
    return list(InboxPacket.objects.filter(source=source, axis_doc_id=axis_doc_id).order_by("id"))


def unacknowledged(source: str, before: datetime, limit: int = 50) -> list[str]:
    """Ids under which an axis knows packets kept since ``before`` whose acknowledgement is not noted."""
    kept = InboxPacket.objects.filter(source=source, acknowledged_at=None, received_at__lt=before)
    return list(kept.order_by("received_at").values_list("axis_doc_id", flat=True)[:limit])


def retry(actor: Actor, inbox_id: UUID) -> InboxPacket:
    """Look again for the place of a quarantined packet, for example after the list of agencies was renewed.

    Raises ``RoleRequired``, ``NotYours``, ``NotQuarantined``, ``SecretHeld``.
    """
    actor.require(Role.CLERK)
    row = InboxPacket.objects.filter(pk=inbox_id, agency_id=actor.agency_id).first()
    if row is None:
        raise NotYours
    if row.state != InboxState.QUARANTINED:
        raise rules.NotQuarantined
    secrecy.refuse_held(row)
    replace(row, actor)
    row.refresh_from_db()
    return row


def confirm_secret(actor: Actor, inbox_id: UUID) -> SecretCase:
    """Second person in a case of state secrecy; what turns out to be none is placed like any other packet.

    Killed in between, the next round of the agency list places it. Raises what :func:`secrecy.confirm` does.
    """
    case = secrecy.confirm(actor, inbox_id)
    if case.state == SecretState.CLEARED:
        replace(case.inbox, actor)
    return case


def resolve(actor: Actor, inbox_id: UUID, delivery_id: UUID | None) -> InboxPacket:
    """Say which delivery an orphan status is about; from then on it counts like any other.

    Only a delivery to the agency that reports, or to one whose work it took over, so nobody reports for others. Raises
    ``RoleRequired``, ``NotYours``, ``NotQuarantined``, :class:`rules.NotItsDelivery`.
    """
    actor.require(Role.CLERK)
    row = InboxPacket.objects.filter(pk=inbox_id, agency_id=actor.agency_id).first()
    chosen = Delivery.objects.filter(agency_id=actor.agency_id)
    delivery = chosen.filter(pk=delivery_id).first() if delivery_id else None
    if row is None:
        raise NotYours
    if row.state != InboxState.QUARANTINED or row.error_code != rules.Orphan.code:
        raise rules.NotQuarantined
    assert row.sender_id
    if delivery is None or delivery.recipient_id not in directory.line_of(row.sender_id):
        raise rules.NotItsDelivery
    packet = packets.load(row.sha256)
    assert isinstance(packet, StatusPacket)
    return actions.store_status(actor, row, delivery, packet)


def replace(row: InboxPacket, actor: Actor | None = None) -> None:
    """Place a quarantined packet anew. Raises ``ChunksDamaged``, ``BoxUnreadable`` for one that was held."""
    hiding.restore(row)
    arrival = Arrival(
        row.source,
        row.axis_doc_id,
        row.sha256,
        row.size,
        PacketKind(row.kind),
        row.received_at,
        actor=actor,
        again=row,
        trial=row.trial,
    )
    _place(arrival, _read(arrival), ())


def packet_of(inbox: InboxPacket) -> DocumentPacket:
    """The document packet of a row, read anew from its stored bytes."""
    packet = packets.load(inbox.sha256)
    assert isinstance(packet, DocumentPacket)
    return packet


def hide_subjects(document: Document) -> None:
    """Called inside the handling room's action: a recalled document's packets no longer tell what it was about."""
    InboxPacket.objects.filter(document=document).update(subject="")


def taken_in(inbox: InboxPacket, document: Document) -> None:
    """Called inside the handling room's action: the stored packet became this incoming document.

    Raises :class:`rules.PacketNotTaken` when it is not waiting (any more).
    """
    changed = InboxPacket.objects.filter(pk=inbox.pk, state=InboxState.STORED).update(
        state=InboxState.TAKEN_IN, document=document
    )
    if not changed:
        raise rules.PacketNotTaken


def home_agency() -> Agency | None:
    """The agency of this site that minds what concerns none of them.

    The one registered at an axis, else the first.
    """
    hosted = Agency.objects.filter(hosted=True)
    system_ids = [axis.system_id for axis in axes.configured()]
    registered = hosted.filter(identifiers__code__in=system_ids).order_by("id").first()
    return registered or hosted.order_by("id").first()


def split_codes(text: str) -> list[str]:
    """The identifiers in an axis row's ``to``: one, several by comma, or a JSON list."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, list):
            return [str(code) for code in found]
    return [code.strip() for code in text.replace(";", ",").split(",") if code.strip()]


# Placing


@dataclass(frozen=True)
class Understood:
    """What a packet says, or why nobody can make sense of it; ``marks`` of state secrecy, the highest first."""

    packet: Packet | None
    problem: VanthuError | None = None
    marks: tuple[SecrecyMark, ...] = ()


def _place(arrival: Arrival, found: Understood, to: Sequence[str]) -> None:
    if isinstance(found.packet, DocumentPacket):
        _place_document(arrival, found.packet, found.marks, _minders(found, to))
    elif found.packet is not None:
        _place_status(arrival, found.packet)
    elif found.problem is not None:
        _set_apart(arrival, found.problem)


def _read(arrival: Arrival) -> Understood:
    with arrival.opened() as stream:
        return _understood(stream)


def _understood(stream: BinaryIO) -> Understood:
    try:
        packet = edxml.read(stream).packet
    except PacketError as error:
        return Understood(None, rules.Unreadable(reason=error.text))
    except VanthuError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # A hole in the reader must not stop the mail behind this packet.
        log.exception("packet_reader_failed")
        return Understood(None, rules.Unreadable(reason=type(error).__name__))
    marks = secrecy.marks_of(packet) if isinstance(packet, DocumentPacket) else ()
    return Understood(packet, marks=marks)


def _minders(found: Understood, to: Sequence[str]) -> list[Agency]:
    """The agencies of this site that a document packet is for; with a mark, somebody in any case."""
    assert isinstance(found.packet, DocumentPacket)
    agencies = _hosted(to) or _hosted([recipient.organ_id for recipient in found.packet.recipients])
    if found.marks and not agencies:
        return [home for home in [home_agency()] if home is not None]
    return agencies


def _place_document(
    arrival: Arrival, packet: DocumentPacket, marks: Sequence[SecrecyMark], agencies: Sequence[Agency]
) -> None:
    describe = _describe_document(packet)
    in_header = [recipient.organ_id for recipient in packet.recipients]
    if not agencies:
        _set_apart(arrival, rules.WrongRecipient(codes=", ".join(in_header[:10])), describe)
        return
    sender = _known(packet.sender.organ_id)
    for agency in agencies:
        row = arrival.row_for(agency)
        if row is None:
            continue
        describe(row)
        row.sender = sender
        actor = arrival.acting_for(agency)
        with suppress(Superseded):
            if marks and not secrecy.cleared(row):
                secrecy.hold(actor, row, marks, arrival.opened)
            elif sender is None:
                actions.quarantine(actor, row, _unknown(packet))
            else:
                _place_known(actor, row, packet)


def _place_known(actor: Actor, row: InboxPacket, packet: DocumentPacket) -> None:
    """A document packet of a known sender: something new, or something about what is here already."""
    assert row.agency and row.sender
    asked = changes.asked_by_document(packet, row.agency)
    if asked is not None and asked.kind is not ChangeKind.REPLACE:
        actions.store_change(actor, row, asked)
        return
    key = packets.identity(str(row.sender.id), packet.document_id, packet.business_type)
    actions.store_document(actor, row, identity=key, replaces=asked)


def _place_status(arrival: Arrival, packet: StatusPacket) -> None:
    told = next(iter(_hosted([packet.response_for.organ_id])), None)
    describe = _describe_status(packet)
    if told is None:
        _set_apart(arrival, rules.WrongRecipient(codes=packet.response_for.organ_id), describe)
        return
    row = arrival.row_for(told)
    if row is None:
        return
    describe(row)
    row.sender = _known(packet.sender.organ_id)
    actor = arrival.acting_for(told)
    with suppress(Superseded):
        if row.sender is None:
            actions.quarantine(actor, row, _unknown(packet))
        elif packet.status_code == StatusCode.TAKE_BACK:
            actions.store_change(actor, row, changes.asked_by_status(packet))
        else:
            _place_report(actor, row, packet)


def _place_report(actor: Actor, row: InboxPacket, packet: StatusPacket) -> None:
    assert row.agency and row.sender
    delivery = find_delivery(row.agency, row.sender, packet.response_for)
    if delivery is None:
        actions.quarantine(actor, row, _orphan(packet))
    else:
        actions.store_status(actor, row, delivery, packet)


def find_delivery(told: Agency, reporter: Agency, response: ResponseFor) -> Delivery | None:
    """The delivery that a status is about: by DocumentId, else by number and date when that is unambiguous.

    The identifier may be that of a request about the document, when it answers one.
    Only among what the told agency sent to the reporter or to one whose work that took over, so nobody reports for
    somebody else.
    """
    sent = Delivery.objects.filter(
        agency=told, recipient__in=directory.line_of(reporter.pk), document__direction=Direction.OUTGOING
    ).order_by("id")
    found = sent.filter(document__document_id__in=packets.spellings(response.document_id)).first()
    with suppress(ValueError):
        asked = UUID(response.document_id.strip())
        found = found or sent.filter(change_targets__change=asked).first()
    if found is not None or not (response.code and response.promulgation_date):
        return found
    by_code = sent.filter(
        document__code__in=packets.spellings(response.code), document__issued_date=response.promulgation_date
    )
    candidates = list(by_code[:2])
    return candidates[0] if len(candidates) == 1 else None


def _set_apart(
    arrival: Arrival, error: VanthuError, describe: Callable[[InboxPacket], None] | None = None
) -> None:
    """Quarantine with the agency that minds such packets."""
    agency = home_agency()
    if agency is None:
        raise error
    row = arrival.row_for(agency)
    if row is None:
        return
    if describe is not None:
        describe(row)
    with suppress(Superseded):
        actions.quarantine(arrival.acting_for(agency), row, error)


def _describe_document(packet: DocumentPacket) -> Callable[[InboxPacket], None]:
    def describe(row: InboxPacket) -> None:
        row.kind = PacketKind.EDOC
        row.sender_code = packet.sender.organ_id[:100]
        row.sender_name = packet.sender.organ_name[:200]
        row.wire_id = _trimmed(packet.document_id, 500)
        row.business_type = max(0, min(int(packet.business_type), 32767))
        row.code = packet.code[:100]
        row.promulgation_date = packet.promulgation_date
        row.subject = packet.subject[:500]
        row.priority = max(0, min(packet.priority, 4))
        if packet.steering_type is not None and 0 <= packet.steering_type <= 32767:
            row.steering_type = packet.steering_type

    return describe


def _describe_status(packet: StatusPacket) -> Callable[[InboxPacket], None]:
    def describe(row: InboxPacket) -> None:
        row.kind = PacketKind.STATUS
        row.sender_code = packet.sender.organ_id[:100]
        row.sender_name = packet.sender.organ_name[:200]
        row.wire_id = _trimmed(packet.response_for.document_id, 500)
        row.code = packet.response_for.code[:100]
        row.promulgation_date = packet.response_for.promulgation_date
        row.subject = packet.description[:500]
        row.status_code = str(getattr(packet.status_code, "value", packet.status_code))[:10]

    return describe


def _trimmed(identifier: str, limit: int) -> str:
    return identifier.strip()[:limit]


def _known(code: str) -> Agency | None:
    """The agency that goes by an identifier of any generation."""
    return Agency.objects.filter(identifiers__code=code.strip()).first()


def _hosted(codes: Sequence[str]) -> list[Agency]:
    """The agencies of this site among identifiers, each once."""
    wanted = [code.strip() for code in codes]
    return list(Agency.objects.filter(hosted=True, identifiers__code__in=wanted).distinct().order_by("id"))


def _unknown(packet: Packet) -> rules.UnknownSender:
    return rules.UnknownSender(name=packet.sender.organ_name, code=packet.sender.organ_id)


def _orphan(packet: StatusPacket) -> rules.Orphan:
    about = packet.response_for
    code = str(getattr(packet.status_code, "value", packet.status_code))
    name = packet.sender.organ_name or packet.sender.organ_id
    return rules.Orphan(status=code, name=name, document=about.code or about.document_id)
