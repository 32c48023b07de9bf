"""Vietnamese is the language of the interface, English stands complete beside it; data stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real
from lxml import html
from tests import world as worlds
from tests.axis import axis_parts
from tests.jobs import run_jobs

from vanthu.base import clock
from vanthu.base.actors import Role, RoleRequired
from vanthu.commands import build, messages
from vanthu.directory.models import Agency, OrgUnit, Person, Post
from vanthu.exchange import inbox
from vanthu.exchange.rules import Unreadable
from vanthu.handling import actions as handling
from vanthu.issuing import actions as issuing
from vanthu.records.models import Direction, Document, DocumentFile, Register
from vanthu.web import styleguide, words
from vanthu.web.templatetags.vanthu import left_text

VIETNAMESE = re.compile("[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
READ_ATTRIBUTES = re.compile(
    "aria-label|title|placeholder|alt|label|data-(label|text-|sending|checking|unsaved|too-large).*"
)
NAMES = re.compile(
    r"Tiếng Việt|“tuyến đường”|“Kính gửi”|“Nơi nhận”"
    r"|(NĐ|QĐ|TT|NQ) \d[^ ]*( (Đ|PL )[^ ,;.]*)?|\d+/\d{4}/[A-ZĐ-]+"
)
"""What is Vietnamese in every language: names of languages, of laws, words that stand on the paper."""

TYPED = [
    "Giao đồng chí Nam tham mưu văn bản trả lời.",
    "Bổ sung căn cứ.",
    "Không thuộc thẩm quyền của Sở.",
    "Đã dự thảo xong, đang xin ý kiến.",
    "Đề nghị nêu rõ thời hạn.",
]

MADE_UP = [
    styleguide.SUBJECT,
    "Phụ lục danh mục các điểm có nguy cơ sạt lở đất, lũ quét năm 2026.xlsx",
    "Khẩn trương, báo cáo trước 16 giờ hằng ngày.",
    "Gửi nhầm nơi nhận.",
    *("Võ Trọng Hải", "Nguyễn Thị Mười", "Trần Đức Thắng", "Lê Thị Hoa", "Trần Văn Bình", "Phạm Thị Cúc"),
    *("UBND tỉnh Hà Tĩnh", "UBND xã Hương Sơn", "Sở Nông nghiệp và Môi trường", "Hội Cựu chiến binh tỉnh"),
    *("Công ty Thủy lợi Nam Hà Tĩnh", "Các sở, ban, ngành", "UBND các xã, phường", "Phó Chủ tịch"),
    *("Phòng Nông nghiệp", "Phòng Tài chính"),
]
"""The people and documents of the page of components."""

AUTHORITY = "CA phục vụ cơ quan nhà nước (thử nghiệm)"


@pytest.fixture(scope="module", autouse=True)
def catalogs() -> None:
    """The catalogue as it stands in the source, whatever was built before."""
    build.compile_catalogs()
    trans_real._translations.clear()  # type: ignore[attr-defined]
    words._translated.cache_clear()
    words._templates.cache_clear()


@pytest.fixture(autouse=True)
def language_of_the_site() -> Iterator[None]:
    """A request leaves its language behind in the thread; the next test must not find it."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture
def world(db: None) -> worlds.World:
    return worlds.build()


@pytest.fixture
def demo_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.VANTHU, "demo", True)


def test_every_text_of_the_screen_is_translated_and_none_is_left_over() -> None:
    assert messages.catalogs(), "there is no catalogue"
    assert messages.problems() == []


def test_gathering_again_changes_nothing(tmp_path: Path) -> None:
    [path] = messages.catalogs()
    copy = _copy(tmp_path, path.read_text(encoding="utf-8"))
    assert messages.update(copy) == 0
    assert copy.read_bytes() == path.read_bytes()


