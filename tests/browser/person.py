"""A person of the demonstration in front of a browser, doing what people do, and watched for faults.

Owns one browser context per person: what is typed, pressed and read. Every console error, refused content,
failed script and request to another host is kept as a fault of the office.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.pki import DEMO_PASSPHRASE
from vanthu.demo.sites import AGENCY_SITES, PASSWORD, DemoPerson, DemoSite

PATIENCE_MS = 60_000
WIDE, PHONE = (1366, 768), (360, 740)
LOOK = os.environ.get("VANTHU_LOOK", "")
"""A folder for a picture of each step, to be looked at by the person who changes a page."""


class Office:
    """Everybody's desks, opened when first asked for, and the faults that were seen on any of them."""

    def __init__(self, cluster: DemoCluster, chromium: Any) -> None:
        self.cluster = cluster
        self.faults: list[str] = []
        self._chromium = chromium
        self._people: dict[str, PersonAtDesk] = {}

    def __call__(self, username: str, *, size: tuple[int, int] = WIDE, theme: str = "light") -> PersonAtDesk:
        """The person at their desk, signed in."""
        if username not in self._people:
            self._people[username] = self.arrive(username, size=size, theme=theme)
            self._people[username].choose_self()
        return self._people[username]

    def arrive(
        self, username: str, *, size: tuple[int, int] = WIDE, theme: str = "light", language: str = "vi-VN"
    ) -> PersonAtDesk:
        """A new context for the person, not signed in yet."""
        context = self._chromium.new_context(
            locale=language,
            timezone_id="Asia/Ho_Chi_Minh",
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            reduced_motion="reduce",
            has_touch=size == PHONE,
        )
        site, person = whereabouts(username)
        desk = PersonAtDesk(context, self.cluster.url(site), person, self.faults)
        self._people.setdefault(f"{username} {len(self._people)}", desk)
        return desk

    def adopt(self, desk: PersonAtDesk) -> None:
        """From now on this is where the person sits."""
        self._people[desk.person.username] = desk

    def close(self) -> None:
        """Close every context."""
        for context in {id(desk.context): desk.context for desk in self._people.values()}.values():
            for page in context.pages if LOOK else ():
                page.screenshot(path=str(Path(LOOK) / f"end-{urlsplit(page.url).port}-{id(page)}.png"))
            context.close()


