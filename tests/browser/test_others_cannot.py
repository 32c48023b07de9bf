"""Nobody can do another's step, and who has no part in a document gets nothing of it.

One document goes its whole way; at each station every door of every verb is tried by those whose step it is
not. Refused means: an answer that says so, and not one line more in the audit chain of the document.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.browser import doors
from tests.browser.doors import Door, Visitor

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.pki import DEMO_PASSPHRASE
from vanthu.demo.sites import HA_TINH
from vanthu.demo.story.desk import Desk, desk_of
from vanthu.demo.story.stories import Paper, sample_papers

MARK = secrets.token_hex(4)
SUBJECT = f"Về việc chỉ người được giao mới được làm {MARK}"
UNINVOLVED = "ubnd.tiepdan", "ubnd.quantri"
UNINVOLVED_THERE = "snv.chuyenvien2", "snv.quantri"
ANOTHER_AGENCY = "thanhsen.vanthu"

CUSTODY_STRANGERS = UNINVOLVED[0], ANOTHER_AGENCY, "snv.quantri"
OF_THE_OWN_AGENCY = {"signing-device-register", "signing-authority-give", "signing-field-add", "enrol-key"}
"""An administrator's doors that lead into the own agency whatever is sent."""

GOING, COMING = ("issuing",), ("handling",)
"""At the last station of each way the doors of every room are tried, elsewhere those of the document's own."""

ALLOWED = {
    "draft-comment": "everybody who takes part may say a word",
    "handling-note": "everybody who takes part may say how it stands",
    "draft-preview": "whoever sees the document sees where its signatures will come",
    "draft-signatures": "whoever sees the document sees its signatures",
    "handling-checks": "whoever sees the document sees its check report",
    "deliveries": "whoever sees the document sees where it went",
    "copy": "whoever sees the document sees its copies",
    "signature-evidence": "whoever sees the document sees what is kept about its signatures",
    "signature-evidence-zip": "… and may take it away",
    "signature-evidence-xml": "… and its report",
    "remote-begin": "whoever has no key is told so before anything is prepared (tests/signing)",
}


@dataclass
class Station:
    """Where the document stands, who stands there by mistake, and who takes part though it is not their step."""

    document: str
    strangers: tuple[str, ...]
    involved: tuple[str, ...] = ()
    own: Mapping[str, set[str]] = field(default_factory=dict)
    """Verbs that do belong to an involved person here."""
    rooms: tuple[str, ...] = ("issuing", "handling", "exchange", "copying")


