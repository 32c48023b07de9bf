"""The reads behind the preview of signatures and behind the page where places are put by hand.

Everything is measured as the reader sees the page: in shares of its width and height, or in millimetres. The picture of
a signature is shown to its owner alone, the picture of a seal to the clerk who is about to use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.formalities import number_text
from vanthu.formalities.byhand import GAPS, PARTNERS, SIZES_MM, Part, Spots, spots_of
from vanthu.formalities.frames import Frame, Spot, frames_of
from vanthu.formalities.placement import suggest_places
from vanthu.issuing.actions.preparing import (
    draft_version,
    partner_blocks,
    seal_form,
    seal_of,
    spots_kept,
    standing,
)
from vanthu.issuing.actions.steps import SIGNER_FIELD
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import co_issuers
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.queries import draft_of
from vanthu.issuing.rules import EDITABLE, ChangedMeanwhile, NotADrafter
from vanthu.pades.numbering import fitting, printed_day, printed_month
from vanthu.pades.opening import Pdf
from vanthu.pades.places import Area, Box
from vanthu.pades.preparing import DATE_FIELD, NUMBER_FIELD, SEAL_FIELD, partner_fields
from vanthu.pades.reserved import ReservedField, reserved_fields
from vanthu.pades.text import load_font
from vanthu.records import numbers
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, DocumentFile, FileKind, FileStage, Verb
from vanthu.records.participants import waits_for
from vanthu.signing import service
from vanthu.signing.models import SigningKey

PARTS = {
    NUMBER_FIELD: Part.NUMBER,
    DATE_FIELD: Part.DATE,
    SIGNER_FIELD: Part.SIGNATURE,
    SEAL_FIELD: Part.SEAL,
    **{
        name: part
        for order, pair in enumerate(PARTNERS, start=1)
        for name, part in zip(partner_fields(order), pair, strict=True)
    },
}
BEFORE_SEAL = frozenset({Stage.REVIEW, Stage.SUBMITTED, Stage.SIGNED, Stage.NUMBERED})


@dataclass(frozen=True)
class Words:
    """Text as it will stand: ``x`` is its middle, ``baseline`` from the top, ``size`` its font's; shares of the page's
    width, height and width."""

    text: str
    x: float
    baseline: float
    size: float
    italic: bool = False


@dataclass(frozen=True)
class Coming:
    """One thing that will come onto a page: its box in shares of the page, and its picture or words."""

    part: str
    label: str
    page: int
    left: float
    top: float
    width: float
    height: float
    image: str = ""
    words: list[Words] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self)


def coming(actor: Actor, document: Document) -> list[Coming]:
    """What is still to come onto the main file, in the order of the pages; empty where nothing is reserved."""
    file = records.main_file(document)
    if document.state not in BEFORE_SEAL or file is None or file.stage == FileStage.DRAFT:
        return []
    with store.open_blob(file.sha256) as content:
        frames, fields = frames_of(content), reserved_fields(content)
    others = co_issuers(document)
    found = [
        _coming(actor, document, others, part, reserved, frames[reserved.box.page])
        for name, part in PARTS.items()
        if (reserved := fields.get(name)) and not reserved.filled
    ]
    return sorted(found, key=lambda item: (item.page, item.top))


def picture(actor: Actor, document: Document, part: Part) -> bytes | None:
    """The picture of a signature or a seal that will be drawn, for the person who is about to sign with it; None for
    everybody else."""
    key = _own_key(actor, document, part)
    return service.image_of(key) if key else None


def pictures(actor: Actor, document: Document) -> dict[str, str]:
    """Addresses of the pictures that this person may see now, by part."""
    return {
        part.value: _address(document, part)
        for part in (Part.SIGNATURE, Part.SEAL)
        if _own_key(actor, document, part)
    }


def _address(document: Document, part: Part) -> str:
    return f"/documents/{document.pk}/preview/{part.value}.png"


def _own_key(actor: Actor, document: Document, part: Part) -> SigningKey | None:
    keys = SigningKey.objects.filter(active=True).exclude(image_sha256="")
    if part is Part.SIGNATURE and waits_for(actor, document, Verb.SIGN):
        return keys.filter(post_id=actor.own_post).first()
    sealing = Verb.NUMBER if actor.agency_id == document.agency_id else Verb.SEAL
    if part is Part.SEAL and waits_for(actor, document, sealing) and actor.has(Role.CLERK):
        return keys.filter(agency_id=actor.agency_id, post=None).first()
    return None


def _coming(
    actor: Actor,
    document: Document,
    others: Sequence[CoIssuer],
    part: Part,
    reserved: ReservedField,
    frame: Frame,
) -> Coming:
    spot = frame.spot(_picture_box(reserved))
    kind, of = _kind(part, others)
    mine = actor.agency_id == (of.agency_id if of else document.agency_id)
    shows = kind in (Part.SIGNATURE, Part.SEAL) and mine and _own_key(actor, document, kind)
    return Coming(
        part=part.value,
        label=_label_of(kind, of) if of else _label(document, part),
        page=spot.page,
        left=spot.left / frame.width,
        top=spot.top / frame.height,
        width=spot.width / frame.width,
        height=spot.height / frame.height,
        image=_address(document, kind) if shows else "",
        words=list(_words(document, part, reserved, frame)),
    )


def _kind(part: Part, others: Sequence[CoIssuer]) -> tuple[Part, CoIssuer | None]:
    """What a part is, and which other agency's."""
    for one, (signature, stamp) in zip(others, PARTNERS, strict=False):
        if part in (signature, stamp):
            return (Part.SIGNATURE if part is signature else Part.SEAL), one
    return part, None