class PersonAtDesk:
    """One person's browser."""

    def __init__(self, context: Any, address: str, person: DemoPerson, faults: list[str]) -> None:
        self.context, self.address, self.person, self._faults = context, address, person, faults
        self._looks = 0
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self._note(f"script: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", lambda request: self._outside(request.url))

    # --- coming in ---------------------------------------------------------------------------------------------

    def choose_self(self) -> None:
        """Sign in by the list of people that the demonstration offers."""
        self.go("/accounts/login/")
        self.page.locator(f"form:has(input[value='{self.person.username}']) button").click()
        self.page.wait_for_url(self.address + "/")

    def type_password(self) -> None:
        """Sign in as people do: name, password, Enter."""
        self.go("/accounts/login/")
        self.page.get_by_label("Tên đăng nhập").fill(self.person.username)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.address + "/")

    # --- going about -------------------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        """Open a path of the person's site."""
        self.page.goto(self.address + path, wait_until="load")

    def open_work(self, group: str, subject: str) -> str:
        """Open the document out of a group of the work list; returns its path."""
        self.go("/")
        section = self.page.locator("section.group").filter(has=self.page.get_by_role("heading", name=group))
        row = section.locator("li").filter(has_text=subject)
        row.first.wait_for()
        row.locator("a.row-line").first.click()
        self.page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}/$"))
        return self.path

    def await_work(self, group: str, subject: str) -> None:
        """Wait in front of the work list until the document stands there; no reload by hand."""
        if self.path != "/":
            self.go("/")
        section = self.page.locator("section.group").filter(has=self.page.get_by_role("heading", name=group))
        section.locator("li").filter(has_text=subject).first.wait_for()

    @property
    def path(self) -> str:
        """Where the person is."""
        return str(self.page.url).removeprefix(self.address)

    # --- doing -------------------------------------------------------------------------------------------------

    def press(self, label: str) -> None:
        """Press a button of the panel, and wait until the page that follows stands."""
        with self.page.expect_navigation():
            self.page.locator(".doc-panel").get_by_role("button", name=label, exact=True).first.click()

    def ask(self, label: str) -> Any:
        """Open the dialog behind a button of the panel."""
        self.page.locator(".panel-next").get_by_role("button", name=label, exact=True).first.click()
        dialog = self.page.locator("dialog[open]")
        dialog.wait_for()
        return dialog

    def confirm(self, dialog: Any) -> None:
        """Press the dialog's own button and wait for what follows."""
        with self.page.expect_navigation():
            dialog.locator(".dialog-do button[type=submit]").click()

    def with_key(self, label: str, passphrase: str = DEMO_PASSPHRASE) -> None:
        """Sign or seal with the passphrase of the key."""
        dialog = self.ask(label)
        dialog.get_by_label("Mật khẩu khóa ký").fill(passphrase)
        self.confirm(dialog)

    def tab_to(self, selector: str, most: int = 60) -> None:
        """Reach an element from the top of the page with the Tab key alone."""
        self.page.evaluate("document.body.focus(); document.activeElement.blur()")
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached within {most} Tab presses")

    # --- reading -----------------------------------------------------------------------------------------------

    def sees(self, text: str | re.Pattern[str], where: str = "body") -> None:
        """Wait until the text stands in the page."""
        self.page.locator(where).filter(has_text=text).first.wait_for()

    def told(self, text: str | re.Pattern[str]) -> None:
        """Wait until the page says this in a message."""
        self.page.locator(".toast-line").filter(has_text=text).first.wait_for()

    def sees_pages_drawn(self) -> None:
        """Wait until the viewer has drawn letters of the first page."""
        self.page.wait_for_selector(".pdfViewer .page[data-page-number='1'] canvas")
        self.page.wait_for_selector(".textLayer span[role=presentation]")
        self.page.wait_for_function(_LETTERS_DRAWN)

    def assert_fits(self) -> None:
        """The page is not wider than the screen."""
        wide, screen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= screen, f"{self.path}: {wide} px of content on a screen of {screen} px"

    def look(self, name: str) -> None:
        """Keep a picture where ``VANTHU_LOOK`` says so."""
        if LOOK:
            self._looks += 1
            self.page.wait_for_timeout(250)
            target = Path(LOOK) / f"{self.person.username}-{self._looks:02}-{name}.png"
            self.page.screenshot(path=str(target))

    # --- watched -----------------------------------------------------------------------------------------------

    def _console(self, message: Any) -> None:
        if message.type not in {"error", "warning"}:
            return
        where = message.location.get("url", "")
        # Chromium reports every refused upload (4xx) as a console error; the page's own words are tested instead.
        if "Failed to load resource" in message.text and re.search(r"status of 4(13|22)", message.text):
            return
        # How htmx logs a search that newer typing replaced, or a question that the next page made needless.
        if message.text.startswith(("htmx:afterRequest", "htmx:sendAbort")):
            return
        self._note(f"console {message.type}: {message.text} {where}")

    def _outside(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self._note(f"asked another host: {url}")

    def _note(self, fault: str) -> None:
        self._faults.append(f"{self.person.username} at {self.path}: {fault}")


_LETTERS_DRAWN = """() => {
  const canvas = document.querySelector(".pdfViewer .page canvas");
  if (!canvas || !canvas.width) return false;
  const points = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  for (let i = 0; i < points.length; i += 4) if (points[i] < 80 && points[i + 3] === 255) return true;
  return false;
}"""


def whereabouts(username: str) -> tuple[DemoSite, DemoPerson]:
    """The site and the person; raises ``KeyError``."""
    for site in AGENCY_SITES:
        for agency in site.agencies:
            for person in agency.people:
                if person.username == username:
                    return site, person
    raise KeyError(username)
