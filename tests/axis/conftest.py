"""A small axis: the system of a province with two agencies, and another system with one.

``axis`` answers in the test's own thread, inside a transaction that is rolled back. ``axis_over_http`` is the
same behind a real server with threads, for what only shows there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from django.db import connections
from tests.axis.axis_parts import Axis
from tests.remembered import remembered

from vanthu.axis import actions, limits, meter, queries
from vanthu.axis.models import Member


@pytest.fixture
def axis(db: None) -> Iterator[Axis]:
    """H27 (serving H27.01 and H27.02) and H37 (serving H37.05, once 000.00.05.H37)."""
    from vanthu.wsgi import application

    _forget_calls()
    with httpx.Client(transport=httpx.WSGITransport(app=application)) as http, _connection_kept():
        yield Axis("http://testserver", remembered(_members), http)


@pytest.fixture
def axis_over_http(transactional_db: None, live_server: Any) -> Iterator[Axis]:
    """The same members behind a server with threads."""
    _forget_calls()
    secrets = remembered(_members)
    Member.objects.update(concurrent_calls=0)  # the test server has more threads than a web process
    with httpx.Client(timeout=60) as http:
        yield Axis(live_server.url, secrets, http)


@contextmanager
def _connection_kept() -> Iterator[None]:
    """A request must not end the connection that holds the test's transaction, whoever makes the request."""
    with patch.object(connections["default"], "close_if_unusable_or_obsolete", lambda: None):
        yield


def _forget_calls() -> None:
    """What this process counted of the members, who are the same in every test."""
    limits._places.clear()
    limits._queues.clear()
    meter._tallies.clear()
    meter._left.clear()


def _members() -> dict[str, str]:
    secrets = dict(actions.add_member(code, name) for code, name in (("H27", "Hà Tĩnh"), ("H37", "Lạng Sơn")))
    for member, code, name, old_codes in (
        ("H27", "H27", "Tỉnh Hà Tĩnh", ()),
        ("H27", "H27.01", "Sở Nội vụ", ()),
        ("H27", "H27.02", "Sở Tài chính", ()),
        ("H37", "H37.05", "Sở Y tế", ("000.00.05.H37",)),
    ):
        parent = code.split(".")[0]
        details = actions.AgencyDetails(code=code, name=name, parent_code=parent, old_codes=old_codes)
        actions.put_agency(queries.member(member), details)
    return secrets
