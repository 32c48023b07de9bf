"""The axes' lists of agencies, copied into the directory; agencies of this site are never touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base.actors import system_actor
from vanthu.directory.models import Agency, AgencyIdentifier
from vanthu.exchange import axes
from vanthu.exchange.models import Listing
from vanthu.vietnamese import search_key
from vanthu.vxp import AgencyRow

CODE_LIMIT = 35
NAME_LIMIT = 200
BATCH = 1000
NOT_READY = "NOT_READY"
"""The stage of an agency that the axis surveyed and found unable to exchange: it gets paper (QĐ 28/2018 Đ7.1)."""


@dataclass
class Changes:
    """What the axis' list changes in the directory."""

    agencies: list[Agency] = field(default_factory=list)
    renamed: list[Agency] = field(default_factory=list)
    identifiers: list[AgencyIdentifier] = field(default_factory=list)
    outdated: list[UUID] = field(default_factory=list)
    listed: list[Listing] = field(default_factory=list)
    unlisted: list[int] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether the directory agrees with the axis already."""
        return not (self.agencies or self.renamed or self.identifiers or self.listed or self.unlisted)


def renew(home: Agency, axis: str, rows: Sequence[AgencyRow], gone: Collection[str] | None = None) -> Changes:
    """Create and rename the agencies of other sites as the axis of this name lists them.

    ``rows`` are its whole list, or, where ``gone`` is given, what changed in it; ``gone`` are the codes that are
    listed no longer. ``home`` is named in the audit event. Where several axes list an agency, the one declared
    first gives its name.

    An agency known under its earlier identifier keeps it beside the new one. Agencies that the list no longer
    has stay, for documents name them.
    """
    changes = _compare(axis, rows, gone)
    if not changes.empty:
        _apply(home, axis, changes)
    return changes


def note_successors(home: Agency, axis: str, told: Mapping[str, str]) -> None:
    """Remember who took over whose work, as an axis tells by codes; agencies of this site are never touched."""
    found = AgencyIdentifier.objects.filter(code__in={*told, *told.values()}).select_related("agency")
    known = {row.code: row.agency for row in found}
    changed = []
    for code, into in told.items():
        agency, successor = known.get(code), known.get(into)
        if agency is None or successor is None or agency.hosted or agency.pk == successor.pk:
            continue
        if agency.successor_id != successor.pk:
            agency.successor = successor
            changed.append(agency)
    if changed:
        _follow(home, axis, changed)


@action
def _follow(home: Agency, axis: str, changed: Sequence[Agency]) -> None:
    Agency.objects.bulk_update(changed, ["successor"], batch_size=BATCH)
    names = {agency.name: agency.successor.name for agency in changed[:200] if agency.successor}
    data = {"axis": axis, "successors": names}
    record(system_actor(home.id), "exchange.successors_noted", kind="directory", object_id=home.id, data=data)


def _compare(axis: str, rows: Sequence[AgencyRow], gone: Collection[str] | None) -> Changes:
    usable = [row for row in rows if row.code and len(row.code) <= CODE_LIMIT and row.name]
    names = {key: row.name for row in usable for key in (row.id, row.code) if key}
    by_code = _known_agencies(usable)
    changes = Changes()
    named_by_others = _named_by_others(axis)
    for row in usable:
        above = by_code.get(row.parent_id)
        parent_name = (names.get(row.parent_id) or (above.name if above else ""))[:NAME_LIMIT]
        agency = by_code.get(row.code)
        if agency is None:
            agency = _newcomer(row, parent_name, by_code, changes)
        if not agency.hosted and agency.id not in named_by_others:
            _rename(agency, row, parent_name, changes)
    _adopt_parents(usable, by_code, changes)
    if gone is not None:
        _tell_children(changes)
    _list(axis, {row.code: by_code[row.code] for row in usable if row.code in by_code}, gone, changes)
    return changes


def _tell_children(changes: Changes) -> None:
    """Agencies below a renamed one, which a list of changes does not name themselves."""
    named = {agency.id: agency.name for agency in changes.renamed}
    known = set(named)
    for child in Agency.objects.filter(parent__in=named, hosted=False):
        if child.id not in known and child.parent_id and child.parent_name != named[child.parent_id]:
            child.parent_name = named[child.parent_id]
            changes.renamed.append(child)


def _named_by_others(axis: str) -> set[UUID]:
    """Agencies that an axis declared before this one lists."""
    names = axes.names()
    earlier = names[: names.index(axis)] if axis in names else []
    return (
        set(Listing.objects.filter(axis__in=earlier).values_list("agency", flat=True)) if earlier else set()
    )


def _list(axis: str, by_code: Mapping[str, Agency], gone: Collection[str] | None, changes: Changes) -> None:
    """What the axis lists now and did not before, and the reverse."""
    listed = Listing.objects.filter(axis=axis)
    if gone is not None:
        listed = listed.filter(code__in={*by_code, *gone})
    known = {row.code: row for row in listed}
    for code, agency in by_code.items():
        row = known.pop(code, None)
        if row is not None and row.agency_id == agency.id:
            continue
        if row is not None:
            changes.unlisted.append(row.id)
        changes.listed.append(Listing(axis=axis, agency=agency, code=code))
    changes.unlisted += [row.id for row in known.values()]


def _newcomer(row: AgencyRow, parent_name: str, by_code: dict[str, Agency], changes: Changes) -> Agency:
    """The agency of a code that is new here: one known by its earlier code, or one made now."""
    agency = next((by_code[code] for code in row.earlier if code in by_code), None)
    if agency is None:
        agency = Agency(name=row.name[:NAME_LIMIT], parent_name=parent_name, email=row.email[:100])
        changes.agencies.append(agency)
        for code in row.earlier:
            if len(code) <= CODE_LIMIT:
                changes.identifiers.append(AgencyIdentifier(agency=agency, code=code, primary=False))
                by_code[code] = agency
    elif agency.hosted:
        return agency
    else:
        changes.outdated.append(agency.id)
    changes.identifiers.append(AgencyIdentifier(agency=agency, code=row.code, primary=True))
    by_code[row.code] = agency
    return agency


def _rename(agency: Agency, row: AgencyRow, parent_name: str, changes: Changes) -> None:
    ready = row.stage != NOT_READY if row.stage else agency.ready
    told = (row.name[:NAME_LIMIT], parent_name, row.email[:100], ready)
    if (agency.name, agency.parent_name, agency.email, agency.ready) != told:
        agency.name, agency.parent_name, agency.email, agency.ready = told
        if not agency._state.adding:
            changes.renamed.append(agency)


def _adopt_parents(rows: Sequence[AgencyRow], by_code: dict[str, Agency], changes: Changes) -> None:
    by_row = {row.id: by_code[row.code] for row in rows if row.id and row.code in by_code}
    for row in rows:
        # Axes name the parent by the row's id or by its code.
        agency, parent = by_code.get(row.code), by_row.get(row.parent_id) or by_code.get(row.parent_id)
        if agency is None or agency.hosted or parent is None or parent is agency:
            continue
        if agency.parent_id != parent.id:
            agency.parent = parent
            if not agency._state.adding and agency not in changes.renamed:
                changes.renamed.append(agency)


def _known_agencies(rows: Sequence[AgencyRow]) -> dict[str, Agency]:
    codes = {code for row in rows for code in (row.code, *row.earlier, row.parent_id) if code}
    found = AgencyIdentifier.objects.filter(code__in=codes).select_related("agency")
    shared: dict[UUID, Agency] = {}
    return {known.code: shared.setdefault(known.agency_id, known.agency) for known in found}


@action
def _apply(home: Agency, axis: str, changes: Changes) -> None:
    for agency in (*changes.agencies, *changes.renamed):
        agency.search_key = search_key(agency.name, agency.parent_name, agency.abbreviation)
    parents = [(agency, agency.parent) for agency in changes.agencies]
    for agency, _ in parents:
        agency.parent = None
    Agency.objects.bulk_create(changes.agencies, batch_size=BATCH)
    for agency, parent in parents:
        agency.parent = parent
    Agency.objects.bulk_update(
        [*changes.agencies, *changes.renamed],
        ["name", "parent_name", "email", "ready", "parent", "search_key"],
        batch_size=BATCH,
    )
    AgencyIdentifier.objects.filter(agency_id__in=changes.outdated, primary=True).update(primary=False)
    AgencyIdentifier.objects.bulk_create(changes.identifiers, batch_size=BATCH)
    Listing.objects.filter(pk__in=changes.unlisted).delete()
    Listing.objects.bulk_create(changes.listed, batch_size=BATCH)
    record(
        system_actor(home.id),
        "exchange.agencies_renewed",
        kind="directory",
        object_id=home.id,
        data={
            "axis": axis,
            "new": [code.code for code in changes.identifiers][:200],
            "renamed": len(changes.renamed),
            "created": len(changes.agencies),
            "listed": len(changes.listed),
            "unlisted": len(changes.unlisted),
        },
    )
