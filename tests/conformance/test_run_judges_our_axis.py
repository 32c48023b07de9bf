"""``vanthu conformance run`` against this product's own axis, over real HTTP."""

from __future__ import annotations

import httpx
import pytest
from tests.axis.axis_parts import Axis
from tests.axis.conftest import _members
from tests.exchange.conftest import axis_url

from vanthu.axis.models import Member
from vanthu.base import clock
from vanthu.conformance.report import Verdict
from vanthu.conformance.runner import try_axis

__all__ = ["axis_url"]
pytestmark = pytest.mark.django_db


def test_our_own_axis_is_right_in_every_item(axis_url: str) -> None:
    secrets = _members()
    Member.objects.update(max_packet_mb=1)
    with httpx.Client(timeout=30) as http:
        axis = Axis(axis_url, secrets, http)
        report = try_axis(
            axis.url,
            ("H27", secrets["H27"], "H27.01"),
            ("H37", secrets["H37"], "H37.05"),
            http=http,
            clock=clock.now,
            too_large=2 << 20,
            register=True,
        )

    told = [(found.item.id, found.seen) for found in report.findings if found.verdict is not Verdict.RIGHT]
    assert told == []