class Siege:
    """Everybody's sessions and the doors; notes each wrong answer."""

    def __init__(self, cluster: DemoCluster, stack: ExitStack, paper: Paper) -> None:
        self.cluster, self.paper = cluster, paper
        self._stack = stack
        self._visitors: dict[str, Visitor] = {}
        self._desks: dict[str, Desk] = {}
        self.pages, self.api = doors.of_pages(), doors.of_api()
        self.tried = 0
        self.wrong: list[str] = []

    def desk(self, username: str) -> Desk:
        """Who does the proper steps."""
        if username not in self._desks:
            self._desks[username] = self._stack.enter_context(desk_of(self.cluster, username))
        return self._desks[username]

    def visitor(self, username: str) -> Visitor:
        """Who tries."""
        if username not in self._visitors:
            self._visitors[username] = Visitor(self.cluster, username)
            self._stack.callback(self._visitors[username].http.close)
        return self._visitors[username]

    def at(self, station: Station) -> None:
        """Try every door here by those whose step it is not: one stranger all of them, the next ones by turns."""
        self._try_all(station, [[*self.pages, *self.api], self.pages, self.api])

    def between(self, station: Station) -> None:
        """Not where a way begins or ends: strangers try each verb by turns on its page and over the API."""
        self._try_all(station, [self.pages, self.api])

    def _try_all(self, station: Station, turns: list[list[Door]]) -> None:
        keys = self._keys(station.document)
        before = self._trace(station.document)
        for username, chosen in zip(station.strangers, itertools.cycle(turns), strict=False):
            for door in _of(station, chosen):
                self._try(username, door, keys, doors.REFUSED)
        for username in station.involved:
            own = station.own.get(username, set()) | set(ALLOWED)
            for door in _of(station, self.pages):
                if door.name not in own:
                    self._try(username, door, keys, doors.REFUSED)
        after = self._trace(station.document)
        if after != before:
            self.wrong.append(f"{before[0]}: {before} became {after}")

    def sees_nothing(self, username: str, document: str, files: list[str], code: str) -> None:
        """Pages, files, lists, search and API give a person without a part nothing."""
        visitor = self.visitor(username)
        closed = [f"/documents/{document}/", f"/api/v1/documents/{document}"]
        closed += [f"/files/{key}" for key in files]
        for path in closed:
            if visitor.page(path).status_code != 404:
                self.wrong.append(f"{username} got {path}")
        told = "/", "/incoming/", "/outgoing/", f"/search/?q={MARK}", f"/search/?q={code}", "/work/counts"
        asked = (
            f"search?q={MARK}",
            "work",
            f"documents?direction=OUTGOING&q={MARK}",
            "documents?direction=INCOMING",
        )
        for path in [*told, *(f"/api/v1/{one}" for one in asked), *self._registers(visitor)]:
            answer = visitor.page(path)
            assert answer.status_code in {200, 403}, f"{username}: {path} {answer.status_code}"
            if SUBJECT in answer.text or document in answer.text:
                self.wrong.append(f"{username} reads of it at {path}")

    def _registers(self, visitor: Visitor) -> list[str]:
        return sorted(set(re.findall(r'href="(/registers/[^"]+/)"', visitor.page("/registers/").text)))

    def _try(self, username: str, door: Door, keys: dict[str, str], expected: set[int]) -> None:
        visitor = self.visitor(username)
        answer = visitor.try_door(door, keys, self.paper.content)
        self.tried += 1
        harmless = door.name == "handling-register-all" and answer.status_code == 302
        if answer.status_code not in expected and not harmless:
            said = f"{answer.status_code} {answer.text[:120] if answer.status_code == 422 else ''}"
            self.wrong.append(f"{username} at {door.name}: {said}")

    def _keys(self, document: str) -> dict[str, str]:
        one = "select coalesce((select id from {} where document_id = %s limit 1), gen_random_uuid())"
        with self._database() as database:

            def key(table: str) -> str:
                row = database.execute(one.format(table), [document]).fetchone()
                assert row is not None
                return str(row[0])

            return {
                "document_id": document,
                "delivery_id": key("exchange_delivery"),
                "outbox_id": key("exchange_outboxpacket"),
                "inbox_id": key("exchange_inboxpacket"),
                "change_id": key("exchange_change"),
                "target_id": str(uuid4()),
                "copy_id": key("copying_copy"),
                "use_id": key("signing_keyuse"),
                **{
                    name: str(uuid4())
                    for name in ("batch_id", "begun_id", "pairing_id", "list_id", "paper_id")
                },
                "co_issuer_id": str(uuid4()),
                "ordinal": "1",
                "name": "confirm",
                **self._custody(database, document),
            }

    def _custody(self, database: psycopg.Connection[Any], document: str) -> dict[str, str]:
        """Of the document's agency: a device, a hand-over, an authority, a certificate's request and warning."""
        of_agency = " = (select agency_id from records_document where id = %(document)s)"
        wanted = {
            "device_id": f"signing_keydevice t where agency_id {of_agency}",
            "handover_id": "signing_handover t join signing_keydevice d on d.id = t.device_id"
            f" where d.agency_id {of_agency}",
            "field_id": f"directory_workfield t where agency_id {of_agency}",
            "authority_id": f"signing_authority t where agency_id {of_agency}",
            "request_id": f"signing_certificaterequest t where agency_id {of_agency}",
            "warning_id": "signing_certificatewarning t",
            "key": f"signing_signingkey t where agency_id {of_agency} and post_id is null",
            "evidence_id": "signing_signatureevidence t join records_documentfile f on f.sha256 = t.sha256"
            " where f.document_id = %(document)s",
        }
        found = {"kind": "RENEW"}
        for name, rows in wanted.items():
            row = database.execute(
                f"select t.id from {rows} order by t.id desc limit 1", {"document": document}
            ).fetchone()  # type: ignore[arg-type]
            found[name] = str(row[0] if row else uuid4())
        return found

    def custody(self, document: str) -> None:
        """The doors of devices, authorities and certificates are the own administrator's and keepers' alone."""
        books = self.visitor("ubnd.quantri")
        people = {"owner": books.leader, "taker": books.leader, "post": books.colleague}
        for name in ("signing-device-register", "signing-hand-over", "signing-authority-give", "signing-ask"):
            keys = self._keys(document)
            door = next(door for door in self.pages if door.name == name)
            given = books.try_door(door, keys, self.paper.content, serial=f"THU-{MARK}", **people)
            assert given.status_code == 302, f"{name}: {given.status_code} {given.text[:300]}"
        keys = self._keys(document)
        before = self._books()
        for username in CUSTODY_STRANGERS:
            for door in self.pages:
                their_own = door.name in OF_THE_OWN_AGENCY and username != UNINVOLVED[0]
                if door.room == "signing" and not their_own:
                    self._try(username, door, keys, doors.REFUSED)
        if self._books() != before:
            self.wrong.append("strangers changed the books of custody")
        for name in ("signing-cancel", "signing-authority-end", "signing-destroy"):
            door = next(door for door in self.pages if door.name == name)
            assert books.try_door(door, keys, self.paper.content).status_code == 302, name

    def _books(self) -> list[Any]:
        """How much is written in the books of custody."""
        tables = ("keydevice", "handover", "authority", "certificaterequest", "keyuse where review <> ''")
        with self._database() as database:
            found = [database.execute(f"select count(*) from signing_{table}").fetchone() for table in tables]  # type: ignore[arg-type]
            events = "select count(*) from audit_event where verb like 'signing.%' and actor_post is not null"
            return [*found, database.execute(events).fetchone()]

    def _trace(self, document: str) -> tuple[Any, ...]:
        """The document's state and the length of its history; only background reports may lengthen it."""
        with self._database() as database:
            row = database.execute(
                "select state, (select count(*) from audit_event where object_id = d.id and actor_post is not null),"
                " (select count(*) from records_documentfile where document_id = d.id),"
                " (select count(*) from exchange_delivery where document_id = d.id)"
                " from records_document d where id = %s",
                [document],
            ).fetchone()
        assert row is not None
        return tuple(row)

    def _database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.cluster.database.url(f"vanthu_{HA_TINH.code}"), autocommit=True)


