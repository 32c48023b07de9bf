"""The office the page tests look at, demo mode, served front-end files, and a browser that is watched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from tests.chromium import running_chromium
from tests.web.office import Office, make_office


@pytest.fixture
def office(db: None) -> Office:
    """UBND xã Hương Sơn with its people."""
    return make_office()


@pytest.fixture
def demo_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site runs as a demo."""
    monkeypatch.setattr(settings.VANTHU, "demo", True)


@pytest.fixture
def front_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The installed front-end packages are served even where ``vanthu build`` was not run."""
    from django.contrib.staticfiles import finders

    from vanthu.web import assets

    if not (settings.ASSETS_DIR / "vendor" / "pdfjs").is_dir():
        assets.install(settings.PROJECT)
    if settings.ASSETS_DIR not in settings.STATICFILES_DIRS:
        settings.STATICFILES_DIRS = [settings.ASSETS_DIR]
        finders.get_finder.cache_clear()


@dataclass
class Watched:
    """A browser page and everything that went wrong on it."""

    page: Any
    address: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a path of the site."""
        self.page.goto(self.address + path, wait_until="load")

    def assert_calm(self) -> None:
        """Nothing in the console, nothing refused by the content policy, nothing asked of another host."""
        assert not self.faults, "\n".join(self.faults)

    def assert_fits(self) -> None:
        """The page is not wider than the screen."""
        wide, screen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= screen, f"{wide} px of content on a screen of {screen} px"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for the tests of a file."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def browse(chromium: Any, live_server: Any, front_end: None, demo_mode: None) -> Iterator[Any]:
    """``browse(width=…, theme=…)`` opens a watched page on a running site."""
    contexts = []

    def opened(width: int = 1366, height: int = 768, theme: str = "light") -> Watched:
        context = chromium.new_context(
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watched = Watched(page, live_server.url)
        page.on("pageerror", lambda error: watched.faults.append(f"script: {error}"))
        page.on("console", lambda message: _note(watched, message))
        page.on("request", lambda request: _outside(watched, request.url))
        return watched

    yield opened
    for context in contexts:
        context.close()


def _note(watched: Watched, message: Any) -> None:
    if message.type in {"error", "warning"}:
        watched.faults.append(f"console {message.type}: {message.text} {message.location.get('url', '')}")


def _outside(watched: Watched, url: str) -> None:
    if not url.startswith((watched.address, "data:", "blob:")):
        watched.faults.append(f"asked another host: {url}")
