"""Electronic, with paper, on paper, or not at all: table T1, who is not ready, what the head's list says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.conftest import Office, issue, make_agency, make_office, send

from vanthu.base import clock
from vanthu.base.actors import NotYours, RoleRequired
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyKind, Person, Post
from vanthu.exchange import actions, completeness, decisions, packets, readiness, rules
from vanthu.exchange.models import (
    Cause,
    Channel,
    Delivery,
    DeliveryState,
    NotReady,
    OutboxPacket,
    PaperList,
    Side,
)
from vanthu.legal.channels import (
    CHANNEL_RULES,
    Case,
    Fact,
    RecipientClass,
    Verdict,
    classes_of,
    decide,
    rule_of,
)

DAY = date(2026, 11, 20)


@pytest.fixture
def on_axis(settings: object) -> None:
    """The site has an axis, which nobody calls."""
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_url": "http://127.0.0.1:9"})


def case(
    *facts: Fact, type_code: str = "CONG_VAN", classes: tuple[RecipientClass, ...] = (), **more: object
) -> Case:
    return Case(type_code=type_code, facts=frozenset(facts), classes=frozenset(classes), **more)  # type: ignore[arg-type]


# The table


@pytest.mark.parametrize(
    ("given_case", "rule", "verdict"),
    [
        (case(Fact.SECRET, Fact.RESTRICTED), "SECRET_GUARD", Verdict.REFUSED),
        (case(Fact.RESTRICTED, Fact.NOT_READY), "RESTRICTED_STAMP", Verdict.PAPER),
        (case(Fact.NOT_READY, Fact.LISTED), "QD28_7_1", Verdict.PAPER),
        (case(Fact.UNREACHABLE, type_code="TO_TRINH", locality="H27"), "S3_2_5", Verdict.PAPER),
        (case(classes=(RecipientClass.GOVERNMENT,)), "QD28_7_2", Verdict.HYBRID),
        (case(classes=(RecipientClass.SUPERIOR,), normative=True, locality="H27"), "HT_7_1", Verdict.HYBRID),
        (case(classes=(RecipientClass.SUPERIOR,), locality="H27"), "QD28_4", Verdict.ELECTRONIC),
        (case(type_code="TO_TRINH", locality="H27"), "HT_7_2", Verdict.HYBRID),
        (case(type_code="TO_TRINH", locality="H20"), "QD28_4", Verdict.ELECTRONIC),
        (case(Fact.LISTED), "LIST_7_3b", Verdict.HYBRID),
        (case(), "QD28_4", Verdict.ELECTRONIC),
    ],
)
def test_the_first_line_that_fits_decides(given_case: Case, rule: str, verdict: Verdict) -> None:
    found = decide(given_case, DAY)
    assert (found.id, found.verdict) == (rule, verdict)


def test_a_line_binds_only_from_the_day_it_is_in_force() -> None:
    proposal = case(type_code="TO_TRINH", locality="H27")
    assert decide(proposal, date(2019, 6, 30)).id == "QD28_4"
    assert decide(proposal, date(2019, 7, 1)).id == "HT_7_2"


@given(
    st.frozensets(st.sampled_from(Fact)),
    st.frozensets(st.sampled_from(RecipientClass)),
    st.sampled_from(["CONG_VAN", "TO_TRINH", "QUYET_DINH_QPPL", ""]),
    st.booleans(),
    st.dates(),
)
def test_every_case_is_decided_and_nothing_restricted_ever_goes_electronically(
    facts: frozenset[Fact], classes: frozenset[RecipientClass], type_code: str, normative: bool, day: date
) -> None:
    found = decide(Case(type_code, normative, "H27", classes, facts), day)

    assert found.citation
    assert found.sentence
    if day >= date(2019, 7, 1) and facts & {Fact.SECRET, Fact.RESTRICTED, Fact.NOT_READY}:
        assert found.verdict in {Verdict.PAPER, Verdict.REFUSED}


def test_rules_keep_their_ids_apart_and_can_be_found_again() -> None:
    ids = [rule.id for rule in CHANNEL_RULES]
    assert len(set(ids)) == len(ids)
    assert rule_of("QD28_4") is CHANNEL_RULES[-1]
    assert rule_of("none") is None


def test_what_a_recipient_is_follows_from_identifiers_and_the_directory() -> None:
    def of(theirs: str, *, superior: bool = False, outside: bool = False) -> set[RecipientClass]:
        levels = theirs.split(".")
        return set(classes_of(["H27", "14", "02"], levels, superior=superior, outside=outside))

    assert of("G22") == {RecipientClass.GOVERNMENT}
    assert of("G22.01") == set()
    assert of("H27.14") == {RecipientClass.SUPERIOR}
    assert of("H27.15") == set()
    assert of("G09", superior=True) == {RecipientClass.SUPERIOR}
    assert of("A12") == {RecipientClass.OUTSIDE}
    assert of("H27.77", outside=True) == {RecipientClass.OUTSIDE}
    assert of("G15.03") == {RecipientClass.INSPECTOR}


# A document and its recipients


@pytest.fixture
def government(db: None) -> Agency:
    return make_agency("Văn phòng Chính phủ", "G22", hosted=False)


@pytest.mark.django_db
def test_each_recipient_gets_it_its_way_and_the_rule_stays_with_the_delivery(
    on_axis: None, commune: Office, department: Office, ministry: Agency, government: Agency
) -> None:
    company = make_agency("Công ty cấp nước", "", hosted=False, address="12 Trần Phú")
    unready = make_agency("Xã Bình Thạnh", "H20.46", hosted=False, ready=False)

    deliveries = send(commune, issue(commune), department.agency, ministry, government, company, unready)

    assert [(row.recipient.name, row.channel, row.rule, row.with_paper) for row in deliveries] == [
        ("Sở Nội vụ", Channel.LOCAL, "QD28_4", False),
        ("Bộ Nội vụ", Channel.AXIS, "QD28_4", False),
        ("Văn phòng Chính phủ", Channel.AXIS, "QD28_7_2", True),
        ("Công ty cấp nước", Channel.PAPER, "S3_2_5", False),
        ("Xã Bình Thạnh", Channel.PAPER, "QD28_7_1", False),
    ]
    paper_said = {
        tuple(row.recipients): packets.load(row.sha256).business.paper  # type: ignore[union-attr]
        for row in OutboxPacket.objects.all()
    }
    assert paper_said[("G22",)] is True
    assert not paper_said[("G09",)]


@pytest.mark.django_db
def test_paper_follows_the_electronic_original_where_a_rule_asks_for_it(
    on_axis: None, commune: Office, government: Agency, ministry: Agency
) -> None:
    accompanied, plain = send(commune, issue(commune), government, ministry)

    actions.posted(commune.clerk, accompanied.id)
    accompanied.refresh_from_db()
    assert accompanied.paper_sent_at is not None
    assert (accompanied.state, accompanied.sent_at) == (DeliveryState.QUEUED, None)
    with pytest.raises(rules.NotResendable):
        actions.posted(commune.clerk, accompanied.id)

    with pytest.raises(rules.PaperRefused):
        actions.posted(commune.clerk, plain.id)
    Delivery.objects.filter(pk=plain.pk).update(sent_at=clock.now())
    browser = Browser()
    browser.force_login(Person.objects.get(pk=commune.clerk.person_id))
    page = browser.get(f"/documents/{plain.document_id}/deliveries/").content.decode()
    assert page.count("Gửi thêm bản giấy…") == 1, "only where no rule asks for it, and with a reason"
    browser.post(f"/exchange/deliveries/{plain.pk}/posted", {"reason": "Nơi nhận đề nghị để lưu hồ sơ"})
    assert (
        "Gửi thêm bản giấy…"
        not in browser.get(f"/documents/{plain.document_id}/deliveries/").content.decode()
    )
    plain.refresh_from_db()
    assert plain.paper_sent_at is not None


@pytest.mark.django_db
def test_a_subject_with_a_mark_of_state_secrecy_is_not_sent_at_all(
    commune: Office, department: Office
) -> None:
    document = issue(commune, subject="MẬT: Kế hoạch diễn tập")

    with pytest.raises(rules.ChannelRefused, match="bí mật nhà nước"):
        send(commune, document, department.agency)
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_an_enterprise_is_outside_the_administration(commune: Office) -> None:
    company = make_agency("Công ty Điện lực", "H20.90", hosted=False)
    company.kind = AgencyKind.STATE_ENTERPRISE
    company.save()
    [decision] = decisions.of_all(commune.agency, [company], type_code="CONG_VAN")
    assert decision.rule.id == "S3_2_5"


@pytest.mark.django_db
def test_deciding_for_many_costs_as_many_questions_as_for_few(
    on_axis: None, commune: Office, django_assert_num_queries: Callable[[int], object]
) -> None:
    for number in range(20):
        make_agency(f"Sở số {number}", f"H20.{number:02}", hosted=False)
    for count in (2, 20):
        sender = Agency.objects.get(pk=commune.agency.pk)
        some = list(Agency.objects.filter(hosted=False)[:count])
        with django_assert_num_queries(4):  # type: ignore[attr-defined]
            decisions.of_all(sender, some, type_code="CONG_VAN")


# Who is not ready


def not_ready(office: Office, recipient: Agency | None, cause: Cause = Cause.SECURITY) -> NotReady:
    return readiness.note_not_ready(
        office.clerk,
        recipient=recipient,
        cause=cause,
        since=DAY,
        reason="Mất kết nối mạng truyền số liệu",
        evidence="Công văn 15/TTCNTT",
    )


@pytest.mark.django_db
def test_a_recipient_noted_as_not_ready_gets_paper_until_it_is_ready_again(
    on_axis: None, commune: Office, ministry: Agency
) -> None:
    noted = not_ready(commune, ministry, Cause.INTERCONNECTION)
    assert noted.side == Side.RECEIVER

    [decision] = decisions.of_all(commune.agency, [ministry], type_code="CONG_VAN")
    assert (decision.rule.id, decision.route.channel, decision.because) == ("QD28_7_1", Channel.PAPER, noted)

    readiness.end_not_ready(commune.clerk, noted.id)
    [decision] = decisions.of_all(commune.agency, [ministry], type_code="CONG_VAN")
    assert decision.rule.id == "QD28_4"
    with pytest.raises(NotYours):
        readiness.end_not_ready(commune.clerk, noted.id)
    not_ready(commune, ministry)


@pytest.mark.django_db
def test_when_the_sender_is_not_ready_everybody_gets_paper_but_only_from_it(
    on_axis: None, commune: Office, department: Office, ministry: Agency
) -> None:
    assert not_ready(commune, None).side == Side.SENDER

    mine = decisions.of_all(commune.agency, [department.agency, ministry], type_code="CONG_VAN")
    theirs = decisions.of_all(department.agency, [commune.agency, ministry], type_code="CONG_VAN")

    assert {decision.rule.id for decision in mine} == {"QD28_7_1"}
    assert {decision.rule.id for decision in theirs} == {"QD28_4"}


@pytest.mark.django_db
def test_a_note_needs_reason_evidence_and_a_clerk_and_is_made_once(commune: Office, ministry: Agency) -> None:
    not_ready(commune, ministry)
    with pytest.raises(rules.AlreadyNoted):
        not_ready(commune, ministry)
    with pytest.raises(rules.ReasonNeeded):
        readiness.note_not_ready(
            commune.clerk, recipient=None, cause=Cause.SECURITY, since=DAY, reason="Hỏng máy", evidence=" "
        )
    person = Person.objects.create_user("chuyenvien", "matkhau-chuyen-vien", full_name="Đỗ Văn Bình")
    post = Post.objects.create(
        person=person, agency=commune.agency, position="Chuyên viên", roles=["SPECIALIST"]
    )
    with pytest.raises(RoleRequired):
        readiness.note_not_ready(
            directory.actor_of(post),
            recipient=None,
            cause=Cause.SECURITY,
            since=DAY,
            reason="x",
            evidence="y",
        )


# The head's list


@pytest.mark.django_db
def test_the_heads_list_adds_paper_while_it_is_in_force(
    on_axis: None, commune: Office, department: Office, ministry: Agency
) -> None:
    line = readiness.add_to_paper_list(
        commune.clerk, decision="Quyết định 12/QĐ-UBND", type_code="BAO_CAO", recipient=ministry, since=DAY
    )

    def rule(recipient: Agency, type_code: str = "BAO_CAO", on: date = DAY) -> str:
        [decision] = decisions.of_all(commune.agency, [recipient], type_code=type_code, on=on)
        return decision.citation if decision.listed else decision.rule.id

    assert rule(ministry) == "QĐ 28/2018/QĐ-TTg Đ7.2.b; Quyết định 12/QĐ-UBND"
    assert rule(ministry, "CONG_VAN") == "QD28_4"
    assert rule(department.agency) == "QD28_4"
    assert rule(ministry, on=DAY - timedelta(days=1)) == "QD28_4"
    readiness.end_paper_list(commune.clerk, line.id)
    line.refresh_from_db()
    assert line.until is not None
    assert rule(ministry, on=line.until) == "QD28_4"
    with pytest.raises(NotYours):
        readiness.end_paper_list(commune.clerk, line.id)


@pytest.mark.django_db
def test_lists_and_notes_of_one_agency_are_nobody_elses(
    client: Browser, commune: Office, ministry: Agency
) -> None:
    stranger = make_office("Sở Tư pháp", "H20.01")
    noted = not_ready(commune, ministry)
    line = readiness.add_to_paper_list(commune.clerk, decision="QĐ riêng của xã", since=DAY)

    with pytest.raises(NotYours):
        readiness.end_not_ready(stranger.clerk, noted.id)
    with pytest.raises(NotYours):
        readiness.end_paper_list(stranger.clerk, line.id)
    client.force_login(Person.objects.get(username="vanthu.H20.01"))
    page = client.get("/exchange/readiness/").content.decode()
    assert noted.reason not in page
    assert line.decision not in page


# The page


@pytest.mark.django_db
def test_the_clerk_enters_both_on_the_page(client: Browser, commune: Office, ministry: Agency) -> None:
    client.force_login(Person.objects.get(username="vanthu.H20.45"))
    form = {
        "organ_id": "G09",
        "cause": "SECURITY",
        "since": "2026-11-20",
        "reason": "Sự cố",
        "evidence": "BB 3",
    }

    assert client.post("/exchange/readiness/not-ready", {**form, "organ_id": "G99"}).status_code == 422
    assert client.post("/exchange/readiness/not-ready", form).status_code == 302
    paper = {"decision": "Quyết định 12/QĐ-UBND", "type_code": "BAO_CAO", "since": "2026-11-20"}
    assert client.post("/exchange/readiness/paper", paper).status_code == 302

    page = client.get("/exchange/readiness/").content.decode()
    assert "Bộ Nội vụ" in page
    assert "Quyết định 12/QĐ-UBND" in page
    assert client.post(f"/exchange/readiness/{NotReady.objects.get().pk}/end").status_code == 302
    assert client.post(f"/exchange/readiness/paper/{PaperList.objects.get().pk}/end").status_code == 302
    assert decisions.open_exceptions(commune.agency.id) == []


# Completeness


@pytest.mark.django_db
def test_a_packet_that_lacks_something_is_not_sent_and_the_clerk_learns_where_to_fill_it_in(
    commune: Office, department: Office
) -> None:
    document = issue(commune)
    document.issue_place = document.signer_position = ""
    document.save()

    with pytest.raises(rules.Incomplete) as refused:
        send(commune, document, department.agency)

    assert "địa danh (ô Địa danh của dự thảo)" in refused.value.text
    assert "chức vụ người ký" in refused.value.text
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_before_numbering_only_what_the_clerks_button_gives_may_be_missing(commune: Office) -> None:
    document = issue(commune)
    document.code, document.document_id, document.issued_date = "", "", None

    assert completeness.missing(document, (), numbered=False) == []
    assert len(completeness.missing(document, ())) == 3
