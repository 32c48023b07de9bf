"""Signs as a leader, numbers and seals as an agency, in the law's order and without breaking earlier
signatures.

Owns the incremental revisions that ``prepare`` reserved fields for: a person's signature with its image; the
number, the date and the agency's seal in ONE revision; the agency's line on a separate annex or copy. Guards
before writing (earlier signatures must be unbroken, the competent person's must exist) and checks its own
result after. Refuses to decide who may sign.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, BinaryIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)

from vanthu.pades import appearance, layouts
from vanthu.pades.away import Awaiting
from vanthu.pades.errors import (
    AlreadySealed,
    FieldOfAgency,
    NotNumberedYet,
    PdfAlreadySigned,
    SealWithoutCompetentSignature,
)
from vanthu.pades.fieldwork import (
    canvas,
    draw,
    empty_signature_field,
    field_named,
    is_visible,
    signature_fields,
)
from vanthu.pades.growing import PIECE
from vanthu.pades.inplace import of_bytes, of_file
from vanthu.pades.integrity import Wholeness
from vanthu.pades.keys import KeySource, require_validity
from vanthu.pades.layouts import Clearing
from vanthu.pades.numbering import Written, require_number, write_number
from vanthu.pades.places import SEAL_DIAMETER_MM, Box
from vanthu.pades.preparing import (
    NUMBERING_FIELD,
    PARTNER_FIELDS,
    PARTNER_SEALS,
    SEAL_FIELD,
    open_clean,
    partner_fields,
    save_to,
)
from vanthu.pades.profiles import NATIONAL, Look, Profile
from vanthu.pades.report import Evidence
from vanthu.pades.revision import Order, continued, sign_in
from vanthu.pades.revocation_store import supply
from vanthu.pades.text import load_font
from vanthu.pades.times import require_zone
from vanthu.pades.timestamps import Timestamper


def _sign_person(
    stream: BinaryIO,
    field: str,
    key: KeySource,
    *,
    signed_at: datetime,
    image: bytes | None = None,
    reason: str | None = None,
    location: str | None = None,
    timestamper: Timestamper | None = None,
) -> None:
    """The PDF with a person's approval signature in ``field``; ``image`` is their handwritten signature (PNG,
    blue, transparent). PAdES B-B, or B-T with a ``timestamper``.

    ``signed_at`` is an instant with a zone: the claimed time. Raises PdfDamaged, FieldMissing, FieldOfAgency,
    FieldAlreadySigned, AlreadySealed, SignatureBroken, ImageRefused, CertificateExpired,
    CertificateNotYetValid, TimestampUnavailable. Source: NĐ 30/2020 PL I.II.7d.
    """
    if field in (SEAL_FIELD, NUMBERING_FIELD) or PARTNER_SEALS.fullmatch(field):
        raise FieldOfAgency(field=field)
    require_validity(key.certificate, require_zone(signed_at))
    writer, _ = continued(stream)
    widget = empty_signature_field(writer, field)
    if image is not None and is_visible(widget):
        draw(writer, widget, appearance.image(writer, canvas(widget), image))
    sign_in(stream, writer, Order(field, key, signed_at, reason, location, timestamper))


def _seal(
    stream: BinaryIO,
    key: KeySource,
    *,
    number: str,
    issued_date: date,
    font: bytes,
    signed_at: datetime,
    date_font: bytes | None = None,
    place: str = "",
    seal_image: bytes | None = None,
    location: str | None = None,
    competent: str | None = None,
    timestamper: Timestamper | None = None,
    evidence: Evidence | None = None,
    profile: Profile = NATIONAL,
    agency: str = "",
) -> None:
    """The PDF numbered, dated and sealed by the agency in one revision; afterwards every change breaks the
    seal.

    ``number`` is written as given (``05``, ``15``); the date is written as the law wants it (``05``, ``3``)
    and kept as ``05/03/2026``. ``font`` and ``date_font`` (italic; ``font`` when None) are TrueType files.
    ``place`` is used only where the draft left the whole date line to be written. ``competent`` names the
    competent person's field: by default the last signer's. ``evidence`` (see ``levels.gather``) goes into the same
    revision, so that the sealed file is B-LT and the seal still covers all of it. ``profile`` and ``agency`` (its
    name) say which lines stand with the seal; the decree wants none, and none are written where ``prepare`` reserved
    no place. A joint document bears its number already (see ``give_number``): NumberDiffers unless it is the one given,
    NotNumberedYet without. Raises SealWithoutCompetentSignature, SignatureBroken, AlreadySealed, FieldMissing,
    TextNotDrawable, ImageRefused, CertificateExpired, CertificateNotYetValid, TimestampUnavailable, PdfDamaged.
    Source: NĐ 30/2020 Đ15, Đ17, Đ33; PL I.II.3c, 4c, 8a.
    """
    require_validity(key.certificate, require_zone(signed_at))
    writer, found = continued(stream)
    _require_competent_signature(writer, found, competent)
    written = Written(number, issued_date, place)
    if field_named(writer, NUMBERING_FIELD) is None:
        write_number(writer, written, font, date_font or font)
    else:
        require_number(writer, found, written)
    widget = empty_signature_field(writer, SEAL_FIELD)
    if seal_image is not None:
        lines = profile.lines(profile.agency_seal, signed_at, agency=agency)
        form = layouts.sealed(writer, widget, canvas(widget), seal_image, lines, load_font(font))
        draw(writer, widget, form)
    if evidence is not None:
        supply(writer, evidence)
    sign_in(stream, writer, Order(SEAL_FIELD, key, signed_at, None, location, timestamper))


def _give_number(
    stream: BinaryIO,
    key: KeySource,
    *,
    number: str,
    issued_date: date,
    font: bytes,
    signed_at: datetime,
    date_font: bytes | None = None,
    place: str = "",
    location: str | None = None,
    timestamper: Timestamper | None = None,
) -> None:
    """A joint document (văn bản liên tịch) with number and date, signed by the issuing agency without a picture: what
    is sealed by several agencies must bear its number before the first of them seals.

    From then on number and date cannot change. The arguments are those of ``seal``. Raises
    SealWithoutCompetentSignature while somebody has not signed, FieldMissing for a document of one agency, else as
    ``seal`` does. Source: NĐ 30/2020 Đ15, PL I.II.3, 4.
    """
    require_validity(key.certificate, require_zone(signed_at))
    writer, found = continued(stream)
    empty_signature_field(writer, NUMBERING_FIELD)
    _require_people(writer, found)
    write_number(writer, Written(number, issued_date, place), font, date_font or font)
    sign_in(stream, writer, Order(NUMBERING_FIELD, key, signed_at, None, location, timestamper))


def _seal_partner(
    stream: BinaryIO,
    order: int,
    key: KeySource,
    *,
    signed_at: datetime,
    seal_image: bytes | None = None,
    location: str | None = None,
    timestamper: Timestamper | None = None,
) -> None:
    """A numbered joint document sealed by the other agency number ``order`` (from 1) over its own signer's signature.

    Raises NotNumberedYet, SealWithoutCompetentSignature, else as ``sign`` does. Source: NĐ 30/2020 Đ33.2; PL I.II.8a.
    """
    require_validity(key.certificate, require_zone(signed_at))
    writer, found = continued(stream)
    person, agency = partner_fields(order)
    signed = {state.field for state in found}
    if person not in signed:
        raise SealWithoutCompetentSignature(field=person)
    if NUMBERING_FIELD not in signed:
        raise NotNumberedYet
    widget = empty_signature_field(writer, agency)
    if seal_image is not None:
        draw(writer, widget, appearance.image(writer, canvas(widget), seal_image))
    sign_in(stream, writer, Order(agency, key, signed_at, None, location, timestamper))


def _seal_attachment(
    stream: BinaryIO,
    key: KeySource,
    *,
    code: str,
    font: bytes,
    signed_at: datetime,
    timestamper: Timestamper | None = None,
    profile: Profile = NATIONAL,
    clearing: Clearing | None = None,
    evidence: Evidence | None = None,
) -> None:
    """A separate annex signed by the agency: ``code`` (number and notation) and the time at the top right of
    page 1, no image. ``clearing`` keeps it off what is printed there; without, it stands 10 mm from both edges.
    ``evidence`` makes it B-LT, as for ``seal``.

    Signatures that the annex already carries stay valid, otherwise SignatureBroken. Raises as ``prepare`` and
    ``seal`` do. Source: NĐ 30/2020 PL I.II.8b, III.1d; requirement R96.
    """
    _seal_corner(
        stream,
        key,
        lines=profile.lines(profile.attachment, signed_at, code=code),
        look=profile.attachment,
        font=font,
        signed_at=signed_at,
        timestamper=timestamper,
        clearing=clearing,
        evidence=evidence,
    )


def _seal_copy(
    stream: BinaryIO,
    key: KeySource,
    *,
    form: str,
    agency: str,
    font: bytes,
    signed_at: datetime,
    timestamper: Timestamper | None = None,
    profile: Profile = NATIONAL,
    seal_image: bytes | None = None,
    seal_mm: float = SEAL_DIAMETER_MM,
    clearing: Clearing | None = None,
    evidence: Evidence | None = None,
) -> None:
    """A scanned copy signed by the agency: ``form`` (SAO Y, SAO LỤC, TRÍCH SAO), the agency's name and the
    time.

    Under a ``profile`` that shows the seal, ``seal_image`` stands beside the lines, ``seal_mm`` wide. Raises as
    ``seal_attachment`` does. Source: NĐ 30/2020 PL I Phần II.I.3.
    """
    _seal_corner(
        stream,
        key,
        lines=profile.lines(profile.copy, signed_at, form=form, agency=agency),
        look=profile.copy,
        font=font,
        signed_at=signed_at,
        timestamper=timestamper,
        image=seal_image,
        image_mm=seal_mm,
        clearing=clearing,
        evidence=evidence,
    )


def _seal_corner(
    stream: BinaryIO,
    key: KeySource,
    *,
    lines: Sequence[str],
    look: Look,
    font: bytes,
    signed_at: datetime,
    timestamper: Timestamper | None = None,
    image: bytes | None = None,
    image_mm: float = SEAL_DIAMETER_MM,
    clearing: Clearing | None = None,
    evidence: Evidence | None = None,
) -> None:
    """The agency's signature as ``lines`` of black text at the top right of page 1 as the reader sees it, with the
    seal before them where the ``look`` shows one."""
    require_validity(key.certificate, require_zone(signed_at))
    with _base_for_corner(stream) as base:
        writer, _ = continued(base)
        if field_named(writer, SEAL_FIELD) is not None:
            raise AlreadySealed
        typeface = load_font(font)
        shown = image if look.shows_picture else None
        corner = layouts.corner(
            base, typeface, lines, look.font_size, image_mm if shown else 0.0, clearing=clearing
        )
        append_signature_field(writer, _locking_field(corner.box))
        widget = empty_signature_field(writer, SEAL_FIELD)
        draw(writer, widget, layouts.cornered(writer, canvas(widget), corner, typeface, shown))
        if evidence is not None:
            supply(writer, evidence)
        sign_in(base, writer, Order(SEAL_FIELD, key, signed_at, None, None, timestamper))


sign, sign_file = of_bytes(_sign_person), of_file(_sign_person)
seal, seal_file = of_bytes(_seal), of_file(_seal)
give_number, give_number_file = of_bytes(_give_number), of_file(_give_number)
seal_partner, seal_partner_file = of_bytes(_seal_partner), of_file(_seal_partner)
seal_attachment, seal_attachment_file = of_bytes(_seal_attachment), of_file(_seal_attachment)
seal_copy, seal_copy_file = of_bytes(_seal_copy), of_file(_seal_copy)


def _require_people(writer: IncrementalPdfFileWriter, found: Sequence[Wholeness]) -> None:
    """Every person has signed, none of the agencies yet."""
    signed = {state.field for state in found}
    for name in signature_fields(writer):
        of_agency = name in (SEAL_FIELD, NUMBERING_FIELD) or PARTNER_SEALS.match(name)
        if not of_agency and name not in signed:
            raise SealWithoutCompetentSignature(field=name)


def _require_competent_signature(
    writer: IncrementalPdfFileWriter, found: list[Wholeness], competent: str | None
) -> None:
    awaited = signature_fields(writer)
    others = {SEAL_FIELD, NUMBERING_FIELD}
    people = [name for name in awaited if name not in others and not PARTNER_FIELDS.match(name)]
    signed = {state.field for state in found if not state.is_timestamp}
    if SEAL_FIELD in signed:
        raise AlreadySealed
    for name in awaited:
        if PARTNER_FIELDS.match(name) and name not in signed:
            raise SealWithoutCompetentSignature(field=name)
    wanted = competent or next(iter(people[-1:]), None)
    if wanted is None or wanted not in signed:
        raise SealWithoutCompetentSignature(field=wanted)


@contextmanager
def _base_for_corner(stream: BinaryIO) -> Iterator[BinaryIO]:
    """What is signed: a signed annex itself, byte by byte; of an unsigned one a clean copy, which takes its place once
    it is signed, or waits for the signature of a key elsewhere."""
    try:
        with open_clean(stream) as document, _beside(stream) as clean:
            save_to(document, clean)
            try:
                yield clean
            except Awaiting:
                _replace(stream, clean)
                raise
            _replace(stream, clean)
    except PdfAlreadySigned:
        yield stream


def _beside(stream: BinaryIO) -> Any:
    """Room for another version of a file: in memory for what is there already, else on disk."""
    return io.BytesIO() if isinstance(stream, io.BytesIO) else tempfile.TemporaryFile()


def _replace(stream: BinaryIO, newer: BinaryIO) -> None:
    newer.seek(0)
    stream.seek(0)
    shutil.copyfileobj(newer, stream, PIECE)
    stream.truncate()


def _locking_field(box: Box) -> SigFieldSpec:
    corners: Any = (box.x0, box.y0, box.x1, box.y1)
    return SigFieldSpec(
        SEAL_FIELD,
        on_page=box.page,
        box=corners,
        field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL),
        doc_mdp_update_value=MDPPerm.NO_CHANGES,
    )
