"""The pages in a real browser: calm console, strict content policy, no other host, 360 px, accessible."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.web.office import Office, make_office

from vanthu.records.models import Direction, Document
from vanthu.web import panels

pytestmark = pytest.mark.django_db(transaction=True)

THEMES = ["light", "dark"]
WIDE, PHONE = (1366, 768), (360, 740)


@pytest.fixture
def full_office(monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office where Trần Đức Thắng has something of every look waiting."""
    monkeypatch.setitem(panels._namers, Direction.OUTGOING.value, _named)
    office = make_office()
    for urgency in range(5):
        subject = "Về việc ứng phó với mưa lớn, lũ quét và sạt lở đất trên địa bàn các xã miền núi của tỉnh"
        office.outgoing("thang", f"{subject} ({urgency})", urgency=urgency, code=f"{40 + urgency}/QĐ-UBND")
    return office


def _named(_document: Document) -> panels.State:
    return panels.State("Chờ ký", "progress", "signature")


def sign_in(watched: Any, name: str = "Trần Đức Thắng") -> None:
    watched.go("/accounts/login/")
    watched.page.get_by_role("button", name=name).click()
    watched.page.wait_for_url(watched.address + "/")


def assert_accessible(watched: Any) -> None:
    report = Axe().run(watched.page)
    assert report.violations_count == 0, report.generate_report()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_shared_page_is_calm_fits_and_is_accessible(
    browse: Any, full_office: Office, theme: str, size: tuple[int, int]
) -> None:
    watched = browse(*size, theme=theme)
    watched.go("/accounts/login/")
    watched.assert_fits()
    assert_accessible(watched)
    sign_in(watched)
    for path in ("/", "/outgoing/", "/accounts/password/change/", "/styleguide/"):
        watched.go(path)
        watched.assert_fits()
        assert_accessible(watched)
    watched.assert_calm()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_document_page_draws_the_pages(browse: Any, full_office: Office, size: tuple[int, int]) -> None:
    watched = browse(*size)
    watched.go("/styleguide/document")
    watched.page.wait_for_selector(".pdfViewer .page[data-page-number='1'] canvas")
    watched.page.wait_for_selector(".textLayer span[role=presentation]")
    assert watched.page.inner_text("[data-count]") == "2"
    assert _is_drawn(watched.page)
    watched.assert_fits()
    assert_accessible(watched)
    watched.assert_calm()


def _is_drawn(page: Any) -> bool:
    """Whether the first page's canvas holds dark points, that is, letters."""
    found: bool = page.evaluate(
        """() => {
          const canvas = document.querySelector(".pdfViewer .page canvas");
          const points = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          for (let i = 0; i < points.length; i += 4) if (points[i] < 80 && points[i + 3] === 255) return true;
          return false;
        }"""
    )
    return found


def test_pages_are_turned_by_keys_and_found_by_text(browse: Any, full_office: Office) -> None:
    watched = browse()
    page = watched.page
    watched.go("/styleguide/document")
    page.wait_for_selector(".textLayer span[role=presentation]")
    page.keyboard.press("j")
    page.wait_for_function("document.querySelector('[data-page]').value === '2'")
    page.keyboard.press("PageUp")
    page.wait_for_function("document.querySelector('[data-page]').value === '1'")
    before = page.inner_text("[data-scale]")
    page.keyboard.press("+")
    page.wait_for_function(
        "before => document.querySelector('[data-scale]').textContent !== before", arg=before
    )
    page.keyboard.press("Control+f")
    page.keyboard.type("sat lo")
    page.wait_for_selector(".textLayer .highlight.selected")
    assert page.inner_text("[data-found]").endswith("/2")
    page.click("[data-do=thumbs]")
    page.wait_for_selector("[data-thumbs] button:nth-child(2) canvas[width='200']")
    watched.assert_calm()


def test_a_file_that_cannot_be_shown_says_why_and_can_be_downloaded(browse: Any, full_office: Office) -> None:
    watched = browse()
    watched.go("/styleguide/document?pdf=/health/live")
    watched.page.wait_for_selector("[data-failed]:not([hidden])")
    assert "không phải PDF hoặc đã hỏng" in watched.page.inner_text("[data-reason]")
    assert watched.page.get_attribute("[data-failed] a", "href") == "/health/live"


def test_typed_text_survives_closing_and_leaving_the_page(browse: Any, full_office: Office) -> None:
    watched = browse()
    page = watched.page
    watched.go("/styleguide/document")
    page.click("[data-dialog=return]")
    page.fill("#return-reason", "Bổ sung căn cứ")
    page.keyboard.press("Escape")
    watched.go("/styleguide/")
    watched.go("/styleguide/document")
    assert page.input_value("#return-reason") == "Bổ sung căn cứ"


def test_on_a_phone_the_panel_and_the_places_are_sheets(browse: Any, full_office: Office) -> None:
    watched = browse(*PHONE)
    page = watched.page
    sign_in(watched)
    assert not page.is_visible(".side a[href='/outgoing/']")
    page.click(".bottom [data-sheet=places]")
    page.wait_for_selector(".side a[href='/outgoing/']", state="visible")
    page.keyboard.press("Escape")
    page.wait_for_selector(".side a[href='/outgoing/']", state="hidden")
    watched.go("/styleguide/document")
    page.click(".doc-bar [data-press]")
    page.wait_for_selector("#dialog-direct[open]")
    assert_accessible(watched)
    watched.assert_fits()
    watched.assert_calm()


def test_dark_is_chosen_kept_and_drawn_before_the_first_paint(browse: Any, full_office: Office) -> None:
    watched = browse()
    page = watched.page
    watched.go("/accounts/login/")
    page.click("details.menu summary")
    page.click("[data-theme-choice=dark]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    watched.go("/accounts/login/")
    assert page.get_attribute("html", "data-bs-theme") == "dark"


def test_the_bar_stays_in_sight_on_a_long_page(browse: Any, full_office: Office) -> None:
    watched = browse()
    watched.go("/styleguide/")
    watched.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    assert watched.page.evaluate("window.scrollY") > 1000
    assert watched.page.evaluate("document.querySelector('.topbar').getBoundingClientRect().top") == 0


def test_new_work_appears_by_itself(browse: Any, full_office: Office) -> None:
    watched = browse()
    page = watched.page
    sign_in(watched)
    page.wait_for_selector("[hx-get*='seen=']", state="attached")
    full_office.outgoing("thang", "Văn bản vừa trình")
    page.evaluate(
        "htmx.ajax('GET', document.querySelector('[hx-get*=seen]').getAttribute('hx-get'), "
        "{source: '[hx-get*=seen]', swap: 'outerHTML'})"
    )
    page.wait_for_selector("text=Văn bản vừa trình")
    assert page.inner_text("#work-count-side") == "6"
    watched.assert_calm()