def _picture_box(reserved: ReservedField) -> Box:
    """The seal without the lines of text that some rules put beside it."""
    part = reserved.areas.get("Picture")
    return reserved.box if part is None else _within(reserved.box, part)


def _within(box: Box, part: Area) -> Box:
    return Box(box.page, box.x0 + part[0], box.y0 + part[1], box.x0 + part[2], box.y0 + part[3])


def part_label(part: Part, others: Sequence[CoIssuer]) -> str:
    """The name of a part; of another agency with that agency or its signer."""
    kind, of = _kind(part, others)
    return _label_of(kind, of) if of else part.label


def _label_of(kind: Part, of: CoIssuer) -> str:
    if kind is Part.SIGNATURE:
        return gettext("Chữ ký của %(who)s") % {"who": of.signer_name}
    return gettext("Dấu của %(agency)s") % {"agency": of.agency.name}


def _label(document: Document, part: Part) -> str:
    if part is Part.SIGNATURE and document.signer_name:
        return gettext("Chữ ký của %(who)s") % {"who": document.signer_name}
    return part.label


def _words(document: Document, part: Part, reserved: ReservedField, frame: Frame) -> Iterator[Words]:
    kept = reserved.layout
    if part is Part.NUMBER and kept:
        yield _centred(_number(document), reserved, frame)
    if part is Part.DATE and kept:
        yield from _date(document, reserved, frame)
    if part is Part.SEAL and "Text" in reserved.areas:
        yield from _seal_lines(document, _within(reserved.box, reserved.areas["Text"]), frame)


def _seal_lines(document: Document, box: Box, frame: Frame) -> Iterator[Words]:
    profile = service.profile()
    lines = profile.lines(profile.agency_seal, clock.now(), agency=document.agency.name)
    spot, size = frame.spot(box), 0.4 * box.height
    for order, line in enumerate(lines, start=1):
        down = (spot.top + spot.height * (order - 0.2) / len(lines)) / frame.height
        across = (spot.left + spot.width / 2) / frame.width
        yield Words(line, across, down, size / (frame.area[2] - frame.area[0]))


def _number(document: Document) -> str:
    """The number given, or the one that would be given now; empty where the agency has no register yet."""
    if document.number is not None:
        return number_text(document.number)
    try:
        register = numbers.register_for(document.agency_id, Direction.OUTGOING, document.type_code)
    except numbers.NoRegister:
        return ""
    return number_text(numbers.expected(register))


def _date(document: Document, reserved: ReservedField, frame: Frame) -> Iterator[Words]:
    day = document.issued_date or clock.today()
    parts = {"Day": printed_day(day), "Month": printed_month(day), "Year": str(day.year)}
    gaps = {name: reserved.layout[name] for name in parts if name in reserved.layout}
    for name, x in gaps.items():
        yield _at(x, parts[name], reserved.layout["Size"], reserved, frame, italic=True)
    if not gaps:
        yield _centred(_date_line(document, day), reserved, frame, italic=True)


def _date_line(document: Document, day: date) -> str:
    place = f"{document.issue_place}, " if document.issue_place else ""
    return f"{place}ngày {printed_day(day)} tháng {printed_month(day)} năm {day.year}"


def samples(document: Document) -> dict[str, str]:
    """What number and date would be today, by part, to be seen while they are placed."""
    day = clock.today()
    return {
        Part.NUMBER.value: _number(document),
        Part.DATE.value: _date_line(document, day),
        Part.DAY.value: printed_day(day),
        Part.MONTH.value: printed_month(day),
        Part.YEAR.value: str(day.year),
    }


def _centred(text: str, reserved: ReservedField, frame: Frame, *, italic: bool = False) -> Words:
    box, font = reserved.box, load_font(service.font("Italic" if italic else "Regular"))
    size = fitting(text, reserved.layout["Size"], box.width, font)
    return _at((box.x0 + box.x1) / 2, text, size, reserved, frame, italic=italic)


def _at(x: float, text: str, size: float, reserved: ReservedField, frame: Frame, *, italic: bool) -> Words:
    """Number and date stand on upright pages only, so a page's width is its box's."""
    x0, _, x1, y1 = frame.area
    wide, high = x1 - x0, y1 - frame.area[1]
    down = (y1 - reserved.layout["Baseline"]) / high
    return Words(text, (x - x0) / wide, down, size / wide, italic)


