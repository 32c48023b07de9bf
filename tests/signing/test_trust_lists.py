"""The site believes a trusted list: taken up by its keeper, looked at by the worker, used for every judgement."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import world as worlds
from tests.cms.parts import holder
from tests.handling import letters
from tests.handling.test_other_signatures import signed_alone
from tests.signing.staff import administrator, signed_in
from tests.trustlists.lists import Entry, Made, operator, pointer
from typer.testing import CliRunner

from vanthu.audit.models import Event
from vanthu.base.actors import system_actor
from vanthu.base.ids import new_id
from vanthu.blobs import store
from vanthu.commands.trust import app
from vanthu.demo import pki
from vanthu.directory.models import AgencyKind
from vanthu.environment import PublicCertificates
from vanthu.errors import VanthuError
from vanthu.handling.checks import run_checks
from vanthu.pades import Category, ValidationReport
from vanthu.records.models import Direction, Document
from vanthu.signing import actions, evidence, jobs, service, trust_lists, trusting, verdicts
from vanthu.signing.evidence_models import SignatureEvidence
from vanthu.signing.trust_lists import ListData
from vanthu.signing.trust_models import TrustList

NOW = datetime.now(UTC).replace(microsecond=0)
"""openssl writes the present into signatures, so the tests' present is the machine's."""
DAY = timedelta(days=1)
Clock = Callable[[datetime], None]


class Published(BaseHTTPRequestHandler):
    """The scheme operator's site."""

    body, status = b"", 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Published)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/tsl.xml"
    server.shutdown()
    server.server_close()


