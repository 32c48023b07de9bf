"""The small axis' modern door answers as the real one is described."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.axis.axis_parts import document
from tests.axis.test_relay_described import BASE, doors, read_by
from tests.conformance.parts import small_axis, without_socket

from vanthu.axis.relay.api import api
from vanthu.evidence import new_key
from vanthu.relay import Client
from vanthu.vxp import VxpRefused


def now() -> datetime:
    return datetime.now(UTC)


def test_every_answer_of_the_small_axis_is_one_of_the_described_ones(tmp_path: Path) -> None:
    read, heard = _reader(), set[str]()
    with without_socket(small_axis(tmp_path, now).answer) as http:
        http.event_hooks = {"response": [lambda answer: heard.add(read(answer))]}
        one, other = (
            Client("https://truc.example", name, new_key(), secret=secret, http=http, clock=now)
            for name, secret in (("W01", "khoa-mot"), ("W02", "khoa-hai"))
        )
        one.about()
        one.agency_changes(0)
        sent = one.send_edoc(document(sender="W01", to=("W02.05",)), sender="W01", message_type="edoc")
        other.wait(0, "")
        [row] = other.received("edoc")
        other.download(row.doc_id, io.BytesIO())
        other.update_status(row.doc_id, "done")
        assert [told.receive_status for told in one.sent(sent.doc_id)] == ["done"]
        with pytest.raises(VxpRefused):
            one.download("khong-co", io.BytesIO())
    refused = {"GET /deliveries/{delivery_id}/packet 404", "GET /agencies 401", "GET /wait 401"}
    assert refused <= heard, "a key that is not known yet is told so, and enrols"
    assert {line for line in heard if line.startswith("POST")} == {"POST /enrol 201", "POST /packets 201"}


def _reader() -> Callable[[httpx.Response], str]:
    """Reads an answer by the description of the real door; says which call it was, and the status."""
    described = api.get_openapi_schema(path_prefix=f"{BASE}/")
    for _, _, operation in doors(described):
        operation["responses"] = {str(status): told for status, told in operation["responses"].items()}
    read, known = read_by(described), list(doors(described))

    def check(answer: httpx.Response) -> str:
        answer.read()
        path = answer.request.url.path.removeprefix(BASE)
        for method, template, operation in known:
            if method == answer.request.method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
                read(answer, operation)
                return f"{method} {template} {answer.status_code}"
        raise AssertionError(f"{answer.request.method} {path} is not described")

    return check
