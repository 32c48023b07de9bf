"""The client against the answers that axes in use were seen giving, the odd ones too."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from vanthu.vxp import Client, VxpBadAnswer, VxpRefused, VxpUnreachable, parse_and_verify

NOW = datetime(2026, 11, 21, 14, 6, 33, 813000, tzinfo=UTC)
OK = {"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong"}
PACKET = b"<edXML/>"

Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer | httpx.Response, **options: Any) -> Client:
    """A client whose axis gives that answer."""

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        return answer if isinstance(answer, httpx.Response) else answer(request)

    http = httpx.Client(transport=httpx.MockTransport(handle))
    return Client("http://axis.example/base/", "H27", "s3cret", http=http, clock=lambda: NOW, **options)


def data(rows: Any) -> httpx.Response:
    return httpx.Response(200, json={**OK, "data": rows})


@pytest.mark.parametrize("kind", ["bytes", "file", "stream", "pipe"])
def test_any_kind_of_body_is_sent_with_its_hash_and_a_signature_that_verifies(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "packet.edxml"
    path.write_bytes(PACKET)
    seen: list[httpx.Request] = []

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={**OK, "DocId": "d1"})

    body: Any = {"bytes": PACKET, "file": path, "stream": io.BytesIO(PACKET), "pipe": Pipe(PACKET)}[kind]
    sent = client(answer).send_edoc(body, sender="H27.01", message_type="edoc", to=["H37", "000.00.05.H37"])
    assert (sent.doc_id, sent.receipt) == ("d1", None)
    [request] = seen
    assert str(request.url) == "http://axis.example/base/sendEdoc"
    assert request.content == PACKET
    assert request.headers["content-length"] == str(len(PACKET))
    call = parse_and_verify(request.headers, {"H27": "s3cret"}.get, now=NOW, window=timedelta(seconds=1))
    assert call.timestamp == "21112026T210633+0813"
    assert call.argument("hash-file") == hashlib.sha256(PACKET).hexdigest()
    assert call.argument("to") == '["H37","000.00.05.H37"]'


def test_arguments_of_one_call_do_not_leak_into_another_from_many_threads() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        call = parse_and_verify(request.headers, {"H27": "s3cret"}.get, now=NOW)
        expected = {"systemid", "timestamp", "content-type"}
        if request.url.path.endswith("/updateStatus"):
            expected |= {"docid", "status"}
        assert set(call.arguments) == expected
        return httpx.Response(200, json={**OK, "count": 3, "docid": call.argument("docid")})

    one = client(answer)

    def work(number: int) -> int:
        one.update_status(f"d{number}", "done")
        return one.count("edoc")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(40))) == {3}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            httpx.Response(200, json={"status": "FAIL", "ErrorCode": "18", "ErrorDesc": "khong co"}),
            VxpRefused,
        ),
        (httpx.Response(200, json={"status": "FAIL"}), VxpRefused),
        (httpx.Response(401, text="Unauthorized"), VxpRefused),
        (
            httpx.Response(200, json={"status": "FAIL", "ErrorCode": "20", "ErrorDesc": "LGSP"}),
            VxpUnreachable,
        ),
        (httpx.Response(503, text="<html>"), VxpUnreachable),
        (httpx.Response(404, text="<html>"), VxpBadAnswer),
        (httpx.Response(302, headers={"location": "http://elsewhere.example/"}), VxpBadAnswer),
        (httpx.Response(200, text="<html>đăng nhập</html>"), VxpBadAnswer),
        (httpx.Response(200, json=["OK"]), VxpBadAnswer),
        (httpx.Response(200, json={}), VxpBadAnswer),
        (httpx.Response(200, json={**OK, "data": "none"}), VxpBadAnswer),
    ],
)
def test_every_kind_of_no_is_told_apart(answer: httpx.Response, error: type[Exception]) -> None:
    with pytest.raises(error):
        client(answer).received("edoc")


def test_an_axis_that_cannot_be_reached_is_a_reason_to_try_again() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    with pytest.raises(VxpUnreachable):
        client(refuse).count("edoc")


def test_the_reason_of_a_refusal_is_kept_word_by_word() -> None:
    said = {"status": "FAIL", "ErrorCode": "19", "ErrorDesc": "Don vi gui X khong dung voi ma da dang ky: Y"}
    with pytest.raises(VxpRefused) as refused:
        client(httpx.Response(200, json=said)).count("status")
    assert (refused.value.error_code, refused.value.error_desc) == (said["ErrorCode"], said["ErrorDesc"])


def test_rows_are_read_whatever_the_case_of_their_names_and_missing_fields_are_empty() -> None:
    [row] = client(data([{"DocId": "d1", "FROM": "H1", "to": "H2", "contentLength": "12"}])).received("edoc")
    assert (row.doc_id, row.sender, row.recipient, row.size, row.sha256) == ("d1", "H1", "H2", 12, "")
    [agency] = client(data([{"code": "H37", "name": "Lạng Sơn", "code102": "000.00.00.H37"}])).agencies_qd20(
        1
    )
    assert (agency.code, agency.old_code) == ("H37", "000.00.00.H37")
    [unit] = client(data([{"code": "H37", "deleted": "1", "version": None}])).units()
    assert (unit.deleted, unit.version) == (True, 0)
    assert client(httpx.Response(200, json=OK)).received("status") == []


def test_an_axis_without_streaming_gives_the_packet_by_the_older_call() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/downloadEdoc"):
            return httpx.Response(404)
        return httpx.Response(200, json={**OK, "data": base64.encodebytes(PACKET * 50).decode()})

    target = io.BytesIO()
    client(answer).download("d1", target)
    assert target.getvalue() == PACKET * 50


def test_a_download_that_is_not_the_packet_is_refused() -> None:
    fail = httpx.Response(
        200, text=json.dumps({"status": "FAIL", "ErrorCode": "41", "ErrorDesc": "khong co"})
    )
    with pytest.raises(VxpRefused):
        client(fail).download("d1", io.BytesIO())
    whole = hashlib.sha256(PACKET).hexdigest()
    client(httpx.Response(200, content=PACKET)).download("d1", io.BytesIO(), sha256=whole)
    with pytest.raises(VxpBadAnswer):
        client(httpx.Response(200, content=PACKET[:-1])).download("d1", io.BytesIO(), sha256=whole)
    with pytest.raises(VxpBadAnswer):
        client(httpx.Response(200, content=PACKET * 9), max_packet_bytes=20).download("d1", io.BytesIO())


def test_a_description_travels_without_accents_on_one_line() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        call = parse_and_verify(request.headers, {"H27": "s3cret"}.get, now=NOW)
        assert call.argument("description") == "Khong doc duoc: Do Thi Dao"
        return httpx.Response(200, json=OK)

    client(answer).update_status("d1", "fail", "Không đọc được:\r\nĐỗ Thị Đào")


def test_what_cannot_stand_in_a_header_is_refused_before_sending() -> None:
    with pytest.raises(ValueError, match="from"):
        client(httpx.Response(200, json=OK)).send_edoc(PACKET, sender="H27\r\nX: y", message_type="edoc")
