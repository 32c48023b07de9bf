"""The modern door is what its description says: every door is called as described, every answer read by its schema."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.axis.axis_parts import Axis, document
from tests.axis.relay_parts import key_of, raw, relay

from vanthu.api.v1 import api as site_api
from vanthu.axis import jobs
from vanthu.axis.relay.api import api
from vanthu.base import clock
from vanthu.evidence import new_key
from vanthu.relay import publication

BASE = "/axis/v2"
RECEIVES = "receiving"
"""What has this tag is called by the recipient's system, everything else by the sender's."""

Operation = dict[str, Any]


def doors(described: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Method, path below the base and description of every door."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.removeprefix(BASE), operation


def whole(described: dict[str, Any]) -> dict[str, Any]:
    """The schemas, closed: a field that they do not name is not described."""
    closed = copy.deepcopy(described["components"]["schemas"])
    for schema in closed.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return closed


def read_by(described: dict[str, Any]) -> Callable[[httpx.Response, Operation], None]:
    """Reads an answer by the description of its operation; fails on whatever that does not say."""
    schemas = whole(described)

    def check(answer: httpx.Response, operation: Operation) -> None:
        content = operation["responses"][str(answer.status_code)].get("content")
        if content is None:
            assert answer.content == b""
            return
        kind = answer.headers["Content-Type"].partition(";")[0]
        if kind.endswith("json"):
            fits(answer.json(), content[kind]["schema"], schemas)
        else:
            assert content[kind]["schema"]["contentMediaType"] == kind

    return check


def fits(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Raise where the value is not what the schema says, formats included."""
    rule = {**schema, "components": {"schemas": schemas}}
    Draft202012Validator(rule, format_checker=FormatChecker()).validate(value)


def address(path: str, operation: Operation, live: dict[str, str]) -> str:
    """The path with its example arguments; what only a running axis knows is taken from ``live``."""
    given = {(one["in"], one["name"]): one for one in operation["parameters"]}
    asked = {}
    for (place, name), one in given.items():
        if place == "path":
            path = path.replace(f"{{{name}}}", live.get(name, str(one["example"])))
        elif place == "query" and "example" in one:
            asked[name] = one["example"]
        else:
            assert place == "header" or not one["required"], f"{path}: {name} has no example"
    return f"{path}?{urlencode(asked)}" if asked else path


def called(axis: Axis, method: str, target: str, operation: Operation, body: bytes) -> httpx.Response:
    """A call as its description wants it, by the sender's system or the recipient's."""
    system = "H37" if RECEIVES in operation["tags"] else "H27"
    if operation.get("security") is None and method == "GET":
        return axis.http.get(f"{axis.url}{BASE}{target}")
    headers: dict[str, str] = {}
    if "requestBody" in operation:
        [headers["Content-Type"]] = operation["requestBody"]["content"]
    wanted = [one["name"] for one in operation["parameters"] if one["in"] == "header" and one["required"]]
    headers |= {"Idempotency-Key": "5c1f"} if "Idempotency-Key" in wanted else {}
    covered = tuple(name.lower() for name in wanted if name in headers)
    return raw(axis, method, target, key=key_of(system), body=body, headers=headers, covered=covered)


def enrolled(axis: Axis, key: Any) -> httpx.Response:
    """The answer to an enrolment: a call with two signatures, made by the client."""
    heard: list[httpx.Response] = []

    def hear(answer: httpx.Response) -> None:
        answer.read()
        heard.append(answer)

    axis.http.event_hooks = {"response": [hear]}
    relay(axis, "H27", key=key).enrol()
    axis.http.event_hooks = {}
    return heard[0]


def test_every_door_of_the_modern_door_answers_as_it_is_described(axis: Axis, settings: Any) -> None:
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_webhook_allow": "127.0.0.0/8"})
    described = axis.http.get(f"{axis.url}{BASE}/openapi.json").json()
    OpenAPIV31SpecValidator(described).validate()
    read, spare = read_by(described), new_key()
    enrolled(axis, key_of("H27"))
    relay(axis, "H37").enrol()
    live = {"kid": key_of("H27").thumbprint()}
    bodies = {
        "/packets": document(),
        "/webhooks": json.dumps({"url": "http://127.0.0.1:9/dong"}).encode(),
        "/agencies/{code}/encryption": json.dumps(
            publication(key_of("H27"), "H27.01", (), clock.now()).as_json()
        ).encode(),
    }
    tried = 0
    for method, path, operation in doors(described):
        given = operation.get("requestBody", {"content": {}})["content"].get("application/json", {})
        example = given.get("example")
        if given:
            fits(example, given["schema"], whole(described))
        if path.startswith("/evidence"):
            jobs.seal_evidence()
        if path == "/enrol":
            answer = enrolled(axis, spare)
        else:
            body = (
                bodies.get(path, json.dumps(example).encode() if example else b"")
                if method in ("POST", "PUT")
                else b""
            )
            kid = {"kid": spare.thumbprint()} if method == "DELETE" else {}
            answer = called(axis, method, address(path, operation, live | kid), operation, body)
        assert answer.status_code == min(int(status) for status in operation["responses"]), (
            path,
            answer.text,
        )
        read(answer, operation)
        tried += 1
        if operation.get("security"):
            stranger = axis.http.request(method, f"{axis.url}{BASE}{address(path, operation, live)}")
            assert stranger.status_code == 401
            read(stranger, operation)
        if "{" in path and method == "GET":
            nobody = {name: str(uuid4()) for name in ("kid", "packet_id", "delivery_id", "doc_id")}
            unknown = called(axis, method, address(path, operation, nobody), operation, b"")
            assert unknown.status_code == 404
            read(unknown, operation)
        live |= _learnt(path, answer)
    assert tried == len(list(doors(described))) >= 20
    part = described["paths"][f"{BASE}/deliveries/{{delivery_id}}/packet"]["get"]
    target = f"/deliveries/{live['delivery_id']}/packet"
    rest = raw(axis, "GET", target, key=key_of("H37"), headers={"Range": "bytes=10-"})
    assert rest.status_code == 206
    read(rest, part)


def _learnt(path: str, answer: httpx.Response) -> dict[str, str]:
    """What an answer tells that later calls need."""
    if path == "/packets":
        return {"packet_id": answer.json()["id"], "doc_id": answer.json()["id"]}
    if path == "/deliveries":
        return {"delivery_id": answer.json()["deliveries"][0]["id"]}
    if path == "/webhooks" and "id" in answer.json():
        return {"webhook_id": answer.json()["id"]}
    return {}


def test_no_door_is_left_out_of_the_description_and_the_page() -> None:
    described = api.get_openapi_schema(path_prefix=f"{BASE}/")
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{pattern.pattern}")
        for pattern in api.urls[0]
        if pattern.name not in ("api-root", "openapi-json", "openapi-view")
    }
    assert {path for _, path, _ in doors(described)} == routes
    page = (Path(__file__).parents[2] / "docs" / "axis-api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([A-Z]+) /axis/v2([^`?]+)", page, re.MULTILINE)
    assert set(listed) == {(method, path) for method, path, _ in doors(described)}


def test_the_description_of_the_sites_api_is_valid() -> None:
    described = json.loads(json.dumps(site_api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
    OpenAPIV31SpecValidator(described).validate()