def test_a_missing_a_doubtful_and_a_superfluous_translation_are_named(tmp_path: Path) -> None:
    [path] = messages.catalogs()
    text = path.read_text(encoding="utf-8")
    text = text.replace('msgstr "My work"', 'msgstr ""')
    text = text.replace('msgid "Đăng xuất"', '#, fuzzy\nmsgid "Đăng xuất"')
    text = text.replace('msgstr "%(n)s pages"', 'msgstr "pages"').replace('"%(n)s pages"', '"pages"')
    copy = _copy(tmp_path, text + '\nmsgid "Không ai nói câu này"\nmsgstr "Nobody says this"\n')
    assert sorted(messages._problems_of(copy, messages.extracted())) == [
        "en: chưa chắc: Đăng xuất",
        "en: chưa dịch: Việc của tôi",
        "en: chỗ điền khác nhau: %(n)s trang → pages",
        "en: thừa: Không ai nói câu này",
    ]


def test_stored_sentences_are_said_in_the_language_of_the_page() -> None:
    stored = {
        "Đã phát hành": "Issued",
        "Thiếu trích yếu.": "Missing: subject.",
        "Chưa trình được: chưa có trích yếu, chưa chọn người ký.": (
            "Cannot be submitted yet: no subject, no signer chosen."
        ),
        "Sở Nội vụ từ chối tiếp nhận: Gửi sai nơi nhận": (
            "Sở Nội vụ refused the document: Sent to the wrong recipient"
        ),
        "Một câu do người dùng gõ": "Một câu do người dùng gõ",
        "": "",
    }
    with translation.override("en"):
        assert {text: words.said(text) for text in stored} == stored
    with translation.override("vi"):
        assert [words.said(text) for text in stored] == list(stored)


def test_errors_are_said_in_the_language_of_the_page_and_stay_vietnamese_in_themselves() -> None:
    error = RoleRequired(role="văn thư")
    with translation.override("en"):
        assert words.said(error) == "This is done by the records clerk."
        assert words.said(Unreadable(reason="x")) == "The packet could not be read: x"
        assert words.error_answer(error)["message"] == words.said(error)
        assert error.text == "Việc này do văn thư thực hiện."
    assert words.error_answer(error) == error.as_dict()


@pytest.mark.parametrize(
    ("left", "vietnamese", "english"),
    [
        (timedelta(hours=2, minutes=1), "còn 2 giờ", "2 hours left"),
        (timedelta(days=1, hours=1), "còn 1 ngày", "1 day left"),
        (timedelta(seconds=20), "sắp hết hạn", "due now"),
        (timedelta(seconds=-20), "vừa quá hạn", "just overdue"),
        (timedelta(days=-3, hours=-1), "quá hạn 3 ngày", "overdue by 3 days"),
    ],
)
def test_time_left_in_both_languages(left: timedelta, vietnamese: str, english: str) -> None:
    with clock.frozen(worlds.NOW):
        with translation.override("vi"):
            assert left_text(worlds.NOW + left) == vietnamese
        with translation.override("en"):
            assert left_text(worlds.NOW + left) == english


def test_vietnamese_is_the_language_unless_another_is_asked_for(db: None) -> None:
    browser = Client()
    assert "Đăng nhập" in browser.get("/accounts/login/").content.decode()
    strange = browser.get("/accounts/login/", headers={"Accept-Language": "fr-FR,fr;q=0.9"}).content.decode()
    assert '<html lang="vi"' in strange
    assert "Đăng nhập" in strange
    english = browser.get("/accounts/login/", headers={"Accept-Language": "en-GB,en;q=0.9"}).content.decode()
    assert '<html lang="en"' in english
    assert "Sign in" in english


def test_the_language_chosen_on_the_page_stays(db: None) -> None:
    browser = Client()
    browser.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    assert "Sign in" in browser.get("/accounts/login/").content.decode()
    browser.post("/i18n/setlang/", {"language": "vi", "next": "/accounts/login/"})
    assert "Đăng nhập" in browser.get("/accounts/login/").content.decode()


def test_what_a_user_of_the_english_pages_does_is_recorded_and_sent_in_vietnamese(
    world: worlds.World,
) -> None:
    arrived = _arrived(world)
    browser = _browser(world.department, "clerk")
    fields = {"code": "WRONG_ADDRESSEE", "reason": "Không thuộc thẩm quyền của Sở."}
    browser.post(f"/documents/{arrived.pk}/reject", fields)
    run_jobs()
    letter = Document.objects.get(direction=Direction.OUTGOING)
    description = letter.deliveries.get().statuses.last().description
    assert "Gửi sai nơi nhận" in description
    assert "Sent to the wrong" not in description


