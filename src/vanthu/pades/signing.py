"""Signs as a leader, numbers and seals as an agency, in the law's order and without breaking earlier
signatures.

Owns the incremental revisions that ``prepare`` reserved fields for: a person's signature with its image; the
number, the date and the agency's seal in ONE revision; the agency's line on a separate annex or copy. Guards
before writing (earlier signatures must be unbroken, the competent person's must exist) and checks its own
result after. Refuses to decide who may sign.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import LayoutError
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp.noop import NoOpStampStyle

from vanthu.pades import appearance, layouts
from vanthu.pades.away import DIGEST, ROOM_FOR_TIMESTAMP, Awaiting, AwayKey, pending_for
from vanthu.pades.container import Container
from vanthu.pades.errors import (
    AlreadySealed,
    FieldAlreadySigned,
    FieldMissing,
    FieldOfAgency,
    NotNumberedYet,
    NumberDiffers,
    PadesError,
    PdfAlreadySigned,
    PdfDamaged,
    SealWithoutCompetentSignature,
)
from vanthu.pades.inplace import CHUNK, of_bytes, of_file
from vanthu.pades.integrity import Wholeness, require_unbroken
from vanthu.pades.keys import HeldKeySigner, KeySource, require_validity
from vanthu.pades.layouts import Clearing
from vanthu.pades.pdfobjects import Reference, dictionary, string
from vanthu.pades.pdfobjects import name as name_of
from vanthu.pades.places import SEAL_DIAMETER_MM, Box
from vanthu.pades.preparing import (
    DATE_FIELD,
    LAYOUT_KEY,
    NUMBER_FIELD,
    NUMBERING_FIELD,
    PARTNER_FIELDS,
    PARTNER_SEALS,
    SEAL_FIELD,
    open_clean,
    partner_fields,
    save_to,
)
from vanthu.pades.profiles import NATIONAL, Look, Profile
from vanthu.pades.reading import READING_PROBLEMS, open_reader
from vanthu.pades.report import Evidence
from vanthu.pades.revocation_store import supply
from vanthu.pades.running import run
from vanthu.pades.text import Run, TextFont, load_font
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
    require_unbroken(stream)
    writer = _open_writer(stream)
    widget = _empty_signature_field(writer, field)
    if image is not None and _is_visible(widget):
        _draw(writer, widget, appearance.image(writer, _canvas(widget), image))
    _sign_in(stream, writer, _Order(field, key, signed_at, reason, location, timestamper))


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
    found = require_unbroken(stream)
    writer = _open_writer(stream)
    _require_competent_signature(writer, found, competent)
    written = _Written(number, issued_date, place)
    if _field(writer, NUMBERING_FIELD) is None:
        _write_number(writer, written, font, date_font or font)
    else:
        _require_number(writer, found, written)
    widget = _empty_signature_field(writer, SEAL_FIELD)
    if seal_image is not None:
        lines = profile.lines(profile.agency_seal, signed_at, agency=agency)
        form = layouts.sealed(writer, widget, _canvas(widget), seal_image, lines, load_font(font))
        _draw(writer, widget, form)
    if evidence is not None:
        supply(writer, evidence)
    _sign_in(stream, writer, _Order(SEAL_FIELD, key, signed_at, None, location, timestamper))


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
    found = require_unbroken(stream)
    writer = _open_writer(stream)
    _empty_signature_field(writer, NUMBERING_FIELD)
    _require_people(writer, found)
    _write_number(writer, _Written(number, issued_date, place), font, date_font or font)
    _sign_in(stream, writer, _Order(NUMBERING_FIELD, key, signed_at, None, location, timestamper))


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
    found = require_unbroken(stream)
    writer = _open_writer(stream)
    person, agency = partner_fields(order)
    signed = {state.field for state in found}
    if person not in signed:
        raise SealWithoutCompetentSignature(field=person)
    if NUMBERING_FIELD not in signed:
        raise NotNumberedYet
    widget = _empty_signature_field(writer, agency)
    if seal_image is not None:
        _draw(writer, widget, appearance.image(writer, _canvas(widget), seal_image))
    _sign_in(stream, writer, _Order(agency, key, signed_at, None, location, timestamper))


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
        writer = _open_writer(base)
        if _field(writer, SEAL_FIELD) is not None:
            raise AlreadySealed
        typeface = load_font(font)
        shown = image if look.shows_picture else None
        corner = layouts.corner(
            base, typeface, lines, look.font_size, image_mm if shown else 0.0, clearing=clearing
        )
        append_signature_field(writer, _locking_field(corner.box))
        widget = _empty_signature_field(writer, SEAL_FIELD)
        _draw(writer, widget, layouts.cornered(writer, _canvas(widget), corner, typeface, shown))
        if evidence is not None:
            supply(writer, evidence)
        _sign_in(base, writer, _Order(SEAL_FIELD, key, signed_at, None, None, timestamper))


sign, sign_file = of_bytes(_sign_person), of_file(_sign_person)
seal, seal_file = of_bytes(_seal), of_file(_seal)
give_number, give_number_file = of_bytes(_give_number), of_file(_give_number)
seal_partner, seal_partner_file = of_bytes(_seal_partner), of_file(_seal_partner)
seal_attachment, seal_attachment_file = of_bytes(_seal_attachment), of_file(_seal_attachment)
seal_copy, seal_copy_file = of_bytes(_seal_copy), of_file(_seal_copy)


def fields(pdf: bytes) -> dict[str, str]:
    """The values of ``so_vb`` and ``ngay_bh`` in the file's last revision, empty when not filled; fields that
    the file does not have are absent. Raises PdfDamaged, PdfEncrypted."""
    reader = open_reader(io.BytesIO(pdf))
    try:
        values = {name: _field(reader, name) for name in (NUMBER_FIELD, DATE_FIELD)}
        return {name: str(_get(item, "/V") or "") for name, item in values.items() if item is not None}
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem


def fields_match(pdf: bytes, number: str, issued_date: date) -> bool:
    """Whether the number and date in the file are those of the register; part of accepting a sealed file."""
    return fields(pdf) == {NUMBER_FIELD: number, DATE_FIELD: kept_date(issued_date)}


def kept_date(day: date) -> str:
    """The date as the field's value: ``21/11/2026``."""
    return day.strftime("%d/%m/%Y")


