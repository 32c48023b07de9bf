"""The operator's charts in a real browser: drawn under the content policy, read with keys, right on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.axis.axis_parts import Axis
from tests.axis.operator_parts import on_duty, traffic
from tests.web import conftest as web

chromium, browse, front_end, demo_mode = web.chromium, web.browse, web.front_end, web.demo_mode


def test_the_charts_are_drawn_and_read_with_keys(axis_over_http: Axis, browse: Any) -> None:
    traffic(40, step=timedelta(seconds=40))
    on_duty()
    for width, theme in ((1366, "light"), (360, "dark")):
        opened = browse(width=width, theme=theme)
        opened.go("/accounts/login/")
        opened.page.locator("form:has(input[value='truc']) button").first.click()
        opened.page.wait_for_load_state("load")
        opened.go("/axis/")
        _chart_speaks(opened)
        opened.go("/axis/statistics/")
        assert opened.page.locator("[data-chart] canvas").count() == 3
        opened.assert_fits()
        opened.assert_calm()


def _chart_speaks(opened: Any) -> None:
    chart = opened.page.locator("#axis-traffic canvas")
    chart.focus()
    opened.page.keyboard.press("ArrowLeft")
    opened.page.wait_for_function("document.querySelector('[data-chart-said]').textContent !== ''")
    assert "Trục nhận: " in opened.page.locator("#axis-traffic [data-chart-said]").text_content()
    painted = "one => one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some(v => v)"
    assert chart.evaluate(painted)
    opened.assert_fits()
