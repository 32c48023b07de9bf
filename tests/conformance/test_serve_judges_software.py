"""``vanthu conformance serve``: right software passes every item, and each fault is found by its item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conformance import robot
from tests.conformance.parts import without_socket
from tests.conformance.robot import Robot

from vanthu.conformance import papers
from vanthu.conformance.host import Host
from vanthu.conformance.lasting import Beginning, LastingHost, OtherTrial, chance_of
from vanthu.conformance.letters import letter
from vanthu.conformance.report import Finding, Report, Verdict
from vanthu.conformance.small_axis import Agency, Answer, MemberSystem, Request
from vanthu.edxml import Organization, write

NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)
FILES = papers.Papers(b"goc", b"%PDF tot", b"%PDF het han", b"%PDF la", b"%PDF sua")


@dataclass
class Place:
    """Where calls go at present."""

    host: LastingHost

    def answer(self, request: Request) -> Answer:
        return self.host.answer(request)


class Clock:
    """Goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def tried(
    folder: Path,
    kind: type[Robot],
    *groups: str,
    desks: tuple[str, ...] | None = None,
    patience: timedelta = timedelta(days=1),
) -> Report:
    clock = Clock()
    host = Host(
        MemberSystem("W01", "Phần mềm thử", "khoa-mot"),
        [Agency("W01", "Cơ quan thử", "W01")],
        folder=folder,
        clock=clock,
        groups=groups,
        many=5,
        slow_seconds=0,
        patience=patience,
        files=FILES,
    )
    with without_socket(host.answer) as http:
        software = kind("https://truc.example", http, clock)
        if desks is None:
            software.do_everything()
        else:
            software.write_to_some(*desks)
    return host.report()


def test_software_that_does_everything_right_passes_every_item(tmp_path: Path) -> None:
    report = tried(tmp_path, Robot)

    told = [(found.item.id, found.seen) for found in report.findings if found.verdict is not Verdict.RIGHT]
    assert {name.partition("-")[0] for name, _ in told} == {"modern"}, "it never came to that door"


def test_software_that_does_everything_right_over_the_modern_door_passes_every_item(tmp_path: Path) -> None:
    report = tried(tmp_path, robot.Modern)

    told = [(found.item.id, found.seen) for found in report.findings if found.verdict is not Verdict.RIGHT]
    assert told == []


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        (robot.ForgetsWhatItKnew, "modern-wait"),
        (robot.TakesNewKeys, "modern-key-once"),
        (robot.LeavesTheQueryOpen, "modern-signed"),
    ],
)
def test_a_fault_at_the_modern_door_is_found(tmp_path: Path, kind: type[Robot], item: str) -> None:
    report = tried(tmp_path, kind, "modern", "refusals", desks=("L2",))
    wrong = [found.item.id for found in report.findings if found.verdict is Verdict.WRONG]
    assert wrong == [item]


def lasting(folder: Path, clock: Clock, news: list[str], **options: int) -> LastingHost:
    def make(beginning: Beginning, at: Callable[[], datetime], tell: Callable[[Finding], None]) -> Host:
        return Host(
            MemberSystem("W01", "Phần mềm thử", "khoa-mot"),
            [Agency("W01", "Cơ quan thử", "W01")],
            folder=folder,
            clock=at,
            on_news=tell,
            groups=("receiving", "line"),
            many=5,
            slow_seconds=0,
            patience=timedelta(days=1),
            files=beginning.files,
            chance=chance_of(beginning),
        )

    path = folder / "trial.sqlite"
    return LastingHost(
        path, make, options=options, clock=clock, on_news=lambda found: news.append(found.item.id)
    )


def test_a_trial_goes_on_after_its_process_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "make", lambda _at: FILES)
    clock, news = Clock(), list[str]()
    host = lasting(tmp_path, clock, news)
    place = Place(host)
    with without_socket(place.answer) as http:
        software = Robot("https://truc.example", http, clock)
        software.live(3)
        before = host.report().as_dict()["items"]
        assert news

        news.clear()
        place.host = again = lasting(tmp_path, clock, news)  # the first is simply dropped, as by kill -9
        assert again.remembered > 10
        assert again.report().as_dict()["items"] == before
        assert news == [], "what is remembered is no news"
        software.do_everything()
    wrong = [found.item.id for found in again.report().findings if found.verdict is not Verdict.RIGHT]
    assert wrong == []
    with pytest.raises(OtherTrial, match="tùy chọn khác"):
        lasting(tmp_path, clock, news, many=7)


