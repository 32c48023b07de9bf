"""Reading the axis: who is addressed, what waits for whom, what became of a packet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate, Upper

from vanthu.axis import rules, wire_rules
from vanthu.axis.envelope import Envelope
from vanthu.axis.errors import (
    DeliveryUnknown,
    MemberUnknown,
    ReceiverDissolved,
    ReceiverLocked,
    ReceiverUnknown,
)
from vanthu.axis.models import (
    WAITING,
    AgencyCode,
    AgencyEncryption,
    AxisAgency,
    AxisDelivery,
    DeliveryState,
    Member,
    Packet,
    PacketKind,
)
from vanthu.base import clock
from vanthu.vietnamese import search_words

LIST_LIMIT = 1000
SEEN_EVERY = timedelta(minutes=1)
MOST_SUCCESSIONS = 20
LAG_MINUTES = 30
TREE_LIMIT = 500
PUBLICATION_PAGE = 200


@dataclass(frozen=True)
class Addressee:
    """A recipient: the agency, and the code by which the packet names it.

    ``written`` is what the sender wrote where ``agency`` is only the successor of that one, else empty.
    ``notice`` tells the sender in a sentence which code to use from now on; empty when all is well.
    """

    agency: AxisAgency
    code: str
    written: str = ""
    notice: str = ""


def member(system_id: str) -> Member:
    """The member system; raises :class:`MemberUnknown`."""
    found = Member.objects.filter(system_id=system_id).first()
    if found is None:
        raise MemberUnknown(system_id=system_id)
    return found


def ended_secrets() -> list[str]:
    """System ids of members whose old secret's time is over."""
    over = Member.objects.filter(old_secret_until__lte=clock.now())
    return list(over.values_list("system_id", flat=True))


def clock_lag(member: Member) -> timedelta | None:
    """How far the member's clock lies behind ours, as :func:`clock_lags` says it; None: unknown."""
    return clock_lags([member.id]).get(member.id)


def clock_lags(members: Sequence[UUID] | None = None) -> dict[UUID, timedelta]:
    """How far members' clocks lie behind ours (negative: ahead), as their time stamps show; None: of all.

    The smallest lag of the last :data:`LAG_MINUTES` minutes with calls. A client that keeps one time stamp for
    long looks late without being so; one that looks ahead is.
    """
    wanted = None if members is None else list(members)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT member.id, shown.lag FROM axis_member member CROSS JOIN LATERAL (
                SELECT min(latest.lag_ms) AS lag FROM (
                    SELECT lag_ms FROM axis_memberminute
                    WHERE member_id = member.id AND lag_ms IS NOT NULL ORDER BY minute DESC LIMIT %s) latest) shown
            WHERE shown.lag IS NOT NULL AND (%s::uuid[] IS NULL OR member.id = ANY(%s::uuid[]))
            """,
            [LAG_MINUTES, wanted, wanted],
        )
        return {key: timedelta(milliseconds=lag) for key, lag in cursor.fetchall()}


def note_call(caller: Member) -> None:
    """Remember when a member last called, to the minute (no event: it is a sign of life, not a change)."""
    now = clock.now()
    if caller.last_seen is None or now - caller.last_seen > SEEN_EVERY:
        Member.objects.filter(pk=caller.pk).update(last_seen=now)
        caller.last_seen = now


def agency_by_code(code: str) -> AxisAgency | None:
    """The agency that goes or went by this code."""
    found = AgencyCode.objects.filter(key=wire_rules.code_key(code)).select_related("agency").first()
    return found.agency if found else None


def sender_of(caller: Member, named: str, written: str) -> AxisAgency:
    """The member's agency that sends; raises ``SenderMismatch``."""
    keys = {wire_rules.code_key(named), wire_rules.code_key(written)}
    own = {
        found.key: found.agency
        for found in AgencyCode.objects.filter(
            key__in=keys, agency__member=caller, agency__deleted=False
        ).select_related("agency__member")
    }
    wire_rules.check_sender(named, written, own, caller.system_id)
    return own[wire_rules.code_key(written)]