# --- putting places by hand ---


@dataclass(frozen=True)
class Desk:
    """The page where places are put: the file shown, the pages' sizes in millimetres, where each part stands now."""

    file: DocumentFile
    frames: tuple[Frame, ...]
    spots: Spots
    by_hand: bool
    spare: Spots
    """Where a part begins that is not in use now, such as the gaps of a date that is written as a line."""
    others: tuple[CoIssuer, ...] = ()
    """The other agencies of a joint document."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that is placed, in the order in which it is read."""
        pairs = PARTNERS[: len(self.others)]
        partners = [part for pair in pairs for part in pair]
        return (Part.NUMBER, Part.DATE, *GAPS, *partners, Part.SIGNATURE, Part.SEAL)

    @property
    def whole_date(self) -> bool:
        """Whether the date is written as one line."""
        return Part.DATE in self.spots


def desk(document: Document, draft: Draft) -> Desk:
    """The present places, or where a person begins. Raises PLACE_ALREADY_FILLED, PDF_UNREADABLE."""
    main = records.main_file(document)
    if main is None:
        raise ChangedMeanwhile
    draft_file = draft_version(document, main)
    kept = spots_kept(draft, draft_file)
    others = co_issuers(document)
    with standing(draft_file) as content:
        frames = frames_of(content)
        spots = kept if kept is not None else _suggested(document, draft, content, frames)
        spots = _with_partners(spots, others, content, frames)
    return Desk(main, frames, spots, kept is not None, _spare(spots, frames), tuple(others))


def placeable(actor: Actor, document_id: UUID) -> tuple[Document, Draft]:
    """The document whose places the actor may choose now. Raises ``NotYours``, :class:`NotADrafter`."""
    document = records.get(actor, document_id, Direction.OUTGOING)
    draft = draft_of(document)
    if not may_place(actor, document, draft):
        raise NotADrafter
    return document, draft


def may_place(actor: Actor, document: Document, draft: Draft) -> bool:
    """Whether the places are this person's to choose now: the drafter's, then the signer's."""
    if document.state in EDITABLE:
        has_file = document.files.filter(kind=FileKind.MAIN, current=True).exists()
        return draft.drafter_id == actor.post_id and has_file
    main = records.main_file(document)
    unsigned = main is not None and main.stage != FileStage.SIGNED
    return document.state == Stage.SUBMITTED and unsigned and waits_for(actor, document, Verb.SIGN)


def _suggested(document: Document, draft: Draft, content: Pdf, frames: tuple[Frame, ...]) -> Spots:
    name = draft.signer.person.full_name if draft.signer else None
    found = suggest_places(content, signer_name=name, seal=seal_form(document))
    return spots_of(found, frames)


def _with_partners(
    spots: Spots, others: Sequence[CoIssuer], content: Pdf, frames: tuple[Frame, ...]
) -> Spots:
    """A spot for every other agency that has none yet: its block on the page, else beside the one that drafts."""
    every = dict(spots)
    blocks = partner_blocks(others, content)
    for order, (one, block, (signature, stamp)) in enumerate(zip(others, blocks, PARTNERS, strict=False)):
        if signature in every and stamp in every:
            continue
        if block is not None:
            every[signature] = frames[block.place.signature.page].spot(block.place.signature)
            every[stamp] = frames[block.place.seal.page].spot(block.place.seal)
        else:
            every[signature], every[stamp] = _beside(spots, one, order, frames)
    return every


def _beside(spots: Spots, one: CoIssuer, order: int, frames: tuple[Frame, ...]) -> tuple[Spot, Spot]:
    """In the left column, each below the one before; a person moves them where they belong."""
    lead, size = spots[Part.SIGNATURE], seal_of(one.agency_id)
    frame = frames[lead.page - 1]
    width, height = SIZES_MM[Part.PARTNER_1]
    left = min(0.16 * frame.width, frame.width - width)
    top = min(lead.top + 1.4 * order * height, frame.height - height)
    signature = Spot(lead.page, left, top, width, height)
    across = max(0.0, left + width / 3 - size.width_mm)
    down = min(max(0.0, top + (height - size.height_mm) / 2), frame.height - size.height_mm)
    return signature, Spot(lead.page, across, down, size.width_mm, size.height_mm)


def _spare(spots: Spots, frames: tuple[Frame, ...]) -> Spots:
    """A place to begin for every part that has none: the date's parts near each other at the head of page 1."""
    date = spots.get(Part.DATE) or spots.get(Part.DAY)
    page, top = (date.page, date.top) if date else (1, 0.13 * frames[0].height)
    frame = frames[page - 1]
    starts = {Part.DATE: 0.5, Part.DAY: 0.62, Part.MONTH: 0.73, Part.YEAR: 0.84}
    spare = {}
    for part, share in starts.items():
        if part in spots:
            continue
        width, height = SIZES_MM[part]
        width = min(width, frame.width / 2)
        spare[part] = Spot(page, min(share * frame.width, frame.width - width), top, width, height)
    return spare
