"""Signatures that last: what is kept with them, and how they are renewed before they weaken."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asn1crypto import x509
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from tests import world as worlds
from tests.issuing import desk
from tests.pades.conftest import Authority, OnlyTheRoot, with_stronger_stamps

from vanthu import pades
from vanthu.audit import queries as audit
from vanthu.base import clock
from vanthu.blobs import store
from vanthu.environment import SignatureLevel
from vanthu.issuing import actions
from vanthu.pades.errors import TimestampUnavailable
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, FileKind
from vanthu.signing import evidence, jobs, preserving, service
from vanthu.signing.evidence_models import Preservation, SignatureEvidence
from vanthu.signing.models import Validation

ISSUED = worlds.NOW


@pytest.fixture
def authority(world: worlds.World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """The real OCSP and time-stamping services of the world's authority, at whatever the clock says."""
    found = Authority(worlds.authority(), worlds.services())
    monkeypatch.setattr(service, "trust", lambda: found.trust(clock.now()))
    monkeypatch.setattr(service, "timestamper", lambda: found.timestamper(clock.now()))
    yield found


def rows(document: Document) -> dict[int, Preservation]:
    return {row.ordinal: row for row in Preservation.objects.filter(document=document)}


def forms(document: Document) -> list[DocumentFile]:
    return list(document.files.filter(kind=FileKind.PRESERVED).order_by("ordinal", "version"))