def addressees(codes: Sequence[str]) -> tuple[Addressee, ...]:
    """The agencies behind the codes, or their successors, each once.

    Raises :class:`ReceiverUnknown`, :class:`ReceiverDissolved`, :class:`ReceiverLocked`.
    """
    today = clock.today()
    known = {
        found.key: found
        for found in AgencyCode.objects.filter(
            key__in=[wire_rules.code_key(code) for code in codes]
        ).select_related("agency__member", "agency__successor__member")
    }
    meant = {code: _meant(code, known.get(wire_rules.code_key(code)), today) for code in codes}
    unknown = [code for code, found in meant.items() if found is None]
    if dissolved := _dissolved(unknown, known, today):
        raise ReceiverDissolved(agencies="; ".join(dissolved[:20]))
    if unknown:
        raise ReceiverUnknown(codes=", ".join(unknown[:20]))
    locked = [code for code, found in meant.items() if found is not None and found.agency.locked]
    if locked:
        raise ReceiverLocked(codes=", ".join(locked[:20]))
    once: dict[UUID, Addressee] = {}
    for found in filter(None, meant.values()):
        first = once.setdefault(found.agency.id, found)
        if first is not found and found.notice:
            notice = f"{first.notice} {found.notice}".strip()
            once[found.agency.id] = replace(first, notice=notice)
    return tuple(once.values())


def _dissolved(codes: Sequence[str], known: Mapping[str, AgencyCode], today: date) -> list[str]:
    """Those of the codes whose agency, or the last one that followed it, ceased to exist without a successor."""
    found = []
    for code in codes:
        code_known = known.get(wire_rules.code_key(code))
        last = successors(code_known.agency)[-1] if code_known else None
        if last is not None and last.dissolution and rules.is_gone(last, today):
            found.append(rules.dissolved_words(code, last))
    return found


def _meant(code: str, known: AgencyCode | None, today: date) -> Addressee | None:
    """Who gets what is addressed to ``code``: its agency, or after a merger the last one in the row."""
    if known is None or (known.valid_from is not None and today < known.valid_from):
        return None
    agency: AxisAgency | None = known.agency
    for _ in range(MOST_SUCCESSIONS):
        if agency is None or rules.in_force(agency, today):
            break
        agency = agency.successor
    if agency is None or not rules.in_force(agency, today):
        return None
    if agency.id == known.agency_id:
        return Addressee(agency, code, notice=rules.expired_code_notice(known, agency, today))
    return Addressee(
        agency, agency.code, written=code, notice=rules.successor_notice(code, known.agency, agency)
    )


def successors(agency: AxisAgency) -> list[AxisAgency]:
    """The agency and whoever follows it after mergers, at most :data:`MOST_SUCCESSIONS` steps."""
    line = [agency]
    while (following := line[-1].successor) is not None and len(line) < MOST_SUCCESSIONS:
        line.append(following)
    return line


def earlier_deliveries(sender: AxisAgency, envelope: Envelope, sha256: str) -> list[AxisDelivery]:
    """Deliveries of the same bytes, or of the same document for the same purpose, oldest first."""
    same = _same(sender, sha256, envelope.kind, envelope.document_id, envelope.business_type)
    packets = list(same.values_list("pk", flat=True))
    if not packets:
        return []
    rows = AxisDelivery.objects.filter(packet__in=packets)
    return list(rows.select_related("packet").order_by("packet_id", "id"))


def publications_after(version: int) -> list[AgencyEncryption]:
    """A page of what agencies publish for being encrypted to, behind a version of the list, oldest first.

    A page never ends within a version, so that the last version seen is enough to go on from.
    """
    rows = AgencyEncryption.objects.filter(agency__deleted=False, agency__version__gt=version)
    rows = rows.select_related("agency").order_by("agency__version", "agency__code")
    page = list(rows[:PUBLICATION_PAGE])
    if len(page) < PUBLICATION_PAGE:
        return page
    return list(rows.filter(agency__version__lte=page[-1].agency.version))


