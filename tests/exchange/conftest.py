"""Agencies, people and issued documents for the tests of the exchange, and a way to run what is queued."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyIdentifier, Person, Post
from vanthu.exchange import jobs, outbox
from vanthu.exchange.models import Delivery
from vanthu.exchange.packets import PacketDetails
from vanthu.records import files
from vanthu.records.models import Capacity, Direction, Document, FileKind, FileStage
from vanthu.records.participants import include

SEALED = b"%PDF-1.7\n% a page with number, date and seal\n%%EOF\n"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Office:
    """An agency with its clerk."""

    agency: Agency
    clerk: Actor

    @property
    def code(self) -> str:
        return self.agency.organ_id


def make_agency(name: str, code: str, *, hosted: bool, ready: bool = True, address: str = "") -> Agency:
    agency = Agency.objects.create(name=name, hosted=hosted, ready=ready, address=address)
    if code:
        AgencyIdentifier.objects.create(agency=agency, code=code)
    return agency


def make_office(name: str, code: str) -> Office:
    agency = make_agency(name, code, hosted=True)
    person = Person.objects.create_user(f"vanthu.{code}", "matkhau-cua-van-thu", full_name="Lê Thị Hoa")
    post = Post.objects.create(
        person=person, agency=agency, position="Văn thư", roles=[Role.CLERK.value, Role.SPECIALIST.value]
    )
    return Office(agency, directory.actor_of(post))


@pytest.fixture
def commune(db: None) -> Office:
    """A commune on this site."""
    return make_office("Ủy ban nhân dân xã Phú Thịnh", "H20.45")


@pytest.fixture
def department(db: None) -> Office:
    """A provincial department on this site."""
    return make_office("Sở Nội vụ", "H20.07")


@pytest.fixture
def ministry(db: None) -> Agency:
    """A ministry on another site, behind the axis."""
    return make_agency("Bộ Nội vụ", "G09", hosted=False)


def issue(
    office: Office, *, subject: str = "V/v báo cáo kết quả", restriction: str = "", urgency: int = 0
) -> Document:
    """An issued document of the office with a sealed page."""
    number = next(_numbers)
    document = Document.objects.create(
        agency=office.agency,
        direction=Direction.OUTGOING,
        state="ISSUED",
        type_code="CONG_VAN",
        subject=subject,
        urgency=urgency,
        restriction=restriction,
        number=number,
        notation="UBND-VP",
        code=f"{number}/UBND-VP",
        issued_date=date(2026, 11, 20),
        issue_place="Phú Thịnh",
        document_id=f"{office.code},2026/11/20,{number}/UBND-VP",
        signer_name="Trần Văn Nam",
        signer_position="Chủ tịch",
        page_count=1,
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    files.add_version(
        document,
        SEALED + str(number).encode(),
        kind=FileKind.MAIN,
        stage=FileStage.SEALED,
        name="cong-van.pdf",
        actor=office.clerk,
    )
    include(document, directory.registry_of(office.agency.id), Capacity.REGISTRY)
    return document


@action
def send(
    office: Office, document: Document, *recipients: Agency, details: PacketDetails | None = None
) -> list[Delivery]:
    """What issuing does: dispatch inside its own action."""
    deliveries = outbox.dispatch(
        document, recipients, actor=office.clerk, packet_details=details or PacketDetails()
    )
    record(office.clerk, "test.dispatch", kind="document", object_id=document.id)
    return deliveries


@action
def report(office: Office, document: Document, code: outbox.StatusCode, description: str = "") -> None:
    """What handling does: report a status inside its own action."""
    outbox.report_status(document, code, actor=office.clerk, description=description)
    record(office.clerk, "test.report", kind="document", object_id=document.id)


def send_waiting() -> int:
    """Run every queued sending whose time has come, in the order of the queue; returns how many ran.

    Runs the task's own function; that the queue itself works is tested once with a real worker.
    """
    ran = 0
    while True:
        due = ProcrastinateJob.objects.filter(status="todo", task_name="exchange.send_packet").order_by(
            "-priority", "id"
        )
        job = next((job for job in due if job.scheduled_at is None or job.scheduled_at <= clock.now()), None)
        if job is None:
            return ran
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.id])
        jobs.send_packet(**job.args)
        ran += 1


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture
def axis_url(db: None) -> Iterator[str]:
    """The site's own doors over real HTTP, inside the test's transaction.

    The server's threads use the test's connection, so nothing has to be committed and copied back; calls are
    synchronous, so it is never used twice at a time.
    """
    from vanthu.wsgi import application

    def doors(environ: dict[str, object], start_response: object) -> object:
        connections["default"] = connection_of_test
        return application(environ, start_response)

    connection_of_test = connections["default"]
    connection_of_test.inc_thread_sharing()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    server = make_server("127.0.0.1", 0, doors, server_class=_Server, handler_class=_Quiet)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    connection_of_test.dec_thread_sharing()


@pytest.fixture
def worker() -> Callable[[], None]:
    """A real worker that runs everything queued and stops."""

    def run() -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
        with app.replace_connector(connector) as worker_app:
            worker_app.run_worker(
                wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="successful"
            )

    return run