def test_a_sealed_document_carries_its_evidence_and_is_stamped_anew_before_it_weakens(
    world: worlds.World,
    authority: Authority,
    frozen_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen_clock(ISSUED)
    said = reports_as_they_are_made(monkeypatch)
    document = desk.with_annex(world)
    actions.submit(world.province.specialist, document.pk)
    actions.sign_document(world.province.leader, document.pk, worlds.PASSPHRASE)
    actions.issue(world.province.clerk, document.pk, worlds.PASSPHRASE)
    main, annex = records.current_files(document)
    sealed = store.read(main.sha256)
    assert pades.level_of(sealed) is pades.Level.BLT
    assert pades.level_of(store.read(annex.sha256)) is pades.Level.BLT
    assert pades.validate(sealed, authority.offline(), at=ISSUED).signatures[-1].covers_whole_file

    # What the check rested on is kept, cannot be changed, and judges the file anew without any network.
    [kept] = SignatureEvidence.objects.filter(sha256=main.sha256)
    assert (kept.verdict, kept.level) == ("VALID", "B-LT")
    report, rested_on = evidence.read(kept)
    assert report.signatures and len(rested_on.timestamps) == 2
    again = pades.validate(sealed, authority.offline().offline_with(rested_on), at=kept.at)
    assert again.as_dict() == report.as_dict()
    with pytest.raises(DatabaseError), transaction.atomic():
        SignatureEvidence.objects.filter(pk=kept.pk).update(verdict="INVALID")

    # Nothing is due for years: a round only notes when.
    jobs.renew_archived()
    assert not forms(document)
    sunset = rows(document)[0].renew_at
    assert sunset is not None and sunset.year == 2030, "the authority's RSA-2048 key leaves the table"

    # Its time comes. A silent authority, then a worker that dies before it can keep the form: nothing is recorded.
    later = sunset + timedelta(hours=1)
    frozen_clock(later)
    with monkeypatch.context() as silent:
        silent.setattr(preserving, "extend_file", refuse)
        jobs.renew_archived()
    waiting = rows(document)[0]
    assert "dấu thời gian" in waiting.problem and waiting.renew_at == later + preserving.PATIENCE[0]
    frozen_clock(later := later + timedelta(hours=2))
    with monkeypatch.context() as dying:
        dying.setattr(preserving, "record", die)
        with pytest.raises(KeyboardInterrupt):
            jobs.renew_archived()
    assert not forms(document)

    # Another worker goes on when the lease is over; two rounds make one form.
    frozen_clock(later := later + timedelta(minutes=11))
    jobs.renew_archived()
    jobs.renew_archived()
    [form, annex_form] = forms(document)
    archived = store.read(form.sha256)
    assert archived.startswith(sealed), "the issued bytes stand at the beginning, unchanged"
    assert (form.source_sha256, annex_form.source_sha256) == (main.sha256, annex.sha256)
    assert [file.pk for file in records.current_files(document)] == [main.pk, annex.pk]
    assert pades.level_of(archived) is pades.Level.BLTA
    soon = later + timedelta(days=60)
    assert pades.validate(archived, authority.trust(soon), at=soon).verdict is pades.Verdict.VALID
    assert rows(document)[0].renew_at == later + preserving.AT_LEAST, (
        "the stamp is no stronger: look again soon"
    )
    frozen_clock(later + preserving.AT_LEAST)
    jobs.renew_archived()
    assert [file.version for file in forms(document)] == [1, 2, 1, 2]
    assert all(verdict.holds for verdict in audit.verify_all())

    # Twenty years later the certificates have expired and nobody answers: the judgement of then can be repeated.
    frozen_clock(ISSUED + timedelta(days=20 * 365))
    with monkeypatch.context() as alone:
        alone.setattr(service, "trust", authority.offline)
        assert service.revalidate(kept) == report
    # The standard's XML, made when somebody asks, is the one that the check would have given at once.
    assert {row.validation: evidence.standard(row) for row in SignatureEvidence.objects.all()} == said


def reports_as_they_are_made(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, bytes]:
    """By the key of the validation, the XML of each report while it is in memory."""
    said: dict[UUID, bytes] = {}
    keep = evidence.keep

    def noted(validation: Validation, report: pades.ValidationReport) -> SignatureEvidence:
        said[validation.pk] = pades.standard_report(report, sha256=validation.sha256)
        return keep(validation, report)

    monkeypatch.setattr(evidence, "keep", noted)
    return said


def refuse(*_: Any, **__: Any) -> bytes:
    raise TimestampUnavailable(url="http://dau-thoi-gian.vi-du")


def die(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_whoever_takes_part_reads_the_evidence_and_nobody_else(world: worlds.World) -> None:
    document = worlds.signed(world.province, [world.department.agency])
    [kept] = SignatureEvidence.objects.filter(sha256=records.current_files(document)[0].sha256)
    page, packed = f"/documents/{document.pk}/evidence/", f"/documents/{document.pk}/evidence/{kept.pk}.zip"

    clerk = desk.browser(world.province.posts["clerk"])
    shown = clerk.get(page).content.decode()
    assert kept.sha256 in shown and packed in shown
    answer = clerk.get(packed)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        manifest = json.loads(found.read("manifest.json"))
        assert manifest["content_sha256"] == kept.sha256
        names = [name for name in found.namelist() if name.endswith(".cer")]
        subjects = {x509.Certificate.load(found.read(name)).subject.native["common_name"] for name in names}
        standard = found.read(evidence.STANDARD_REPORT)
    assert "Võ Trọng Thử" in subjects
    assert answer.content == clerk.get(packed).content
    report = packed.replace(".zip", ".xml")
    assert report in shown and clerk.get(report).content == standard
    assert b"mainindication:indeterminate" in standard, "nobody could be asked about revocation"

    other = worlds.signed(world.province, [world.department.agency])
    for office, who in ((world.province, "colleague"), (world.department, "clerk")):
        stranger = desk.browser(office.posts[who])
        assert {stranger.get(path).status_code for path in (page, packed, report)} == {404}
    assert clerk.get(packed.replace(str(document.pk), str(other.pk))).status_code == 404, "another document's"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event WHERE verb = 'signing.download_evidence'")
        assert cursor.fetchone() == (2,)


def test_a_site_whose_signatures_are_archived_at_once_keeps_them_provable_for_decades(
    world: worlds.World,
    authority: Authority,
    frozen_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The setting B-LTA: what leaves the clerk's hands is under an archive time-stamp, renewed before it weakens."""
    frozen_clock(ISSUED)
    monkeypatch.setattr(settings.VANTHU, "signature_level", SignatureLevel.BLTA)
    document = worlds.issued(world.province, [world.department.agency])
    [main] = records.current_files(document)
    [kept] = SignatureEvidence.objects.filter(sha256=main.sha256)
    assert (kept.verdict, kept.level) == ("VALID", "B-LTA")
    kinds = [one.kind.value for one in evidence.read(kept)[0].signatures]
    assert kinds == ["PERSON", "AGENCY", "TIMESTAMP"]

    jobs.renew_archived()
    assert not forms(document), "the document itself is archived: nothing to do for years"
    [plan] = rows(document).values()
    renewal = plan.renew_at
    assert plan.level == "B-LTA" and renewal is not None and renewal.year == 2030

    # Before the first stamp's key leaves the table, the authority's newer key stamps over all that was there.
    stronger = with_stronger_stamps(authority, tmp_path)
    monkeypatch.setattr(service, "timestamper", lambda: stronger.timestamper(clock.now()))
    frozen_clock(renewal)
    jobs.renew_archived()
    [form] = forms(document)
    [plan] = rows(document).values()
    assert plan.renew_at is not None and plan.renew_at.year == 2045, (
        "until the certificate of the stamps ends"
    )
    [renewed] = SignatureEvidence.objects.filter(sha256=form.sha256)
    assert (renewed.verdict, renewed.level) == ("VALID", "B-LTA")

    # 2040: every signer's certificate has expired, their issuer is gone; only the root answers, for its stamps.
    later = ISSUED.replace(year=2040)
    frozen_clock(later)
    trust = authority.trust(source=OnlyTheRoot(authority, later))
    today = pades.validate(store.read(form.sha256), trust, at=later)
    assert today.verdict is pades.Verdict.VALID, today.all_reasons
    assert all(one.trusted_time is not None for one in today.signatures)
    unrenewed = pades.validate(store.read(main.sha256), trust, at=later)
    assert "TIMESTAMP_WEAK" in {reason.code for reason in unrenewed.all_reasons}

    # And with nobody to ask at all, each judgement of then is repeated from what was kept with it.
    with monkeypatch.context() as alone:
        alone.setattr(service, "trust", authority.offline)
        for record in (kept, renewed):
            assert service.revalidate(record) == evidence.read(record)[0]