def printed_day(day: date) -> str:
    """Days below 10 get a leading zero (NĐ 30/2020 PL I.II.4b)."""
    return f"{day.day:02d}"


def printed_month(day: date) -> str:
    """Months 1 and 2 get a leading zero, the others none (NĐ 30/2020 PL I.II.4b)."""
    return f"{day.month:02d}" if day.month <= 2 else str(day.month)


@dataclass(frozen=True)
class _Order:
    field: str
    key: KeySource
    signed_at: datetime
    reason: str | None
    location: str | None
    timestamper: Timestamper | None


def _open_writer(stream: BinaryIO) -> IncrementalPdfFileWriter:
    try:
        return IncrementalPdfFileWriter(stream, strict=True)
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem


def _top_fields(handler: Any) -> list[Any]:
    form = _get(handler.root, "/AcroForm")
    return [] if form is None else [item.get_object() for item in _get(form, "/Fields") or ()]


def _get(item: Any, key: str) -> Any | None:
    """A value with references followed (pyHanko's own ``get`` does not follow them); None when absent."""
    try:
        return item[key]
    except KeyError:
        return None


def _field(handler: Any, name: str) -> Any | None:
    for item in _top_fields(handler):
        if str(_get(item, "/T")) == name:
            return item
    return None


def _require_field(handler: Any, name: str) -> Any:
    found = _field(handler, name)
    if found is None:
        raise FieldMissing(field=name)
    return found