def test_pages_without_a_document_speak_english(world: worlds.World, demo_mode: None) -> None:
    clerk = _browser(world.province, "clerk")
    stranger = Client(headers={"Accept-Language": "en"})
    book = Register.objects.filter(agency=world.province.agency).first()
    assert book is not None
    paths = [
        *("/", "/incoming/", "/outgoing/", "/outgoing/?q=khong&state=DRAFT&urgent=1", "/drafts/new/"),
        *("/registers/", f"/registers/{book.pk}/2026/", "/directory/", "/directory/?q=zzz"),
        *("/search/", "/search/?q=zzz", "/exchange/quarantine/", "/styleguide/", "/styleguide/document"),
        *("/accounts/logout/", "/drafts/agencies/?q=so", "/drafts/agencies/?q=zzz"),
        "/documents/00000000-0000-7000-8000-000000000000/",
    ]
    _speak_english((clerk, path) for path in paths)
    _speak_english((stranger, path) for path in ("/accounts/login/", "/khong-co/"))
    refused = clerk.post("/accounts/login/", {})
    assert refused.status_code in {200, 302}
    wrong = stranger.post("/accounts/login/", {"login": "ai", "password": "sai"}).content.decode()
    assert _vietnamese_in(wrong) == []


def test_an_outgoing_document_speaks_english_at_every_step(world: worlds.World) -> None:
    office = world.province
    empty = issuing.create_draft(office.specialist, worlds.DraftData(type_code="CONG_VAN", subject=""))
    in_review = worlds.draft(office, [world.department.agency], by="unit_specialist", urgency=1)
    issuing.submit(office.unit_specialist, in_review.pk)
    _everybody_reads(office, empty, in_review)
    issuing.return_draft(office.unit_head, in_review.pk, TYPED[1])
    signed = worlds.signed(office, [world.department.agency])
    _everybody_reads(office, in_review, signed)
    _speak_english([(_browser(office, "unit_specialist"), f"/documents/{in_review.pk}/edit/")])
    issued = issuing.issue(office.clerk, signed.pk, worlds.PASSPHRASE)
    run_jobs()
    _everybody_reads(office, issued)
    _speak_english((_browser(office, name), "/") for name in office.posts)


def test_an_incoming_document_speaks_english_at_every_step(world: worlds.World) -> None:
    office = world.department
    arrived = _arrived(world)
    _everybody_reads(office, arrived)
    handling.register(office.clerk, arrived.pk)
    _everybody_reads(office, arrived)
    handling.direct(
        office.leader,
        arrived.pk,
        text=TYPED[0],
        lead=office.posts["specialist"].pk,
        collaborators=[office.posts["colleague"].pk],
        due_at=clock.now() + timedelta(days=3),
    )
    handling.add_note(office.specialist, arrived.pk, TYPED[3])
    _everybody_reads(office, arrived)
    handling.start(office.specialist, arrived.pk)
    run_jobs()
    _everybody_reads(office, arrived)
    _everybody_reads(world.province, Document.objects.get(direction=Direction.OUTGOING))
    _speak_english((_browser(office, name), path) for name in office.posts for path in ("/", "/incoming/"))


def test_refusals_and_the_quarantine_speak_english(world: worlds.World) -> None:
    arrived = _arrived(world)
    handling.reject(world.department.clerk, arrived.pk, "WRONG_ADDRESSEE", TYPED[2])
    inbox.receive("axis", "d1", b"<edXML")
    run_jobs()
    letter = Document.objects.get(direction=Direction.OUTGOING)
    _everybody_reads(world.department, arrived)
    _everybody_reads(world.province, letter)
    clerk = _browser(world.province, "clerk")
    _speak_english([(clerk, "/exchange/quarantine/"), (clerk, "/outgoing/")])
    _speak_english([(_browser(world.province, "specialist"), "/exchange/quarantine/")])
    again = clerk.post(f"/documents/{letter.pk}/issue", {"passphrase": worlds.PASSPHRASE})
    page = clerk.get(f"/documents/{letter.pk}/") if again.status_code == 302 else again
    assert _vietnamese_in(page.content.decode()) == []


