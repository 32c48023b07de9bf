"""``vanthu conformance serve`` against this product's own agency side, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.exchange.conftest import issue, make_office, send, send_waiting
from tests.jobs import run_jobs

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.conformance.desks import DESKS
from vanthu.conformance.host import Host
from vanthu.conformance.report import Verdict
from vanthu.conformance.server import serving
from vanthu.conformance.small_axis import Agency as TrialAgency
from vanthu.conformance.small_axis import MemberSystem
from vanthu.directory import queries as directory
from vanthu.directory.models import Person, Post
from vanthu.edxml import Business, BusinessType, Replacement, ResponseFor
from vanthu.exchange import changes, jobs
from vanthu.exchange.models import AnswerState, Change, ChangeKind, ChangeState, Delivery, IncomingChange
from vanthu.exchange.packets import PacketDetails
from vanthu.handling import actions as handling
from vanthu.handling import answering
from vanthu.handling.models import IntakeVerdict
from vanthu.issuing.models import Draft
from vanthu.records.models import Direction, Document, Register
from vanthu.signing import service


class Site:
    """This product as one agency of a trial, with a clerk who does what the screen says."""

    def __init__(self, host: Host, tick: Callable[[], None]) -> None:
        self.office = make_office("Sở Nội vụ", "H27.14")
        self.clerk = self.office.clerk
        Register.objects.create(
            agency=self.office.agency, direction=Direction.INCOMING, name="Sổ công văn đến"
        )
        self.leader = self.post("Lê Thị Lãnh", "Giám đốc", Role.LEADER)
        self.specialist = self.post("Trần Chuyên", "Chuyên viên", Role.SPECIALIST)
        self.host, self.tick = host, tick

    def post(self, name: str, position: str, role: Role) -> Actor:
        person = Person.objects.create_user(f"thu.{role.value.lower()}", "matkhau-dai-nhat", full_name=name)
        return directory.actor_of(
            Post.objects.create(
                person=person, agency=self.office.agency, position=position, roles=[role.value]
            )
        )

    def receive(self, rounds: int) -> None:
        """Fetch, take in, check, decide, report."""
        for _ in range(rounds):
            self.tick()
            jobs.poll_axis()
            run_jobs(1000)
            self.decide()
        run_jobs(1000)
        send_waiting()

    def exchange(self, rounds: int) -> None:
        """Send what waits and fetch what comes."""
        for _ in range(rounds):
            self.tick()
            send_waiting()
            jobs.poll_axis()

    def decide(self) -> None:
        """Refuse what the checks advise against, handle one document, register another; refuse to give that back."""
        arrived = Document.objects.filter(
            agency=self.office.agency, direction=Direction.INCOMING, state="ARRIVED"
        )
        for document in arrived.select_related("intake"):
            if document.intake.verdict == IntakeVerdict.REJECT:
                handling.reject(self.clerk, document.pk, "BAD_SIGNATURE", "Chữ ký số không hợp lệ.")
            elif "(in-new)" in document.subject:
                self.handle(document)
            elif "(to-recall)" in document.subject:
                handling.register(self.clerk, document.pk)
        for request in IncomingChange.objects.filter(state=AnswerState.ASKED, kind=ChangeKind.RECALL):
            assert request.about is not None
            asked = request.about.document
            assert asked is not None
            answering.refuse(self.clerk, asked.pk, request.pk, "Đang giải quyết.")

    def handle(self, document: Document) -> None:
        handling.register(self.clerk, document.pk)
        handling.direct(self.leader, document.pk, text="Giao xử lý.", lead=self.specialist.own_post)
        handling.start(self.specialist, document.pk)
        handling.complete(self.specialist, document.pk, "Đã xong.")

    def write_to(self, code: str, details: PacketDetails | None = None) -> Delivery:
        recipient = directory.agency_by_code(code)
        assert recipient is not None
        document = issue(self.office)
        # Who drafted it hears of every delivery that fails.
        Draft.objects.create(document=document, drafter_id=self.specialist.own_post)
        [delivery] = send(self.office, document, recipient, details=details)
        return delivery

    @action
    def change(self, delivery: Delivery, kind: ChangeKind) -> None:
        delivery.refresh_from_db()
        change = Change.objects.create(
            agency=delivery.agency,
            document=delivery.document,
            kind=kind,
            state=ChangeState.DECIDED,
            reason="Sai số liệu",
            proposed_by_id=self.clerk.own_post,
            data={"after": {"subject": "x"}} if kind is ChangeKind.UPDATE else {},
            at=clock.now(),
        )
        changes.ask(change, [delivery], actor=self.clerk)
        record(self.clerk, "test.change", kind="document", object_id=delivery.document_id)


def answered(received: Document) -> ResponseFor:
    return ResponseFor(DESKS[0].code, received.code, received.document_id, received.issued_date)


def replacing(document: Document) -> PacketDetails:
    replaced = Replacement(document.document_id, (DESKS[0].code,))
    return PacketDetails(Business(BusinessType.REPLACE, "Ban hành lại", replacements=(replaced,)))


@pytest.fixture
def site(
    db: None, settings: object, tmp_path: Path, frozen_clock: Callable[[datetime], None]
) -> Iterator[Site]:
    """This product connected to a trial, trusting the trial's root certificate."""
    present = [datetime.now(UTC)]

    def tick() -> None:
        present[0] += timedelta(seconds=30)
        frozen_clock(present[0])

    host = Host(
        MemberSystem("H27", "Phần mềm này", "khoa"),
        [TrialAgency("H27.14", "Sở Nội vụ", "H27")],
        folder=tmp_path,
        clock=lambda: present[0],
        many=2,
        slow_seconds=0.05,
    )
    (tmp_path / "secret").write_text("khoa")
    (tmp_path / "trust").mkdir()
    (tmp_path / "goc-thu-nghiem.pem").rename(tmp_path / "trust" / "root.pem")
    with serving("127.0.0.1", 0, host.answer) as server:
        settings.VANTHU = settings.VANTHU.model_copy(
            update={
                "axis_url": server.url,
                "axis_system_id": "H27",
                "axis_secret_file": tmp_path / "secret",
                "trust_dir": tmp_path / "trust",
                "revocation_fetch": False,
            }
        )
        service.trust.cache_clear()
        tick()
        yield Site(host, tick)
        service.trust.cache_clear()


def open_items(site: Site) -> list[tuple[str, str]]:
    """What is not found right (yet), and what was seen of it."""
    findings = site.host.report().findings
    return [(found.item.id, found.seen) for found in findings if found.verdict is not Verdict.RIGHT]


def test_our_own_software_is_right_in_every_item(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "WAIT_SECONDS", 0.0)
    for _ in range(2):  # the second time it asks for what has changed
        jobs.sync_agencies()
    for _ in range(5):
        site.receive(5)
        if Document.objects.filter(subject__contains="(in-new)").exists():
            break
    for _ in range(2):
        jobs.follow_axis()
    received = Document.objects.get(subject__contains="(in-new)")
    first = site.write_to(DESKS[0].code, PacketDetails(responses_for=(answered(received),)))
    refusing = site.write_to(DESKS[1].code)
    for desk in DESKS[2:]:
        site.write_to(desk.code)
    site.exchange(3)
    site.change(first, ChangeKind.UPDATE)
    site.change(refusing, ChangeKind.RECALL)
    site.change(first, ChangeKind.TAKE_BACK)
    site.write_to(DESKS[0].code, replacing(first.document))
    site.exchange(11)
    for _ in range(20):  # a busy machine fetches less in each round
        if not open_items(site):
            break
        site.receive(1)
        site.exchange(1)

    assert open_items(site) == []