def _of(station: Station, all_doors: list[Door]) -> list[Door]:
    return [door for door in all_doors if door.room in station.rooms]


@pytest.fixture
def siege(cluster: DemoCluster) -> Iterator[Siege]:
    letter, _decision = sample_papers()
    with ExitStack() as stack:
        yield Siege(cluster, stack, letter)


def test_nobody_does_another_persons_step(siege: Siege) -> None:
    document = _outgoing(siege)
    code, files = _issued(siege, document)
    incoming, incoming_files = _incoming(siege, document)
    for username in (*UNINVOLVED, ANOTHER_AGENCY):
        siege.sees_nothing(username, document, files, code)
    for username in (*UNINVOLVED_THERE, ANOTHER_AGENCY):
        siege.sees_nothing(username, incoming, incoming_files, code)
    assert not siege.wrong, "\n".join(siege.wrong)
    assert siege.tried > 1000


def _outgoing(siege: Siege) -> str:
    drafter, paper = siege.desk("ubnd.chuyenvien"), siege.paper
    people = {person["name"]: person["id"] for person in drafter.get("/colleagues")}
    draft = drafter.post(
        "/drafts",
        {
            "type_code": paper.type_code,
            "subject": SUBJECT,
            "signer_id": people["Trần Quốc Thắng"],
            "recipient_ids": [_agency(drafter, "H27.14")],
        },
    )
    key = str(draft["id"])
    drafter.upload(f"/drafts/{key}/main", paper.name, paper.content)
    drafter.upload(f"/drafts/{key}/annexes", "phu-luc.pdf", paper.content)
    strangers = (UNINVOLVED[0], ANOTHER_AGENCY)
    siege.at(Station(key, strangers, ("ubnd.chanhvp", "ubnd.chutich", "ubnd.vanthu"), rooms=GOING))
    drafter.post(f"/documents/{key}/submit")
    mine = {"ubnd.chuyenvien": {"draft-withdraw"}}
    siege.between(Station(key, strangers, ("ubnd.chuyenvien", "ubnd.chutich", "ubnd.vanthu"), mine, GOING))
    siege.desk("ubnd.chanhvp").post(f"/documents/{key}/approve-review")
    involved = "ubnd.chuyenvien", "ubnd.chanhvp", "ubnd.phochutich", "ubnd.vanthu"
    siege.between(Station(key, strangers, involved, mine, GOING))
    siege.desk("ubnd.chutich").post(f"/documents/{key}/sign", form={"passphrase": DEMO_PASSPHRASE})
    mine = {"ubnd.chuyenvien": {"draft-reopen"}}
    siege.between(Station(key, strangers, ("ubnd.chuyenvien", "ubnd.chanhvp", "ubnd.chutich"), mine, GOING))
    return key