def _empty_signature_field(writer: IncrementalPdfFileWriter, name: str) -> Any:
    widget = _require_field(writer, name)
    if _get(widget, "/FT") != "/Sig":
        raise FieldMissing(field=name)
    sealing = _field(writer, SEAL_FIELD)
    if sealing is not None and _get(sealing, "/V") is not None:
        raise AlreadySealed
    if _get(widget, "/V") is not None:
        raise FieldAlreadySigned(field=name)
    return widget


@dataclass(frozen=True)
class _Written:
    """What the number's and the date's fields hold."""

    number: str
    issued_date: date
    place: str


def _write_number(writer: IncrementalPdfFileWriter, written: _Written, font: bytes, slanted: bytes) -> None:
    upright, italic = load_font(font), load_font(slanted)
    runs = _number_runs(writer, written.number, upright)
    _fill(writer, NUMBER_FIELD, written.number, runs, upright)
    runs = _date_runs(writer, written.issued_date, written.place, italic)
    _fill(writer, DATE_FIELD, kept_date(written.issued_date), runs, italic)


def _require_number(writer: IncrementalPdfFileWriter, found: Sequence[Wholeness], written: _Written) -> None:
    if NUMBERING_FIELD not in {state.field for state in found}:
        raise NotNumberedYet
    kept = [str(_get(_require_field(writer, name), "/V") or "") for name in (NUMBER_FIELD, DATE_FIELD)]
    if kept != [written.number, kept_date(written.issued_date)]:
        raise NumberDiffers(kept=" ".join(kept))


def _signature_fields(writer: IncrementalPdfFileWriter) -> list[str]:
    return [str(item["/T"]) for item in _top_fields(writer) if _get(item, "/FT") == "/Sig"]


def _require_people(writer: IncrementalPdfFileWriter, found: Sequence[Wholeness]) -> None:
    """Every person has signed, none of the agencies yet."""
    signed = {state.field for state in found}
    for name in _signature_fields(writer):
        of_agency = name in (SEAL_FIELD, NUMBERING_FIELD) or PARTNER_SEALS.match(name)
        if not of_agency and name not in signed:
            raise SealWithoutCompetentSignature(field=name)


def _require_competent_signature(
    writer: IncrementalPdfFileWriter, found: list[Wholeness], competent: str | None
) -> None:
    awaited = _signature_fields(writer)
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


def _is_visible(widget: Any) -> bool:
    left, low, right, high = (float(edge) for edge in widget["/Rect"])
    return right > left and high > low


def _canvas(widget: Any) -> appearance.Canvas:
    left, low, right, high = (float(edge) for edge in widget["/Rect"])
    rotate = _inherited_rotation(_get(widget, "/P"))
    if rotate in (90, 270):
        return appearance.Canvas(high - low, right - left, rotate)
    return appearance.Canvas(right - left, high - low, rotate)


def _inherited_rotation(page: Any) -> int:
    for _ in range(50):
        if page is None:
            return 0
        if "/Rotate" in page:
            return int(page["/Rotate"]) % 360
        page = _get(page, "/Parent")
    return 0


def _draw(writer: IncrementalPdfFileWriter, widget: Any, form: Reference) -> None:
    widget[name_of("AP")] = dictionary({"N": form})
    writer.update_container(widget)


def _fill(writer: IncrementalPdfFileWriter, name: str, value: str, runs: list[Run], font: TextFont) -> None:
    widget = _require_field(writer, name)
    widget[name_of("V")] = string(value)
    _draw(writer, widget, appearance.text(writer, _canvas(widget), font, runs))


def _layout(writer: IncrementalPdfFileWriter, name: str) -> tuple[Any, dict[str, float]]:
    widget = _require_field(writer, name)
    kept = _get(widget, LAYOUT_KEY)
    if kept is None:
        raise FieldMissing(field=name)
    return widget, {str(key)[1:]: float(value) for key, value in kept.items()}


def _number_runs(writer: IncrementalPdfFileWriter, number: str, font: TextFont) -> list[Run]:
    widget, layout = _layout(writer, NUMBER_FIELD)
    return [_centred(widget, layout, number, font)]


