"""What the work rooms need to sign and to check: time-stamps, fonts, images, trust, validation kept as evidence."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction

from vanthu import cms
from vanthu.base import clock
from vanthu.blobs import store
from vanthu.environment import SignatureLevel
from vanthu.errors import MustAct, VanthuError
from vanthu.legal.signatures import signature_form
from vanthu.pades import (
    Budget,
    Evidence,
    HttpTimestamper,
    KeySource,
    Timestamper,
    ValidationReport,
    Verdict,
    extend_file,
    gather,
    validate,
    validate_within,
)
from vanthu.pades.budgeted import PDF_JUDGE
from vanthu.pades.errors import LongTermUnavailable
from vanthu.pades.growing import sha256_of
from vanthu.pades.pictures import RealSize, real_size
from vanthu.pades.profiles import Profile
from vanthu.signing import evidence, trusting
from vanthu.signing.evidence_models import SignatureEvidence
from vanthu.signing.models import SigningKey, Validation

trust = trusting.trust
"""Whom the site trusts now."""


class SignatureNotAccepted(VanthuError):
    """The signature just made would not be accepted by its reader, so it is not kept (R11)."""

    code = "SIGNATURE_NOT_ACCEPTED"
    message = "Chữ ký vừa tạo không hợp lệ nên không được lưu: {why}"
    rule = "NĐ 23/2025 Đ15"


class NoTimestamper(VanthuError):
    """Archiving signatures needs a time-stamping service."""

    code = "NO_TIMESTAMP_SERVICE"
    message = "Chưa khai báo máy chủ dấu thời gian (VANTHU_TSA_URL) nên chưa lưu trữ dài hạn được chữ ký số."
    must_act = MustAct.ADMINISTRATOR
    rule = "TT 15/2025/TT-BKHCN PL II"


@functools.cache
def timestamper() -> Timestamper | None:
    """The configured time-stamping service; None when none is set."""
    return HttpTimestamper(settings.VANTHU.tsa_url) if settings.VANTHU.tsa_url else None


def signing_stamper() -> Timestamper | None:
    """The time-stamping service for new signatures; None for a site whose signatures are B-B."""
    return None if settings.VANTHU.signature_level is SignatureLevel.BB else timestamper()


def lasting_evidence(path: Path | None, key: KeySource) -> Evidence | None:
    """What the agency's signature over the file should carry to be B-LT; None below that level.
    ``path`` is None where nobody has signed yet.

    Also None while an authority does not answer: sealing does not wait for it, and the archived form gets the
    evidence later. Raises ``TimestampUnavailable``.
    """
    stamper = signing_stamper()
    if stamper is None or settings.VANTHU.signature_level is SignatureLevel.BT:
        return None
    if path is None:
        return gather(None, key, trust(), stamper, at=clock.now())
    with path.open("rb") as stream:
        return gather(stream, key, trust(), stamper, at=clock.now())


def archive(sealed: Path) -> None:
    """Put the file ``sealed`` under an archive time-stamp where the site asks for B-LTA and every authority answers;
    it stays as it is otherwise."""
    stamper = signing_stamper()
    if stamper is None or settings.VANTHU.signature_level is not SignatureLevel.BLTA:
        return
    with suppress(LongTermUnavailable):
        extend_file(sealed, trust(), stamper, at=clock.now())


@functools.cache
def font(style: str = "Regular") -> bytes:
    """A Times-like TrueType font with all Vietnamese letters, from the installed front-end packages."""
    return next(_fonts().glob(f"**/Tinos_*{style}.ttf")).read_bytes()


def image_of(key: SigningKey) -> bytes | None:
    """The picture of the handwritten signature or of the seal."""
    return store.read(key.image_sha256) if key.image_sha256 else None


def profile() -> Profile:
    """What signatures show today, by the site's choice of rules."""
    return signature_form(clock.today(), settings.VANTHU.signature_form.value).profile


def seal_size(agency_id: UUID) -> RealSize:
    """The real size of an agency's seal: what its picture tells, else the site's setting for round seals."""
    key = SigningKey.objects.filter(agency_id=agency_id, post=None, active=True).first()
    png = image_of(key) if key else None
    told = real_size(png) if png else None
    common = settings.VANTHU.seal_diameter_mm
    return told or RealSize(common, common)


