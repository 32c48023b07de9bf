"""A person puts the places on the page image: by mouse, by keys, by finger; what is kept is what was seen."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from tests import world as worlds
from tests.issuing import desk
from tests.issuing.test_placing import reserved_spots
from tests.web.conftest import Watched, browse, chromium, demo_mode, front_end

__all__ = ["browse", "chromium", "demo_mode", "front_end"]

pytestmark = pytest.mark.django_db(transaction=True)


def sit_down(watched: Watched, who: Any) -> None:
    """Signed in without typing: the way in has tests of its own."""
    client = Client()
    client.force_login(who.person)
    cookies = [
        {"name": name, "value": kept.value, "url": watched.address} for name, kept in client.cookies.items()
    ]
    watched.page.context.add_cookies(cookies)


def millimetres_per_dot(watched: Watched) -> float:
    width = watched.page.locator(".page[data-page-number='1']").bounding_box()["width"]
    return 210 / float(width)


def test_the_signer_moves_signature_and_seal_by_mouse_keys_and_finger(browse: Any) -> None:
    world = worlds.build()
    document = desk.submitted(world)
    found = reserved_spots(document)
    for size, touch, down in (((1366, 768), False, 150), ((360, 740), True, 40)):
        watched = browse(*size)
        page = watched.page
        sit_down(watched, world.province.posts["leader"])
        watched.go(f"/documents/{document.pk}/places/")
        box, seal = (page.locator(f".place-box[data-part={part}]") for part in ("signature", "seal"))
        box.wait_for()
        page.wait_for_selector(".textLayer span[role=presentation]")
        start, scale = box.bounding_box(), millimetres_per_dot(watched)
        before = {
            name: float(page.input_value(f"[name={name}]"))
            for name in ("signature-top", "seal-top", "seal-left")
        }
        if touch:
            drag_by_finger(page, start, down)
        else:
            across = start["x"] + start["width"] - 20  # the seal lies on the left third
            page.mouse.move(across, start["y"] + 20)
            page.mouse.down()
            page.mouse.move(across, start["y"] + 20 + down, steps=4)
            page.mouse.up()
        moved = float(page.input_value("[name=signature-top]")) - before["signature-top"]
        assert moved == pytest.approx(down * scale, abs=1.5 * scale)
        assert float(page.input_value("[name=seal-top]")) - before["seal-top"] == pytest.approx(
            moved, abs=0.2
        )
        assert box.bounding_box()["y"] == pytest.approx(start["y"] + down, abs=3)
        seal.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+ArrowUp")
        assert float(page.input_value("[name=seal-left]")) == pytest.approx(before["seal-left"] + 1, abs=0.2)
        page.keyboard.press("PageDown")
        assert page.input_value("[name=seal-page]") == "1", "there is no second page"
        watched.assert_fits()
        if touch:
            report = Axe().run(page)
            assert report.violations_count == 0, report.generate_report()
        kept = {name: float(page.input_value(f"[name=signature-{name}]")) for name in ("left", "top")}
        with page.expect_navigation():
            page.get_by_role("button", name="Lưu vị trí").click()
        page.wait_for_selector(".coming-signature.coming-drawn img")
        watched.assert_calm()
        now = reserved_spots(document)["nguoi_ky_1"]
        assert (now.left, now.top) == pytest.approx((kept["left"], kept["top"]), abs=0.06)
        assert now.top > found["nguoi_ky_1"].top
        found = reserved_spots(document)


def drag_by_finger(page: Any, start: dict[str, float], down: float) -> None:
    """A touch, as the browser hears it from the screen."""
    session = page.context.new_cdp_session(page)
    x, y = start["x"] + 0.7 * start["width"], start["y"] + start["height"] / 2
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 5):
        at = [{"x": x, "y": y + down * step / 4}]
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": at})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