def _agency(drafter: Desk, organ_id: str) -> str:
    rows = drafter.get("/agencies", q=organ_id)
    return next(str(row["id"]) for row in rows if row["organ_id"] == organ_id)


def _issued(siege: Siege, document: str) -> tuple[str, list[str]]:
    clerk = siege.desk("ubnd.vanthu")
    code = clerk.post(f"/documents/{document}/issue", form={"passphrase": DEMO_PASSPHRASE})["code"]
    deciding = {"ubnd.chutich": {"issued-recall", "issued-update"}}
    people = "ubnd.chuyenvien", "ubnd.chanhvp", "ubnd.chutich"
    leader = next(one["id"] for one in clerk.get("/colleagues") if "LEADER" in one["roles"])
    clerk.post(f"/documents/{document}/copies", form={"form": "SY", "way": "E2P", "signer_id": leader})
    siege.at(Station(document, (*UNINVOLVED, ANOTHER_AGENCY), people, deciding))
    siege.custody(document)
    return str(code), [file["id"] for file in clerk.get(f"/documents/{document}")["files"]]


def _incoming(siege: Siege, outgoing: str) -> tuple[str, list[str]]:
    """At the department on the same site; the sender's people have no part in the recipient's document."""
    clerk, leader = siege.desk("snv.vanthu"), siege.desk("snv.giamdoc")
    key = _arrived(clerk)
    strangers = (UNINVOLVED_THERE[0], "ubnd.vanthu", ANOTHER_AGENCY)
    siege.at(Station(key, strangers, ("snv.giamdoc", "snv.chuyenvien"), rooms=COMING))
    clerk.post(f"/documents/{key}/register", {})
    siege.between(Station(key, strangers, ("snv.vanthu", "snv.chuyenvien"), rooms=COMING))
    people = {person["name"]: person["id"] for person in leader.get("/colleagues")}
    leader.post(
        f"/documents/{key}/direct",
        {
            "text": "Nghiên cứu, tham mưu.",
            "lead": people["Phan Đức Mạnh"],
            "collaborators": [people["Trịnh Thị Bích Hằng"]],
            "due_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
        },
    )
    head = {"snv.truongphong": {"handling-finish"}}
    siege.between(Station(key, strangers, ("snv.vanthu", "snv.truongphong"), head, COMING))
    siege.desk("snv.chuyenvien").post(f"/documents/{key}/start")
    siege.between(Station(key, strangers, ("snv.vanthu", "snv.truongphong"), head, COMING))
    siege.desk("snv.chuyenvien").post(f"/documents/{key}/complete", {"result": "Đã xong."})
    people = "snv.vanthu", "snv.truongphong", "snv.chuyenvien", "snv.giamdoc"
    siege.at(Station(key, strangers, people, {"snv.vanthu": {"copy-document"}}))
    return key, [file["id"] for file in clerk.get(f"/documents/{key}")["files"]]


def _arrived(clerk: Desk) -> str:
    end = datetime.now(UTC) + timedelta(seconds=120)
    while datetime.now(UTC) < end:
        rows = clerk.get("/documents", direction="INCOMING", q=MARK)["documents"]
        if rows:
            return str(rows[0]["id"])
    raise AssertionError("the document did not arrive")
