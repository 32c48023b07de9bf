"""Takes the screenshots of the documentation from the running demonstration, so that they stay true.

    make demo                      (in another window, after a story: .venv/bin/vanthu story)
    .venv/bin/python tools/screenshots.py [--out docs/screenshots] [--all]

``--all`` takes every page wide and narrow, light and dark, for looking at them before a change is called done.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

BASE = int(os.environ.get("VANTHU_DEMO_PORT") or 8100)
SITES = {"truc": BASE, "hatinh": BASE + 1, "vpcp": BASE + 2}
WIDE, NARROW = (1366, 768), (360, 740)
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"]
CHROMIUM += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class Shot:
    """One page: whose session, which path; ``first`` follows the first link with that prefix on the path's page."""

    name: str
    site: str
    username: str
    path: str
    first: str = ""
    press: str = ""


SHOTS = [
    Shot("sign-in", "hatinh", "", "/accounts/login/"),
    Shot("work", "hatinh", "ubnd.vanthu", "/"),
    Shot("work-leader", "hatinh", "ubnd.chutich", "/"),
    Shot("drafting", "hatinh", "ubnd.chuyenvien", "/drafts/new/"),
    Shot("document-page", "hatinh", "ubnd.vanthu", "/outgoing/", first="/documents/"),
    Shot("incoming-document", "vpcp", "vpcp.vanthu", "/incoming/", first="/documents/"),
    Shot("incoming-list", "hatinh", "snv.vanthu", "/incoming/"),
    Shot("outgoing-list", "hatinh", "ubnd.vanthu", "/outgoing/"),
    Shot("registers", "hatinh", "ubnd.vanthu", "/registers/"),
    Shot("register", "hatinh", "ubnd.vanthu", "/registers/", first="/registers/"),
    Shot("directory", "hatinh", "ubnd.chuyenvien", "/directory/"),
    Shot("search", "hatinh", "ubnd.vanthu", "/search/?q=chuyen doi so"),
    Shot("axis", "truc", "truc.vanhanh", "/axis/"),
]
DOCUMENTED = {"sign-in", "work", "document-page", "incoming-document", "drafting", "axis", "register"}


def main() -> None:
    """Parse the arguments and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    program = os.environ.get("VANTHU_CHROMIUM") or shutil.which("chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        for shot in SHOTS:
            if given.only and shot.name not in given.only.split(","):
                continue
            if given.all or shot.name in DOCUMENTED:
                for label, size, scheme in _looks(given.all):
                    _take(browser, shot, size, scheme, given.out / f"{shot.name}{label}.png")
        browser.close()


def _looks(every: bool) -> Iterator[tuple[str, tuple[int, int], str]]:
    yield "", WIDE, "light"
    if every:
        yield "-dark", WIDE, "dark"
        yield "-narrow", NARROW, "light"
        yield "-narrow-dark", NARROW, "dark"


def _take(browser: Browser, shot: Shot, size: tuple[int, int], scheme: str, target: Path) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
    )
    page = context.new_page()
    base = f"http://127.0.0.1:{SITES[shot.site]}"
    if shot.username:
        page.goto(f"{base}/accounts/login/")
        page.locator(f"form:has(input[value='{shot.username}']) button").first.click()
        page.wait_for_load_state("networkidle")
    page.goto(base + shot.path)
    if shot.first:
        _follow(page, base, shot)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.screenshot(path=str(target))
    print(f"{target.name}{'  OVERFLOW ' + str(overflow) if overflow > 0 else ''}")
    context.close()


def _follow(page: Page, base: str, shot: Shot) -> None:
    links = page.locator(f"main a[href^='{shot.first}']")
    hrefs = [links.nth(index).get_attribute("href") or "" for index in range(links.count())]
    deeper = [href for href in hrefs if href != shot.path]
    if not deeper:
        raise SystemExit(f"{shot.name}: nothing to follow on {shot.path}; run a story first")
    page.goto(base + deeper[0])


if __name__ == "__main__":
    main()