@pytest.fixture
def keeper(world: worlds.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[worlds.World]:
    """The province keeps the lists; the site's own folder trusts nobody."""
    monkeypatch.setattr(settings.VANTHU, "trust_dir", tmp_path)
    monkeypatch.setattr(settings.VANTHU, "trust_keeper", "H27")
    trusting.trust.cache_clear()
    yield world
    trusting.trust.cache_clear()


def issuer() -> bytes:
    return pem.unarmor((worlds.authority() / "issuer.pem").read_bytes())[2]


def one_list(*history: tuple[str, datetime], **more: Any) -> Made:
    """A list that names the authority which issued everybody's certificates."""
    entry = Entry(issuer(), history=history or (("granted", NOW - 900 * DAY),))
    said = {"issued": NOW - DAY, "next_update": NOW + 30 * DAY, **more}
    return Made((entry,), **said)


def take_up(
    world: worlds.World, folder: Path, made: Made, *, public: bool = False, url: str = ""
) -> TrustList:
    category = Category.PUBLIC if public else Category.GOVERNMENT
    content = made.signed(folder)
    Published.body, Published.status = content, 200
    data = ListData("Danh sách", category, (made.fingerprint,), url, None if url else content)
    return trust_lists.take_up(system_actor(world.province.agency.pk), data)


def judged(sha256: str) -> tuple[list[str], str]:
    report = ValidationReport.from_dict(service.check(sha256).report)
    return [reason.code for reason in report.all_reasons], report.signatures[0].authority


def verbs() -> list[str]:
    return list(
        Event.objects.filter(verb__startswith="signing.trust")
        .order_by("sequence")
        .values_list("verb", flat=True)
    )


def test_a_list_is_taken_up_on_the_page_followed_by_the_worker_and_given_up(
    keeper: worlds.World, address: str, tmp_path: Path, frozen_clock: Clock
) -> None:
    frozen_clock(NOW)
    letter = store.put(signed_alone(tmp_path, b"Kinh gui", inside=True)).sha256
    assert judged(letter) == (["UNTRUSTED"], "")
    admin = signed_in(administrator(keeper.province))
    made = one_list(pointers=pointer("https://vi-du.la/tsl.xml", holder("Nước bạn", signs=True)))
    Published.body = made.signed(tmp_path)
    colons = ":".join(made.fingerprint[at : at + 2].upper() for at in range(0, 64, 2))
    form = {"name": "Ban Cơ yếu", "category": "GOVERNMENT", "url": address, "fingerprint": colons}
    assert admin.post("/signing/trust/take-up", form).status_code == 302
    row = TrustList.objects.get()
    shown = admin.get("/signing/trust/").content.decode()
    for words in (
        "Ban Cơ yếu",
        "Dịch vụ chứng thực",
        "Được công nhận",
        made.fingerprint,
        "https://vi-du.la/tsl.xml",
    ):
        assert words in shown
    assert judged(letter) == (["REVOCATION_UNKNOWN"], "GOVERNMENT")
    [kept] = SignatureEvidence.objects.filter(sha256=letter, verdict="INDETERMINATE")
    report, _ = evidence.read(kept)
    spoken = list(verdicts.by_list(report.signatures[0]))
    assert "Danh sách tin cậy VN 7 ngày" in spoken[0] and "được công nhận từ" in spoken[0]
    assert "không thuộc loại đủ điều kiện" in spoken[1], "as its certificates do not say that they are"
    xml = evidence.standard(kept).decode()
    for words in ("urn:x-vanthu:trusted-list", "VN; 7; ", "CA/QC; granted; ", "NOT_QUALIFIED"):
        assert words in xml
    stranger = Client().post("/check/", {"file": SimpleUploadedFile("thu.p7m", store.read(letter))})
    assert spoken[0] in stranger.content.decode()

    withdrawn = (("withdrawn", NOW + DAY), ("granted", NOW - 900 * DAY))
    Published.body = one_list(*withdrawn, sequence=8, issued=NOW + DAY).signed(tmp_path)
    jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert row.sequence == 7, "it is not time to look yet"
    frozen_clock(NOW + 2 * DAY)
    jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert (row.sequence, row.problem) == (8, "")
    assert judged(letter) == (["WITHDRAWN_SINCE"], "GOVERNMENT")
    again = [reason.code for reason in service.revalidate(kept).all_reasons]
    assert again == ["REVOCATION_UNKNOWN"], (
        "as of that instant the service was granted, and still is by the list"
    )
    assert "Không được công nhận" in admin.get("/signing/trust/").content.decode()

    good = row.content_sha256
    Published.body = Published.body.replace(b"Svcstatus/withdrawn", b"Svcstatus/granted")
    for look in range(2):
        frozen_clock(NOW + (3 + look) * DAY)
        jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert "không hợp lệ" in row.problem and row.tries == 2 and row.content_sha256 == good
    assert row.look_again_at is not None and row.look_again_at < NOW + 5 * DAY
    Published.body = made.signed(tmp_path)
    frozen_clock(NOW + 5 * DAY)
    jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert "cũ hơn" in row.problem and row.sequence == 8
    Published.status = 404
    frozen_clock(NOW + 40 * DAY)
    jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert "HTTP 404" in row.problem and row.tries == 4
    assert judged(letter) == (["WITHDRAWN_SINCE"], "GOVERNMENT"), "the last good list stays"
    assert "đã quá hạn cập nhật" in admin.get("/").content.decode()
    page = admin.get("/signing/trust/").content.decode()
    assert "Quá hạn cập nhật" in page and "HTTP 404" in page

    assert admin.post(f"/signing/trust/{row.pk}/give-up").status_code == 302
    assert judged(letter) == (["UNTRUSTED"], "")
    said = ["taken_up", "renewed", "failed", "failed", "failed", "ended"]
    assert verbs() == [f"signing.trust_list_{word}" for word in said], "each kind of failure once"


def test_whoever_is_killed_while_taking_a_newer_list_leaves_the_one_before(
    keeper: worlds.World, address: str, tmp_path: Path, frozen_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen_clock(NOW)
    row = take_up(keeper, tmp_path, one_list(), url=address)
    Published.body = one_list(sequence=8).signed(tmp_path)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    frozen_clock(NOW + DAY)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(trust_lists, "_record", die)
        jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert row.sequence == 7 and trusting.trust().anchors
    jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert row.sequence == 7, "the dead worker's claim lasts some minutes"
    frozen_clock(NOW + DAY + timedelta(minutes=11))
    jobs.look_at_trust_lists()
    row.refresh_from_db()
    assert row.sequence == 8


def test_only_the_keeper_changes_whom_the_site_trusts(
    keeper: worlds.World, tmp_path: Path, frozen_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen_clock(NOW)
    row = take_up(keeper, tmp_path, one_list())
    newer = one_list(sequence=8).signed(tmp_path)
    others = [keeper.department, keeper.province]
    clients = [signed_in(administrator(keeper.department)), signed_in(keeper.province.posts["clerk"])]
    form = {"name": "Kẻ lạ", "category": "GOVERNMENT", "url": "https://ke-la.vn/", "fingerprint": "00" * 32}
    for client, office in zip(clients, others, strict=True):
        shown = client.get("/signing/trust/").content.decode()
        assert "Danh sách" in shown and "take-up" not in shown and keeper.province.agency.name in shown
        for path, body in (
            ("take-up", form),
            (f"{row.pk}/renew", {"content": SimpleUploadedFile("tsl.xml", newer)}),
            (f"{row.pk}/give-up", {}),
        ):
            answer = client.post(f"/signing/trust/{path}", body, headers={"Accept": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (403, "NOT_TRUST_KEEPER"), office.agency
    admin = signed_in(administrator(keeper.province))
    monkeypatch.setattr(settings.VANTHU, "trust_keeper", "")
    assert admin.post(f"/signing/trust/{row.pk}/give-up").status_code != 302, (
        "two agencies, and none is named"
    )
    monkeypatch.setattr(settings.VANTHU, "trust_keeper", "H27")
    upload = {"content": SimpleUploadedFile("tsl.xml", newer)}
    assert admin.post(f"/signing/trust/{row.pk}/renew", upload).status_code == 302
    row.refresh_from_db()
    assert (row.active, row.sequence) == (True, 8)
    assert verbs() == ["signing.trust_list_taken_up", "signing.trust_list_renewed"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Danh sách"}, "TRUST_LIST_NAME_TAKEN"),
        ({"name": " "}, "TRUST_LIST_FIELDS_WRONG"),
        ({"signers": ()}, "TRUST_LIST_FIELDS_WRONG"),
        ({"signers": ("abc",)}, "TRUST_LIST_FIELDS_WRONG"),
        ({"signers": ("11" * 32,)}, "TRUST_LIST_WRONG_SIGNER"),
        ({"content": b"<html/>"}, "TRUST_LIST_UNREADABLE"),
        ({"url": "https://ke-la.vn/"}, "TRUST_LIST_FIELDS_WRONG"),
        ({"content": None}, "TRUST_LIST_FIELDS_WRONG"),
        ({"content": None, "url": "http://vi-du.vn/tsl.xml"}, "TRUST_LIST_FIELDS_WRONG"),
        ({"content": None, "url": "file:///etc/passwd"}, "TRUST_LIST_FIELDS_WRONG"),
        ({"content": None, "url": "http://127.0.0.1:9/tsl.xml"}, "TRUST_LIST_UNREACHABLE"),
    ],
)
def test_what_was_entered_wrongly_is_said_and_nothing_is_kept(
    keeper: worlds.World, tmp_path: Path, frozen_clock: Clock, change: dict[str, Any], code: str
) -> None:
    frozen_clock(NOW)
    made = one_list()
    take_up(keeper, tmp_path, made)
    good = ListData("Khác", Category.PUBLIC, (made.fingerprint,), content=made.signed(tmp_path))
    with pytest.raises(VanthuError) as refused:
        trust_lists.take_up(system_actor(keeper.province.agency.pk), replace(good, **change))
    assert refused.value.code == code
    assert TrustList.objects.count() == 1


def test_state_agencies_sign_and_are_believed_with_public_duty_certificates_only(
    keeper: worlds.World, tmp_path: Path, frozen_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen_clock(NOW)
    letter = signed_alone(tmp_path, b"Kinh gui", inside=True)
    arrived = letters.issued(keeper.province, [keeper.department.agency], attached=[("cong-van.p7m", letter)])
    Document.objects.filter(pk=arrived.pk).update(direction=Direction.INCOMING)
    arrived.refresh_from_db()
    row = take_up(keeper, tmp_path, one_list())
    assert "SIG_AUTHORITY" not in lines(arrived), "the government's: nothing to say"
    trust_lists.give_up(system_actor(keeper.province.agency.pk), row.pk)
    take_up(keeper, tmp_path, one_list(), public=True)
    assert lines(arrived)["SIG_AUTHORITY"] == "FAIL"
    assert "SIG_REMARK" not in lines(arrived)
    province = keeper.province.agency
    with monkeypatch.context() as foreign:
        foreign.setattr(arrived, "issuer_organ_id", "không rõ")
        assert lines(arrived)["SIG_AUTHORITY"] == "WARN"
        foreign.setattr(arrived, "issuer_organ_id", "0100109106")
        assert lines(arrived)["SIG_AUTHORITY"] == "PASS", "a company's number"

    p12 = pki.p12_path(worlds.authority(), "chu-tich").read_bytes()
    post, actor = keeper.province.posts["leader"], system_actor(province.pk)

    def enrol() -> None:
        actions.enrol_key(actor, province, post, p12, worlds.PASSPHRASE)

    with pytest.raises(VanthuError) as refused:
        enrol()
    assert refused.value.code == "ENROL_CERTIFICATE_PUBLIC"
    monkeypatch.setattr(settings.VANTHU, "public_certificates", PublicCertificates.REMARK)
    enrol()
    said = Event.objects.filter(verb="signing.enrol_key", agency_id=province.pk).latest("sequence")
    assert said.data["authority"] == "PUBLIC"
    monkeypatch.setattr(settings.VANTHU, "public_certificates", PublicCertificates.REFUSE)
    province.kind = AgencyKind.STATE_ENTERPRISE
    province.save()
    enrol()
    assert lines(arrived)["SIG_AUTHORITY"] == "PASS", "the directory knows that it is no state agency"


def lines(document: Document) -> dict[str, str]:
    return {check.code: check.outcome.value for check in run_checks(document)}


def test_roots_of_public_authorities_lie_in_the_folder_under_a_name_of_their_own(
    keeper: worlds.World, tmp_path: Path, frozen_clock: Clock
) -> None:
    frozen_clock(NOW)
    letter = store.put(signed_alone(tmp_path, b"Kinh gui", inside=True)).sha256
    (tmp_path / "intermediate.pem").write_bytes((worlds.authority() / "issuer.pem").read_bytes())
    root = (worlds.authority() / "root.pem").read_bytes()
    for name, category in (("public-root.pem", "PUBLIC"), ("root.pem", "GOVERNMENT")):
        (tmp_path / name).write_bytes(root)
        trusting.trust.cache_clear()
        assert judged(letter)[1] == category, "a site's roots from before are the government's"
    client = signed_in(keeper.department.posts["specialist"])
    assert "Chuyên dùng công vụ" in client.get("/signing/trust/").content.decode()


def test_the_page_and_a_judgement_ask_as_much_for_many_lists_as_for_one(
    keeper: worlds.World, tmp_path: Path, frozen_clock: Clock
) -> None:
    frozen_clock(NOW)
    made, admin = one_list(), signed_in(administrator(keeper.province))
    first = take_up(keeper, tmp_path, made)

    def asked() -> tuple[int, int]:
        trusting.trust()
        with CaptureQueriesContext(connection) as page:
            admin.get("/signing/trust/")
        with CaptureQueriesContext(connection) as judgement:
            trusting.trust()
        return len(page), len(judgement)

    few = asked()
    for number in range(5):
        first.pk, first.name = new_id(), f"Danh sách {number}"
        first.save(force_insert=True)
    assert len(trusting.trust().anchors) == 6
    assert asked() == few and few[1] == 1


def test_the_operator_of_the_site_keeps_lists_at_the_command_line(
    keeper: worlds.World, tmp_path: Path, frozen_clock: Clock
) -> None:
    frozen_clock(NOW)
    made = one_list()
    (tmp_path / "tsl.xml").write_bytes(made.signed(tmp_path))
    (tmp_path / "signer.der").write_bytes(operator().asn1.dump())

    def run(*words: object) -> Any:
        return CliRunner().invoke(app, [str(word) for word in words])

    given = ["--file", tmp_path / "tsl.xml", "--category", "public"]
    assert run("add", "NEAC", *given).exit_code == 2, "nobody was named who signs it"
    added = run("add", "NEAC", *given, "--certificate", tmp_path / "signer.der")
    assert added.exit_code == 0, added.output
    listed = run("list")
    assert listed.exit_code == 0 and "Dịch vụ chứng thực: được công nhận" in listed.stdout
    assert run("renew", "NEAC").exit_code == 2, "it has no address"
    assert run("renew", "NEAC", "--file", tmp_path / "tsl.xml").exit_code == 0
    frozen_clock(NOW + 60 * DAY)
    assert run("list", "--json").exit_code == 1, "overdue"
    assert run("remove", "NEAC").exit_code == 0
    assert run("remove", "NEAC").exit_code == 2
    assert Event.objects.filter(actor_name="vanthu trust").count() == 2
