"""A certification authority that does not answer: asked again ever more rarely, and what was said before is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel
from django.conf import settings
from django.db import connection
from tests import world as worlds
from tests.handling import letters
from tests.jobs import run_jobs
from tests.pades.samples import ITALIC, PLACES, REGULAR
from tests.signing.staff import signed_in

from vanthu import pades
from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.demo import pki
from vanthu.handling.models import IntakeVerdict
from vanthu.records import queries
from vanthu.records.models import Direction, Document
from vanthu.signing import service
from vanthu.signing.evidence_models import SignatureEvidence
from vanthu.signing.models import Validation

NOW = worlds.NOW
FIRST_GAP = timedelta(minutes=5)


def test_a_signature_is_indeterminate_while_its_authority_is_silent_and_valid_once_it_answers(
    world: worlds.World,
    frozen_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen_clock(NOW)
    letter = ("cong-van.pdf", _sealed(worlds.official_letter(world.province)))
    letters.issued(world.province, [world.department.agency], attached=[letter])
    monkeypatch.setattr(settings.VANTHU, "revocation_fetch", True)
    service.trust.cache_clear()

    # Nobody listens at the address in the certificates: neither valid nor refused, and asked again.
    run_jobs()
    arrived = Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)
    [main] = queries.current_files(arrived)
    gaps = [_wait(arrived, frozen_clock) for _ in range(2)]
    assert [round(gap / FIRST_GAP) for gap in gaps] == [1, 2], "ever more rarely"
    said = list(Validation.objects.filter(sha256=main.sha256).order_by("pk"))
    assert {one.verdict for one in said} == {"INDETERMINATE"} and len(said) == 3
    assert {reason["code"] for reason in said[-1].report["signatures"][0]["reasons"]} == {
        "REVOCATION_UNKNOWN"
    }
    clerk = signed_in(world.department.posts["clerk"])
    page = clerk.get(f"/documents/{arrived.pk}/").content.decode()
    assert "không có thông tin từ tổ chức chứng thực" in page

    with _answering(clock.now() + 4 * FIRST_GAP):
        _wait(arrived, frozen_clock)
    arrived.intake.refresh_from_db()
    assert arrived.intake.verdict == IntakeVerdict.ACCEPTABLE, arrived.intake.checks
    newest = service.latest(main.sha256)
    assert newest is not None and newest.verdict == "VALID", newest.report
    assert _next(arrived) is None, "nothing is left to ask"

    # The page says both, the evidence of each look is kept, the history tells them apart.
    page = clerk.get(f"/documents/{arrived.pk}/").content.decode()
    assert "chưa kết luận được" in page and "nội dung không thay đổi từ khi ký" in page
    kept = SignatureEvidence.objects.filter(sha256=main.sha256)
    assert sorted(kept.values_list("verdict", flat=True)) == [*["INDETERMINATE"] * 3, "VALID"]
    told = Event.objects.filter(object_id=arrived.pk, verb="handling.check").order_by("sequence")
    assert [event.data["verdict"] for event in told] == [
        *[IntakeVerdict.WARNING] * 3,
        IntakeVerdict.ACCEPTABLE,
    ]


def _sealed(draft: bytes) -> bytes:
    keys = [
        pades.Pkcs12Key.open(pki.p12_path(worlds.authority(), slug).read_bytes(), worlds.PASSPHRASE, at=NOW)
        for slug in ("chu-tich", "ubnd")
    ]
    prepared = pades.prepare(draft, PLACES, signers=["nguoi_ky_1"])
    signed = pades.sign(prepared, "nguoi_ky_1", keys[0], signed_at=NOW)
    return pades.seal(
        signed,
        keys[1],
        number="01",
        issued_date=date(2026, 11, 20),
        font=REGULAR.read_bytes(),
        date_font=ITALIC.read_bytes(),
        signed_at=NOW,
    )


def _next(document: Document) -> tuple[int, datetime] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, scheduled_at FROM procrastinate_jobs WHERE task_name = 'handling.check' "
            "AND status = 'todo' AND args->>'document_id' = %s",
            [str(document.pk)],
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _wait(document: Document, frozen_clock: Callable[[datetime], None]) -> timedelta:
    """Let the time pass until the next look, and look; how long it was."""
    found = _next(document)
    assert found is not None, "nobody looks again"
    gap = found[1] - datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE id = %s", [found[0]])
    frozen_clock(clock.now() + gap)
    run_jobs()
    return gap


@contextmanager
def _answering(at: datetime) -> Iterator[None]:
    """The authority's own OCSP and CRL service over HTTP; it says that it is ``at``, and answers for ten minutes."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    known = AnimatorArchStore({ArchLabel("vanthu"): worlds.services()})
    service_of_authority = Animator(known, at_time=at, with_web_ui=False)
    with make_server("127.0.0.1", worlds.AUTHORITY_PORT, service_of_authority, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