def waiting(
    caller: Member,
    kind: str,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = LIST_LIMIT,
) -> list[AxisDelivery]:
    """What waits for the member: urgent first, then in turns between the senders, each sender's oldest first.

    So an urgent packet is in the first page however much waits, and nobody's flood delays the others by more
    than one packet per sender. At most ``limit`` rows, and never more than :data:`LIST_LIMIT`.
    """
    rows = AxisDelivery.objects.filter(member=caller, kind=kind, state__in=listed_states(caller))
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    if until is not None:
        rows = rows.filter(created_at__lte=until)
    turn = Window(RowNumber(), partition_by=[F("priority"), F("origin")], order_by=F("id").asc())
    # The order is settled over narrow rows; only the page's packets are fetched.
    turns = rows.annotate(turn=turn).order_by("-priority", "turn", "id").values_list("id", flat=True)
    chosen = list(turns[: min(limit, LIST_LIMIT)])
    found = AxisDelivery.objects.select_related("packet").in_bulk(chosen)
    return [found[key] for key in chosen if key in found]


def listed_states(caller: Member) -> Sequence[str]:
    """Another axis says ``processing`` when it has the packet durably, and ``done`` only when its recipient has."""
    return (DeliveryState.INITIAL,) if caller.is_axis else WAITING


def waiting_count(caller: Member, kind: str) -> int:
    """How many packets of a kind wait for the member."""
    return AxisDelivery.objects.filter(member=caller, kind=kind, state__in=listed_states(caller)).count()


def delivery_for(caller: Member, doc_id: str) -> AxisDelivery:
    """The delivery addressed to the member; raises :class:`DeliveryUnknown`, also for somebody else's."""
    key = _uuid(doc_id)
    found = (
        AxisDelivery.objects.filter(pk=key, member=caller).select_related("packet").first() if key else None
    )
    if found is None:
        raise DeliveryUnknown(doc_id=doc_id[:60])
    return found


def sent(caller: Member, doc_id: str) -> list[AxisDelivery]:
    """All deliveries of a packet the member sent, and of the same document sent to others with it.

    Raises :class:`DeliveryUnknown`.
    """
    key = _uuid(doc_id)
    packet = Packet.objects.filter(pk=key, member=caller).select_related("sender").first() if key else None
    if packet is None:
        raise DeliveryUnknown(doc_id=doc_id[:60])
    packets = _same(packet.sender, packet.sha256, packet.kind, packet.document_id, packet.business_type)
    return list(AxisDelivery.objects.filter(packet__in=packets).select_related("packet").order_by("id"))


def agencies(*, level: int | None = None, deleted: bool = False, newer_than: int = 0) -> QuerySet[AxisAgency]:
    """The agency list with all codes; ``newer_than`` is a version of the list.

    ``deleted`` adds those that left the axis or ceased to exist.
    """
    rows = AxisAgency.objects.select_related("member", "successor").prefetch_related(
        Prefetch("codes", queryset=AgencyCode.objects.exclude(valid_from__gt=clock.today()).order_by("id"))
    )
    if not deleted:
        rows = rows.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today()), deleted=False)
        rows = rows.exclude(valid_from__gt=clock.today())
    if level is not None:
        rows = rows.filter(level=level)
    if newer_than:
        rows = rows.filter(version__gt=newer_than)
    return rows.order_by("version", "code")


@dataclass(frozen=True)
class MemberLine:
    """One line of the operator's page; ``oldest`` is when the longest waiting packet was accepted."""

    member: Member
    agencies: int
    waiting: int
    oldest: datetime | None


def member_lines() -> list[MemberLine]:
    """Every member with what waits for it."""
    counts = (
        AxisDelivery.objects.filter(state__in=WAITING)
        .values_list("member")
        .annotate(number=Count("id"), oldest=Min("created_at"))
    )
    queue = {key: (number, oldest) for key, number, oldest in counts}
    members = Member.objects.annotate(agency_count=Count("agencies", filter=Q(agencies__deleted=False)))
    return [MemberLine(row, row.agency_count, *queue.get(row.id, (0, None))) for row in members]