def _date_runs(writer: IncrementalPdfFileWriter, day: date, place: str, font: TextFont) -> list[Run]:
    widget, layout = _layout(writer, DATE_FIELD)
    parts = {"Day": printed_day(day), "Month": printed_month(day), "Year": str(day.year)}
    gaps = {name: layout[name] for name in parts if name in layout}
    if not gaps:
        before = f"{place}, " if place else ""
        line = f"{before}ngày {parts['Day']} tháng {parts['Month']} năm {parts['Year']}"
        return [_centred(widget, layout, line, font)]
    left, low = float(widget["/Rect"][0]), float(widget["/Rect"][1])
    size = layout["Size"]
    return [
        Run(x - left - font.width(parts[name], size) / 2, layout["Baseline"] - low, size, parts[name])
        for name, x in gaps.items()
    ]


def _centred(widget: Any, layout: dict[str, float], words: str, font: TextFont) -> Run:
    """``words`` in the middle of the field, smaller when they would not fit."""
    left, low, right, _ = (float(edge) for edge in widget["/Rect"])
    size = layout["Size"]
    needed = font.width(words, size)
    size = min(size, size * (right - left) / needed) if needed else size
    return Run((right - left - font.width(words, size)) / 2, layout["Baseline"] - low, size, words)


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
        require_unbroken(stream)
        yield stream


def _beside(stream: BinaryIO) -> Any:
    """Room for another version of a file: in memory for what is there already, else on disk."""
    return io.BytesIO() if isinstance(stream, io.BytesIO) else tempfile.TemporaryFile()


def _replace(stream: BinaryIO, newer: BinaryIO) -> None:
    newer.seek(0)
    stream.seek(0)
    shutil.copyfileobj(newer, stream, CHUNK)
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


def _sign_in(stream: BinaryIO, writer: IncrementalPdfFileWriter, order: _Order) -> None:
    """Append the signed revision to what the writer reads, and check it: every signature is unbroken."""
    try:
        run(_write(writer, order))
    except PadesError:
        raise
    except (SigningError, LayoutError) as problem:
        raise PdfDamaged(f"Không ghi được chữ ký vào tệp PDF: {problem}") from problem
    require_unbroken(stream)


async def _write(writer: IncrementalPdfFileWriter, order: _Order) -> None:
    metadata = PdfSignatureMetadata(
        field_name=order.field,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        reason=order.reason,
        location=order.location,
        docmdp_permissions=MDPPerm.NO_CHANGES if order.field == SEAL_FIELD else MDPPerm.FILL_FORMS,
    )
    signer = PdfSigner(
        metadata,
        signer=HeldKeySigner(order.key),
        timestamper=order.timestamper,
        stamp_style=NoOpStampStyle(),
    )
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = order.signed_at
    away = order.key if isinstance(order.key, AwayKey) else None
    container = Container.of(order.key.certificate, order.key.chain, order.key.scheme)
    sample = None
    if order.timestamper is not None:
        sample = len((await order.timestamper.async_dummy_response(DIGEST)).dump())
    reserved = 2 * container.room(sample) + (ROOM_FOR_TIMESTAMP if away else 0)
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=reserved)
    prepared, output = document.digest_tbs_document(in_place=True, chunk_size=CHUNK)
    if away:
        raise Awaiting(await pending_for(away, prepared, order.signed_at))
    attributes = container.attributes(prepared.document_digest)
    signature = order.key.sign_raw(attributes, DIGEST)
    token = await _stamp(signature, order.timestamper)
    prepared.fill_with_cms(output, container.filled(attributes, signature, token))


async def _stamp(signature: bytes, timestamper: Timestamper | None) -> bytes | None:
    if timestamper is None:
        return None
    token: Any = await timestamper.async_timestamp(hashlib.new(DIGEST, signature).digest(), DIGEST)
    return bytes(token.dump())