def test_the_axis_speaks_english(axis: axis_parts.Axis) -> None:
    axis.province.send_edoc(axis_parts.document(priority=2), sender="H27.01", message_type="edoc")
    person = Person.objects.create_user("truc", worlds.PASSWORD, full_name="Lê Văn Trực")
    office = Agency.objects.create(name="Đơn vị vận hành trục", hosted=True)
    Post.objects.create(person=person, agency=office, position="Vận hành", roles=[Role.OPERATOR.value])
    operator = Client(headers={"Accept-Language": "en"})
    operator.force_login(person)
    _speak_english((operator, path) for path in ("/axis/", "/axis/packets/?q=zzz"))


@pytest.fixture
def axis(db: None) -> Iterator[axis_parts.Axis]:
    import httpx
    from tests.axis.conftest import _connection_kept, _members

    from vanthu.wsgi import application

    with httpx.Client(transport=httpx.WSGITransport(app=application)) as http, _connection_kept():
        yield axis_parts.Axis("http://testserver", _members(), http)


def _copy(folder: Path, text: str) -> Path:
    copy = folder / "en" / "LC_MESSAGES" / "django.po"
    copy.parent.mkdir(parents=True)
    copy.write_text(text, encoding="utf-8")
    return copy


def _arrived(world: worlds.World) -> Document:
    worlds.issued(world.province, [world.department.agency], urgency=3)
    run_jobs()
    return Document.objects.get(direction=Direction.INCOMING)


def _browser(office: worlds.Office, who: str) -> Client:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(office.posts[who].person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return browser


def _everybody_reads(office: worlds.Office, *documents: Document) -> None:
    _speak_english(
        (_browser(office, who), f"/documents/{document.pk}/")
        for document in documents
        for who in office.posts
    )


def _speak_english(pages: Any) -> None:
    for browser, path in pages:
        answer = browser.get(path)
        assert answer.status_code != 302, path
        left = _vietnamese_in(answer.content.decode())
        assert left == [], f"{path}: {left}"


def _vietnamese_in(page: str) -> list[str]:
    """What is still Vietnamese on a page after names and everything that people typed are taken away."""
    data = sorted(_data(), key=len, reverse=True)
    found = []
    for text in _texts(html.fromstring(page)):
        bare = " ".join(text.split())
        for known in data:
            bare = bare.replace(known, "")
        if VIETNAMESE.search(NAMES.sub("", bare)):
            found.append(" ".join(text.split()))
    return found


def _texts(page: Any) -> Iterator[str]:
    for element in page.iter():
        if (
            not isinstance(element.tag, str)
            or element.tag in {"script", "style"}
            or element.get("class") == "avatar-chip"
        ):
            continue
        yield element.text or ""
        yield from (str(value) for name, value in element.attrib.items() if READ_ATTRIBUTES.fullmatch(name))
        yield from (child.tail or "" for child in element)


def _data() -> set[str]:
    """The words of the world: names, positions, subjects, what was typed."""
    found = {*TYPED, *MADE_UP, AUTHORITY}
    for agency in Agency.objects.all():
        found |= {agency.name, agency.abbreviation, agency.place}
    for post in Post.objects.all():
        found |= {post.position, post.competence}
    found |= set(Person.objects.values_list("full_name", flat=True))
    found |= set(OrgUnit.objects.values_list("name", flat=True))
    found |= set(Register.objects.values_list("name", flat=True))
    found |= set(DocumentFile.objects.values_list("name", flat=True))
    for document in Document.objects.all():
        found |= {document.subject, document.code, document.issuer_name, document.signer_name}
        found |= {document.issue_place, document.signer_position, *document.distribution}
    found |= {
        "Đơn vị vận hành trục",
        "Vận hành",
        "Hà Tĩnh",
        "Lạng Sơn",
        "Sở Y tế",
        "Sở Nội vụ",
        "Sở Tài chính",
    }
    return found - {""}