def latest_deliveries(search: str = "", limit: int = 50) -> list[AxisDelivery]:
    """The newest deliveries, or those that an id of any kind points at.

    Understands the axis' ids, a document id, a packet hash, and the code of a sender or recipient.
    """
    rows = AxisDelivery.objects.select_related("packet", "recipient", "member", "packet__member")
    text = search.strip()
    if text:
        rows = rows.filter(_points_at(text))
    return list(rows.order_by("-id")[:limit])


def _points_at(text: str) -> Q:
    key = _uuid(text)
    found = Q(packet__document_id=text) | Q(packet__sha256=text.lower())
    agency = agency_by_code(text)
    if key is not None:
        found |= Q(pk=key) | Q(packet=key)
    if agency is not None:
        found |= Q(recipient=agency) | Q(packet__sender=agency)
    return found


def _same(
    sender: AxisAgency, sha256: str, kind: str, document_id: str, business_type: int
) -> QuerySet[Packet]:
    same = Q(sha256=sha256, kind=kind)
    if kind != PacketKind.STATUS and document_id:
        same |= Q(document_id=document_id, business_type=business_type, kind=kind)
    return Packet.objects.filter(same, sender=sender)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


@dataclass(frozen=True)
class AgencyLine:
    """One line of the operator's tree; ``depth`` 0 stands for an agency without a superior on the page."""

    agency: AxisAgency
    depth: int

    @property
    def indent(self) -> str:
        """What stands before the name."""
        return "– " * self.depth


def agency_tree(text: str = "", stage: str = "", only: Collection[UUID] | None = None) -> list[AgencyLine]:
    """Agencies below one another, at most :data:`TREE_LIMIT`; ``only`` narrows to these keys.

    ``text`` searches name (whatever the accents) and every code; each of its words must occur.
    """
    rows = AxisAgency.objects.filter(deleted=False).select_related("member", "successor").order_by("code")
    for word in search_words(text):
        codes = AgencyCode.objects.filter(key__contains=wire_rules.code_key(word)).values("agency")
        rows = rows.filter(Q(search_key__contains=word) | Q(pk__in=codes))
    if stage:
        rows = rows.filter(stage=stage)
    if only is not None:
        rows = rows.filter(pk__in=only)
    return rules.below_one_another(list(rows[:TREE_LIMIT]), AgencyLine)


def due_by_calendar() -> list[AxisAgency]:
    """Agencies that a day which has come changes, and that were not changed since: founded, dissolved, recoded."""
    today = clock.today()
    expired = AgencyCode.objects.filter(
        agency=OuterRef("pk"), key=Upper(OuterRef("code")), valid_to__lt=today
    )
    following = AgencyCode.objects.filter(agency=OuterRef("pk"), valid_from__lte=today).filter(
        Q(valid_to=None) | Q(valid_to__gte=today)
    )
    rows = AxisAgency.objects.annotate(changed_on=TruncDate("modified_at", tzinfo=clock.VIETNAM)).filter(
        Q(valid_to__lt=today, changed_on__lte=F("valid_to"))
        | Q(valid_from__lte=today, changed_on__lt=F("valid_from"))
        | (Exists(expired) & Exists(following))
    )
    return list(rows.order_by("code"))


def code_in_force(agency: AxisAgency) -> str:
    """The code that an agency goes by today: its own, or the one that follows it where that has expired."""
    today = clock.today()
    codes = agency.codes.filter(Q(valid_to=None) | Q(valid_to__gte=today)).exclude(valid_from__gt=today)
    own = codes.filter(key=wire_rules.code_key(agency.code)).exists()
    following = None if own else codes.exclude(valid_from=None).order_by("-valid_from").first()
    return following.code if following else agency.code


def stage_counts() -> dict[str, int]:
    """How many agencies stand at each stage of their way onto the axis (coverage, R197)."""
    rows = AxisAgency.objects.filter(deleted=False).values_list("stage")
    return dict(rows.annotate(number=Count("id")).order_by())
