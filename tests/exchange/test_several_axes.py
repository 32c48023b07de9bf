"""A site with a provincial and a national axis: who is reached by which, and how packets look there."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.test import Client as Browser
from tests.exchange.conftest import Office, issue, make_agency, make_office, send, send_waiting
from tests.exchange.test_inbox import letter

from vanthu.axis import actions as axis_actions
from vanthu.axis.actions import AgencyDetails
from vanthu.axis.models import Member, Packet
from vanthu.directory.models import Agency, AgencyIdentifier, Person
from vanthu.edxml import DocumentPacket, StatusPacket, read, write
from vanthu.exchange import axes, axis, inbox, jobs, queries, routes, rules
from vanthu.exchange.axes import Axis, BadAxesFile
from vanthu.exchange.models import Delivery, DeliveryState, InboxPacket, Link, Listing, OutboxPacket
from vanthu.exchange.packets import load
from vanthu.exchange.profiles import BUILT_IN, Profile, Spelling, spell
from vanthu.formalities import Steering
from vanthu.handling import actions as handling
from vanthu.vxp import Client

NOWHERE = "http://127.0.0.1:9"
Declare = Callable[[str], Path]


@pytest.fixture
def declare(settings: object, tmp_path: Path) -> Declare:
    """Write an axes file and use it."""

    def write(text: str) -> Path:
        path = tmp_path / f"truc-{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(text, encoding="utf-8")
        settings.VANTHU = settings.VANTHU.model_copy(update={"axes_file": path, "axis_url": ""})
        return path

    return write


def two(url: str = NOWHERE, national: str = 'agencies = ["G"]') -> str:
    return f"""
        [[axis]]
        name = "tinh"
        label = "Trục liên thông tỉnh"
        url = "{url}"
        system_id = "H20"
        secret_file = "tinh.secret"

        [[axis]]
        name = "quoc-gia"
        label = "Trục liên thông quốc gia"
        url = "{url}"
        system_id = "H20.TW"
        secret_file = "quoc-gia.secret"
        {national}
    """


@dataclass(frozen=True)
class Net:
    """One real axis, on which the site is two members: for it, two axes."""

    commune: Office
    ministry: Agency
    elsewhere: Client


@pytest.fixture
def net(axis_url: str, declare: Declare, tmp_path: Path) -> Iterator[Net]:
    commune = make_office("Ủy ban nhân dân xã Phú Thịnh", "H20.45")
    AgencyIdentifier.objects.create(agency=commune.agency, code="000.00.45.H20", primary=False)
    ministry = make_agency("Bộ Nội vụ", "G09", hosted=False)
    secrets = {}
    for system_id in ("H20", "H20.TW", "G09"):
        _, secrets[system_id] = axis_actions.add_member(system_id, system_id)
    put("H20", "H20.45", "Ủy ban nhân dân xã Phú Thịnh")
    put("H20.TW", "000.00.45.H20", "Ủy ban nhân dân xã Phú Thịnh")
    put("G09", "G09", "Bộ Nội vụ")
    (tmp_path / "tinh.secret").write_text(secrets["H20"])
    (tmp_path / "quoc-gia.secret").write_text(secrets["H20.TW"])
    declare(two(axis_url, 'agencies = ["G"]\nprofile = "trung-uong"') + PROFILE)
    with Client(axis_url, "G09", secrets["G09"]) as elsewhere:
        yield Net(commune, ministry, elsewhere)


PROFILE = """
[profile.trung-uong]
based_on = "flat"
identifiers = "qcvn"
lengths = { subject = 40 }
"""


def put(member: str, code: str, name: str) -> None:
    axis_actions.put_agency(Member.objects.get(system_id=member), AgencyDetails(code, name))


def packet_at(client: Client, doc_id: str) -> DocumentPacket | StatusPacket:
    target = io.BytesIO()
    client.download(doc_id, target)
    return read(target.getvalue()).packet


# The file


def test_the_file_declares_axes_and_profiles_of_its_own(declare: Declare, tmp_path: Path) -> None:
    for name in ("tinh", "quoc-gia"):
        (tmp_path / f"{name}.secret").write_text("khoa")

    declare(two(national='agencies = ["G"]\nprofile = "trung-uong"\nprotocol = "vxp"') + PROFILE)

    tinh, quoc_gia = axes.configured()
    assert (tinh.name, tinh.agencies, tinh.profile) == ("tinh", "default", BUILT_IN["standard"])
    assert tinh.secret_file == tmp_path / "tinh.secret"
    assert (quoc_gia.protocol, quoc_gia.profile.identifiers) == (axes.Protocol.VXP, Spelling.QCVN)
    assert (quoc_gia.profile.lengths.subject, quoc_gia.profile.lengths.organ_id) == (40, 35)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "không có mục [[axis]] nào"),
        ("[[axis", "array"),
        ("[axe]", "axe"),
        ('[[axis]]\nname = "tinh"\nsystem_id = "H20"', "url"),
        ('[[axis]]\nname = "tinh"\nsystem_id = "H20"\nurl = "truc.example"', "url"),
        ('[[axis]]\nname = "Tỉnh"\nsystem_id = "H20"\nurl = "http://t"', "name"),
        ('[[axis]]\nname = "local"\nsystem_id = "H20"\nurl = "http://t"', "local"),
        ('[[axis]]\nname = "tinh"\nsystem_id = "H20"\nurl = "http://t"\nport = 3', "port"),
        ('[[axis]]\nname = "tinh"\nsystem_id = "H20"\nurl = "http://t"\nprofile = "la"', "la"),
        ('[[axis]]\nname = "tinh"\nsystem_id = "H20"\nurl = "http://t"\nsecret_file = "mat"', "mat"),
        ('[[axis]]\nname = "tinh"\nsystem_id = "H20"\nurl = "http://t"\nagencies = [""]', "agencies"),
        ('[[axis]]\nname = "t"\nsystem_id = "H20"\nurl = "http://t"\n' * 2, "khác nhau"),
        (
            '[[axis]]\nname = "a"\nsystem_id = "H20"\nurl = "http://t"\n'
            '[[axis]]\nname = "b"\nsystem_id = "H20"\nurl = "http://t"\n',
            "default",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_reason(declare: Declare, text: str, reason: str) -> None:
    path = declare(text)

    with pytest.raises(BadAxesFile) as refused:
        axes.configured()

    assert str(path) in refused.value.text
    assert reason in refused.value.text


def test_the_file_and_the_short_form_exclude_each_other(declare: Declare, settings: object) -> None:
    declare(two())
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_url": NOWHERE})

    with pytest.raises(BadAxesFile, match="VANTHU_AXIS_URL"):
        axes.configured()


def test_the_short_form_is_one_axis_for_everybody(settings: object) -> None:
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_url": NOWHERE, "axis_system_id": "H20"})

    [one] = axes.configured()

    assert (one.name, one.url, one.system_id, one.agencies) == (axes.ONE, NOWHERE, "H20", "default")
    assert axes.pick([one], ["G09"], []) is one


# Who goes by which


def line(name: str, agencies: object = "default") -> Axis:
    return Axis(name=name, url="http://t", system_id="H20", agencies=agencies)  # type: ignore[arg-type]


def test_the_longest_claim_on_an_identifier_of_any_generation_decides() -> None:
    lines = [line("tinh"), line("quoc-gia", ("G", "H29")), line("y-te", ("G18",)), line("dn", "listed")]

    def name(codes: list[str], listed: list[str] | None = None) -> str | None:
        found = axes.pick(lines, codes, listed or [])
        return found.name if found else None

    assert name(["H20.07"]) == "tinh"
    assert name(["G09"]) == "quoc-gia"
    assert name(["000.00.12.G09"]) == "quoc-gia"
    assert name(["G18.02"], ["dn"]) == "y-te"
    assert name(["0101234567"], ["dn"]) == "dn"
    assert axes.pick(lines[1:], ["H20.07"], []) is None


def test_the_identifier_is_spelled_as_the_axis_knows_it() -> None:
    codes = ["H20.45", "000.00.45.H20"]
    assert spell(Profile(), codes) == "H20.45"
    assert spell(Profile(), codes, "000.00.45.H20") == "000.00.45.H20"
    assert spell(BUILT_IN["qcvn-2016"], codes) == "000.00.45.H20"
    assert spell(BUILT_IN["qcvn-2016"], ["H20.45"]) == "H20.45"
    assert spell(Profile(identifiers=Spelling.QD20), codes[::-1], "000.00.45.H20") == "H20.45"
    assert spell(Profile(), []) == ""


@pytest.mark.django_db
def test_an_agency_that_an_axis_stops_listing_is_no_longer_reached_by_it(net: Net, declare: Declare) -> None:
    put("G09", "0101234567", "Tổng công ty Điện lực")
    put("G09", "G18", "Bộ Y tế")
    jobs.sync_agencies("quoc-gia")
    company = Agency.objects.get(identifiers__code="0101234567")
    assert Listing.objects.get(agency=company).axis == "quoc-gia"
    before = Listing.objects.count()

    ministry = Member.objects.get(system_id="G09")
    axis_actions.delete_agency(ministry, "0101234567", axis_actions.acting(ministry))
    jobs.sync_agencies("quoc-gia")

    assert not Listing.objects.filter(agency=company).exists()
    assert Listing.objects.count() == before - 1


@pytest.mark.django_db
def test_an_agency_on_both_lists_is_called_as_the_first_axis_calls_it(net: Net) -> None:
    jobs.sync_agencies("tinh")
    put("G09", "G09", "Bộ Nội vụ (cũ)")
    jobs.sync_agencies("quoc-gia")
    net.ministry.refresh_from_db()
    assert net.ministry.name == "Bộ Nội vụ"

    jobs.sync_agencies("tinh")
    net.ministry.refresh_from_db()
    assert net.ministry.name == "Bộ Nội vụ (cũ)"


# Sending


@pytest.mark.django_db
def test_each_axis_gets_one_packet_written_its_way(net: Net) -> None:
    neighbour = make_agency("Sở Tư pháp", "H20.01", hosted=False)
    put("H20", "H20.01", "Sở Tư pháp")

    document = issue(net.commune)
    document.steering = Steering.STEERING
    document.save()
    send(net.commune, document, net.ministry, neighbour)
    send_waiting()

    packets = {row.axis: row for row in OutboxPacket.objects.all()}
    assert {name: row.recipients for name, row in packets.items()} == {
        "tinh": ["H20.01"],
        "quoc-gia": ["G09"],
    }
    assert set(Delivery.objects.values_list("axis", "state")) == {("tinh", "SENT"), ("quoc-gia", "SENT")}
    [row] = net.elsewhere.received("edoc")
    national = packet_at(net.elsewhere, row.doc_id)
    assert isinstance(national, DocumentPacket)
    assert national.sender.organ_id == "000.00.45.H20"
    assert (national.type, national.type_detail, national.type_name) == (18, 0, "Công văn")
    assert national.steering_type == 1, "steering as this axis numbers it"
    provincial = load(packets["tinh"].sha256)
    assert isinstance(provincial, DocumentPacket)
    assert provincial.steering_type == 2
    assert {organ.organ_id for organ in national.recipients} == {"G09", "H20.01"}
    assert Packet.objects.count() == 2


@pytest.mark.django_db
def test_a_field_too_long_for_an_axis_is_refused_before_anything_is_sent(net: Net) -> None:
    document = issue(net.commune, subject="V/v " + "báo cáo " * 10)

    with pytest.raises(rules.TooLongForAxis) as refused:
        send(net.commune, document, net.ministry)

    assert refused.value.text.startswith(
        "Trục liên thông quốc gia chỉ nhận trích yếu tối đa 40 ký tự (hiện có"
    )
    assert not OutboxPacket.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_packet_too_large_for_an_axis_is_refused_before_anything_is_sent(
    net: Net, declare: Declare, axis_url: str
) -> None:
    declare(two(axis_url, 'agencies = ["G"]\nprofile = "nho"') + "[profile.nho]\nmax_packet_mb = 1\n")
    document = issue(net.commune)
    make_large(document, net.commune)

    with pytest.raises(rules.TooLargeForAxis):
        send(net.commune, document, net.ministry)
    assert not OutboxPacket.objects.exists()


def make_large(document: object, office: Office) -> None:
    from vanthu.records import files
    from vanthu.records.models import FileKind, FileStage

    files.add_version(
        document,
        b"%PDF-1.7\n" + b"x" * (1 << 20),
        kind=FileKind.MAIN,
        stage=FileStage.SEALED,
        name="cong-van.pdf",
        actor=office.clerk,
    )


@pytest.mark.django_db
def test_a_silent_axis_holds_up_only_what_goes_through_it(net: Net, declare: Declare, axis_url: str) -> None:
    national = 'agencies = ["G"]\nprofile = "trung-uong"'
    declare(two(axis_url, national).replace(axis_url, NOWHERE, 1) + PROFILE)
    neighbour = make_agency("Sở Tư pháp", "H20.01", hosted=False)

    send(net.commune, issue(net.commune), net.ministry, neighbour)
    send_waiting()

    assert Delivery.objects.get(recipient=net.ministry).state == DeliveryState.SENT
    assert Delivery.objects.get(recipient=neighbour).state == DeliveryState.QUEUED
    jobs.poll_axis("tinh")
    jobs.poll_axis("quoc-gia")
    tinh, quoc_gia = queries.axis_links()
    assert tinh.link is not None
    assert quoc_gia.link is not None
    assert (bool(tinh.link.error), bool(quoc_gia.link.error)) == (True, False)


@pytest.mark.django_db
def test_an_axis_that_answers_again_gets_at_once_what_waited_for_it_and_no_other(
    net: Net, declare: Declare, axis_url: str, frozen_clock: Callable[[object], None]
) -> None:
    declare(two(NOWHERE))
    neighbour = make_agency("Sở Tư pháp", "H20.01", hosted=False)
    put("H20", "H20.01", "Sở Tư pháp")
    send(net.commune, issue(net.commune), net.ministry, neighbour)
    send_waiting()
    jobs.poll_axis("tinh")
    jobs.poll_axis("quoc-gia")

    declare(two(axis_url))
    jobs.poll_axis("tinh")
    send_waiting()

    assert Delivery.objects.get(recipient=neighbour).state == DeliveryState.SENT
    assert Delivery.objects.get(recipient=net.ministry).state == DeliveryState.QUEUED


@pytest.mark.django_db
def test_what_waits_for_an_axis_that_is_not_declared_any_more_goes_by_the_default_one(
    net: Net, declare: Declare, axis_url: str
) -> None:
    text = two(axis_url)
    declare(text)
    send(net.commune, issue(net.commune), net.ministry)
    declare(text[: text.index("[[axis]]", text.index("[[axis]]") + 1)])

    send_waiting()

    assert Delivery.objects.get().state == DeliveryState.SENT


# Receiving


@pytest.mark.django_db
def test_a_status_goes_back_by_the_axis_that_the_document_came_through(net: Net) -> None:
    from tests.exchange.test_axis import letter

    from vanthu.edxml import write

    net.elsewhere.send_edoc(write(letter("000.00.45.H20")), sender="G09", message_type="edoc")
    jobs.poll_axis("tinh")
    assert not InboxPacket.objects.exists()
    jobs.poll_axis("quoc-gia")
    row = InboxPacket.objects.get()
    assert (row.source, row.agency) == ("quoc-gia", net.commune.agency)

    handling.take_in(row.id)
    send_waiting()

    status = OutboxPacket.objects.get()
    assert (status.axis, status.sender_code) == ("quoc-gia", "000.00.45.H20")
    [told] = net.elsewhere.received("status")
    packet = packet_at(net.elsewhere, told.doc_id)
    assert isinstance(packet, StatusPacket)
    assert packet.sender.organ_id == "000.00.45.H20"


@pytest.mark.django_db
def test_each_axis_has_its_own_poller(net: Net) -> None:
    assert axis.lease("tinh:poll", 60)

    jobs.poll_axis("tinh")
    jobs.poll_axis("quoc-gia")

    answered = dict(Link.objects.values_list("name", "answered_at"))
    assert answered["quoc-gia:poll"] is not None
    assert answered["tinh:poll"] is None


def test_a_worker_runs_a_loop_for_each_axis(declare: Declare, tmp_path: Path) -> None:
    from vanthu.base import worker

    for name in ("tinh", "quoc-gia"):
        (tmp_path / f"{name}.secret").write_text("khoa")
    declare(two(national='agencies = "listed"\npoll_seconds = 7'))

    [loops] = [loops() for name, loops in worker._loops if name == "vanthu.exchange.jobs.follow_axis"]

    assert [(name, seconds()) for name, _, seconds in loops] == [
        ("vanthu.exchange.jobs.follow_axis[tinh]", 2),
        ("vanthu.exchange.jobs.follow_axis[quoc-gia]", 7),
    ]


@pytest.mark.django_db
def test_finding_the_ways_to_many_costs_as_many_questions_as_to_few(
    net: Net, django_assert_num_queries: Callable[[int], object]
) -> None:
    for number in range(20):
        make_agency(f"Sở số {number}", f"H20.{number:02}", hosted=False)
    for count in (2, 20):
        some = list(Agency.objects.filter(hosted=False)[:count])
        with django_assert_num_queries(2):  # type: ignore[attr-defined]
            routes.of_all(some)


@pytest.mark.django_db
def test_a_received_document_is_steering_as_its_axis_numbers_it_and_found_by_that(
    declare: Declare, commune: Office, ministry: Agency
) -> None:
    told = two().replace('label = "Trục liên thông tỉnh"', 'label = "Trục liên thông tỉnh"\nprofile = "flat"')
    folder = declare(told).parent
    for name in ("tinh", "quoc-gia"):
        (folder / f"{name}.secret").write_text("khoa")
    browser = Browser()
    browser.force_login(Person.objects.get(pk=commune.clerk.person_id))
    taken = {}
    for axis_name, number in (("tinh", 1), ("quoc-gia", 1), ("quoc-gia", 3), ("quoc-gia", 10)):
        code = f"{len(taken) + 1}/BNV-TH"
        steered = replace(letter(commune.code), steering_type=number, document_id=f"G09,{code}")
        [row] = inbox.receive(axis_name, f"chi-dao-{code}", write(steered))
        taken[axis_name, number] = handling.take_in(row.pk)
    assert [document.steering for document in taken.values()] == ["STEERING", "", "REPORT", ""]
    seen = [browser.get(f"/documents/{document.pk}/").content.decode() for document in taken.values()]
    assert [("Văn bản chỉ đạo" in page, "Báo cáo kết quả chỉ đạo" in page) for page in seen] == [
        (True, False),
        (False, False),
        (False, True),
        (False, False),
    ]
    assert ["Loại chỉ đạo theo bên gửi" in page for page in seen] == [False, False, False, True]
    for wanted, found in (("STEERING", ("tinh", 1)), ("REPORT", ("quoc-gia", 3))):
        listed = browser.get(f"/incoming/?steering={wanted}")
        assert [row.pk for row in listed.context["page"].documents] == [taken[found].pk]
        asked = browser.get(f"/api/v1/documents?direction=INCOMING&steering={wanted}").json()["documents"]
        assert [(row["id"], row["steering"]) for row in asked] == [(str(taken[found].pk), wanted)]
    assert len(browser.get("/incoming/?steering=gi-do").context["page"].documents) == len(taken)