def check(sha256: str, beside: Sequence[tuple[str, str]] = ()) -> Validation:
    """Validate a stored file against the trust list now, in a confined process, and keep the result as evidence.

    ``beside``: names and hashes of the files that came along, among which a detached signature finds its own.
    Raises :class:`vanthu.blobs.store.BlobMissing`, :class:`vanthu.blobs.store.BlobDamaged`.
    """
    store.require_whole(sha256)
    with store.open_blob(sha256) as stream:
        form = cms.recognise(stream)
    path = store.path_of(sha256)
    if form is cms.Form.PDF:
        return _kept(sha256, validate_within(path, trust(), at=clock.now(), budget=budget()))
    more = beside_for(sha256, beside)
    report = validate_within(path, trust(), at=clock.now(), budget=budget(), judge=cms.JUDGE, more=more)
    return _kept(sha256, report)


def beside_for(sha256: str, beside: Sequence[tuple[str, str]]) -> tuple[Any, ...]:
    """What the judge of other forms gets besides the file: those that came along, where the form may be about them."""
    with store.open_blob(sha256) as stream:
        form = cms.recognise(stream)
    return (_beside(beside),) if form in (cms.Form.CMS, cms.Form.XML) else ()


def check_again(sha256: str) -> Validation:
    """As :func:`check`, of a PDF that this site has signed, or has taken in once it was checked: judged here, for its
    content is known and what may have changed is whom to trust, and what was revoked.

    Raises :class:`vanthu.blobs.store.BlobMissing`, :class:`vanthu.blobs.store.BlobDamaged`.
    """
    with store.open_whole(sha256) as stream:
        return _kept(sha256, validate(stream, trust(), at=clock.now()))


def _beside(files: Sequence[tuple[str, str]]) -> list[cms.Beside]:
    found = []
    for name, sha256 in files:
        with store.open_blob(sha256) as stream:
            found.append(cms.Beside.of(name, stream))
    return found


def budget() -> Budget:
    """What the check of one file may use."""
    return Budget(
        memory=settings.VANTHU.check_memory_mb << 20,
        cpu=settings.VANTHU.check_seconds,
        elapsed=2.0 * settings.VANTHU.check_seconds,
    )


def judge(content: bytes | BinaryIO) -> ValidationReport:
    """The verdict on a signed file of any form against the trust list now, in a confined process; nothing is kept.
    For the doors that anyone may use."""
    return validate_within(content, trust(), at=clock.now(), budget=budget(), judge=cms.JUDGE)


def require_acceptable(path: Path) -> Validation:
    """Refuse a signed file that its reader would call invalid; an unreachable authority does not stop signing.

    The result is kept as evidence. Raises :class:`SignatureNotAccepted`.
    """
    with path.open("rb") as stream:
        report = validate(stream, trust(), at=clock.now())
        if report.verdict is Verdict.INVALID:
            raise SignatureNotAccepted(why=_reasons(report))
        sha256 = sha256_of(stream)
    return _kept(sha256, report)


def _kept(sha256: str, report: ValidationReport) -> Validation:
    """The result and all it rests on: both or neither."""
    with transaction.atomic():
        validation = Validation.objects.create(
            sha256=sha256,
            verdict=report.verdict.value,
            report=report.as_dict(),
            at=clock.now(),
        )
        if report.verdict is not Verdict.UNSIGNED:
            evidence.keep(validation, report)
    return validation


def revalidate(record: SignatureEvidence) -> ValidationReport:
    """The judgement repeated from kept evidence alone, as of the instant at which it was given.

    No authority is asked, so it can be repeated when certificates have expired and services are gone. Nothing is kept.
    Raises ``BlobMissing``, ``BlobDamaged``.
    """
    report, rested_on = evidence.read(record)
    with store.open_blob(record.sha256) as stream:
        judge = PDF_JUDGE if cms.recognise(stream) is cms.Form.PDF else cms.JUDGE
    path, offline = store.path_of(record.sha256), trust().offline_with(rested_on)
    return validate_within(path, offline, at=report.checked_at, budget=budget(), judge=judge)


def latest(sha256: str) -> Validation | None:
    """The newest result kept for a content."""
    return Validation.objects.filter(sha256=sha256).order_by("-at").first()


def _reasons(report: ValidationReport) -> str:
    found = [reason.text for signature in report.signatures for reason in signature.reasons]
    return "; ".join(found) or report.verdict.value


def _fonts() -> Path:
    return Path(settings.PROJECT) / "node_modules" / "@expo-google-fonts" / "tinos"