@pytest.mark.parametrize("kind", [Robot, robot.UsesTheOlderDownload])
def test_only_the_chosen_scenarios_are_played(tmp_path: Path, kind: type[Robot]) -> None:
    report = tried(tmp_path, kind, "line", desks=())

    assert {found.item.group for found in report.findings} == {"calls", "line"}
    wrong_or_open = {found.item.id for found in report.findings if found.verdict is not Verdict.RIGHT}
    assert wrong_or_open == {"agency-list"}


@pytest.mark.parametrize(
    ("kind", "groups", "desks", "items"),
    [
        (robot.AcknowledgesFirst, ("receiving", "line"), (), ("done-after-whole", "body-cut")),
        (robot.SeesNoRepetition, ("line",), (), ("same-id-again", "other-id-again")),
        (robot.ChecksNoHash, ("line",), (), ("body-other", "body-cut")),
        (robot.ChokesOnStrangers, ("doubtful",), (), ("not-a-packet", "unknown-sender")),
        (
            robot.TakesBadPapers,
            ("doubtful",),
            (),
            ("pdf-expired", "pdf-unknown", "pdf-altered", "file-destroyed"),
        ),
        (robot.LosesTheId, ("reports", "doubtful"), (), ("out-01", "out-02")),
        (robot.GivesNoReason, ("reports", "doubtful", "changes"), (), ("out-02", "out-16")),
        (robot.NamesAnew, ("refusals",), ("L2", "F20"), ("send-500", "fail-20")),
        (robot.NeverStops, ("refusals",), ("F18", "F22"), ("fail-18", "fail-22")),
        (robot.HashesWrongly, ("sending",), ("01",), ("call-hash",)),
        (robot.ClockIsWrong, ("receiving",), (), ("call-clock",)),
    ],
)
def test_a_fault_of_a_software_is_found(
    tmp_path: Path,
    kind: type[Robot],
    groups: tuple[str, ...],
    desks: tuple[str, ...],
    items: tuple[str, ...],
) -> None:
    report = tried(tmp_path, kind, *groups, desks=desks)

    found = {finding.item.id: finding for finding in report.findings}
    assert {item: found[item].verdict for item in items} == dict.fromkeys(items, Verdict.WRONG)
    assert all(found[item].evidence for item in items)


def test_software_that_forgets_what_could_not_be_sent_is_given_time_and_then_found_wrong(
    tmp_path: Path,
) -> None:
    for patience, verdict, said in (
        (timedelta(days=1), Verdict.OPEN, "chờ phần mềm gửi lại"),
        (timedelta(seconds=20), Verdict.WRONG, "không gửi lại"),
    ):
        report = tried(tmp_path, robot.GivesUp, "refusals", desks=("L3",), patience=patience)
        [found] = [finding for finding in report.findings if finding.item.id == "send-503"]
        assert found.verdict is verdict
        assert said in found.seen


@pytest.mark.parametrize(
    ("kind", "group", "item"),
    [
        (robot.StopsAtTheFirst, "receiving", "in-urgent"),
        (robot.IgnoresRepetitions, "line", "same-id-again"),
    ],
)
def test_software_that_leaves_packets_lying_is_found_wrong(
    tmp_path: Path, kind: type[Robot], group: str, item: str
) -> None:
    report = tried(tmp_path, kind, group, desks=(), patience=timedelta(seconds=20))

    [found] = [finding for finding in report.findings if finding.item.id == item]
    assert found.verdict is Verdict.WRONG
    assert "nằm trong danh sách" in found.seen


def test_an_agency_of_several_gets_the_answers_to_its_own_documents(tmp_path: Path) -> None:
    clock = Clock()
    agencies = [Agency("W01", "Cơ quan thử", "W01"), Agency("W01.07", "Phòng thử", "W01")]
    host = Host(
        MemberSystem("W01", "Phần mềm thử", "khoa-mot"),
        agencies,
        folder=tmp_path,
        clock=clock,
        files=FILES,
        many=1,
    )
    with without_socket(host.answer) as http:
        client = Robot("https://truc.example", http, clock).client
        packet = letter(
            Organization("W01.07", "Phòng thử"),
            Organization("W00.01", "Đối tác"),
            "1",
            clock(),
            subject="Thử",
        )
        client.send_edoc(write(packet), sender="W01.07", message_type="edoc")

        for_it = [row.recipient for row in client.received("status") if row.recipient == "W01.07"]

    assert len(for_it) == 5
