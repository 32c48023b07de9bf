"""The page where anyone has a document checked: what it says, what it keeps (nothing), how often it may be asked."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests import world
from tests.pades.samples import decision
from tests.world import World

from vanthu.audit.models import Event
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.pades import Reason, Verdict
from vanthu.portal import checking, limits
from vanthu.portal.models import Visits
from vanthu.portal.uploads import Vanishing
from vanthu.records import queries
from vanthu.signing.models import Validation

NOW = world.NOW


@pytest.fixture
def offices(db: None) -> World:
    return world.build()


@pytest.fixture
def trusting(db: None, frozen_clock: Callable[[datetime], None]) -> None:
    """A site that trusts the test authority and has nothing else."""
    frozen_clock(NOW)
    world.trust_authority()


@pytest.fixture
def sealed(offices: World) -> bytes:
    """What the province issued, as its readers have it."""
    document = world.issued(offices.province, [offices.department.agency])
    main = queries.main_file(document)
    assert main is not None
    return store.read(main.sha256)


def test_a_file_on_its_way_to_the_check_has_no_name_that_a_kill_could_leave_behind() -> None:
    way = Vanishing()
    way.new_file("file", "mat.pdf", "application/pdf", 4)
    way.receive_data_chunk(b"%PDF", 0)
    with way.file_complete(4) as kept:
        assert (kept.read(), os.fstat(kept.fileno()).st_nlink) == (b"%PDF", 0)


def upload(content: bytes, name: str = "van-ban.pdf") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content, "application/pdf")}


def kept() -> tuple[int, int, int]:
    return Blob.objects.count(), Validation.objects.count(), Event.objects.count()


def test_a_stranger_learns_who_signed_and_nothing_is_kept(
    sealed: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # A folder of its own: others on this machine put their files into the common one meanwhile.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = kept()
    client = Client(enforce_csrf_checks=True)
    page = client.get("/check/")
    token = page.cookies[settings.CSRF_COOKIE_NAME].value
    assert page.headers["Cache-Control"] == "no-store"
    assert client.post("/check/", upload(sealed)).status_code == 403  # no token of our own page

    answer = client.post("/check/", {**upload(sealed, "mat-ten.pdf"), "csrfmiddlewaretoken": token})
    said = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Chưa kết luận được", "Võ Trọng Thử", "Chủ tịch", "Cơ quan ký", "mat-ten.pdf"):
        assert words in said
    assert hashlib.sha256(sealed).hexdigest() in said
    assert "Chưa kiểm tra được tình trạng thu hồi" in said

    assert kept() == before
    assert list(tmp_path.iterdir()) == []
    assert "mat-ten" not in caplog.text + "".join(capsys.readouterr())


def test_a_changed_file_is_called_invalid_and_other_software_gets_the_same_as_json(sealed: bytes) -> None:
    changed = sealed.replace(b"/Author", b"/Editor", 1) if b"/Author" in sealed else None
    changed = changed or sealed[:400] + bytes([sealed[400] ^ 1]) + sealed[401:]
    software = Client(enforce_csrf_checks=True, headers={"accept": "application/json"})
    answers = [software.post("/check/", upload(content)).json() for content in (sealed, changed)]
    assert [answer["verdict"] for answer in answers] == ["INDETERMINATE", "INVALID"]
    assert answers[0]["signatures"][1]["kind"] == "AGENCY"
    foreign = Client(headers={"accept": "application/json", "sec-fetch-site": "cross-site"})
    assert foreign.post("/check/", upload(sealed)).json()["code"] == "FOREIGN_PAGE"
    assert "Không nên tin dùng tệp này" in Client().post("/check/", upload(changed)).content.decode()


def test_what_is_no_document_is_answered_in_words(trusting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    assert "Tệp không có chữ ký số" in client.post("/check/", upload(decision())).content.decode()
    assert client.post("/check/", {}).status_code == 400
    assert client.post("/check/", upload(b"")).status_code == 400
    for content, name in ((b"\x00" * 4000, "rac.bin"), (b"<p>", "trang.html")):
        assert "Tệp không có chữ ký số" in client.post("/check/", upload(content, name)).content.decode()
    assert "Không nên tin dùng" in client.post("/check/", upload(b"%PDF-1.7 hong")).content.decode()
    monkeypatch.setattr(settings.VANTHU, "public_check_mb", 1)
    refused = client.post("/check/", upload(os.urandom(2 << 20)))
    assert (refused.status_code, "giới hạn 1 MB" in refused.content.decode()) == (413, True)


@pytest.fixture
def two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.VANTHU, "public_checks_per_minute", 2)


def test_a_network_that_asks_too_often_is_told_how_long_to_wait(
    trusting: None, two_a_minute: None, frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(NOW + timedelta(seconds=48))
    file = b"%PDF-1.7 nothing"

    def ask(address: str) -> Any:
        return Client(REMOTE_ADDR=address).post("/check/", upload(file))

    assert [ask("2001:db8::1").status_code, ask("2001:db8::2").status_code] == [200, 200]
    refused = ask("2001:db8::ffff")  # the same subscriber by another address
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "12")
    assert "Hãy thử lại sau 12 giây" in refused.content.decode()
    assert ask("2001:db8:0:1::1").status_code == 200
    assert ask("198.51.100.7").status_code == 200

    assert "2001" not in json.dumps(list(Visits.objects.values("caller", "kind")))
    frozen_clock(NOW + timedelta(minutes=1))
    assert ask("2001:db8::1").status_code == 200
    frozen_clock(NOW + timedelta(hours=2))
    assert limits.sweep() == 4
    assert not Visits.objects.exists()


@pytest.fixture
def no_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    taken = 0
    while limits._places.acquire(blocking=False):
        taken += 1
    yield
    for _ in range(taken):
        limits._places.release()


def test_when_many_files_are_being_checked_the_next_is_asked_to_wait(trusting: None, no_place: None) -> None:
    refused = Client().post("/check/", upload(b"%PDF-1.7"), headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (503, "CHECKER_BUSY")
    assert refused.headers["Retry-After"] == "5"


def test_what_hides_print_since_the_first_signature_is_said_before_anything_good() -> None:
    good = SimpleNamespace(verdict=Verdict.VALID, remarks=(), signatures=[SimpleNamespace(remarks=())])
    assert checking.Checked("", 0, "", cast(Any, good)).saying.tone == "good"
    for code in ("FILLED_OVER_TEXT", "COVERS_TEXT"):
        remarks = (Reason.of(code),)
        for place in (
            SimpleNamespace(verdict=Verdict.VALID, remarks=remarks, signatures=[]),
            SimpleNamespace(verdict=Verdict.VALID, remarks=(), signatures=[SimpleNamespace(remarks=remarks)]),
        ):
            assert checking.Checked("", 0, "", cast(Any, place)).saying.tone == "warn"
        place.verdict = Verdict.INVALID
        assert checking.Checked("", 0, "", cast(Any, place)).saying.tone == "bad"
