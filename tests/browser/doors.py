"""Every verb's door as the sites have it, and what an entitled person would send through it.

Read from the url configuration and the API's own description, so that a new verb is tried the day it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from django.urls import URLPattern
from tests.browser.person import whereabouts

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.pki import DEMO_PASSPHRASE

REFUSED = {403, 404, 405, 409}
READING = {"draft-signatures", "handling-checks", "deliveries", "receipt"} | {
    "draft-preview",
    "draft-preview-signature",
    "draft-preview-seal",
}
READING |= {"copy", "copy-begun", "copy-file", "signature-evidence"}
READING |= {"signature-evidence-zip", "signature-evidence-xml"}
READING |= {"signing-device", "signing-minutes", "signing-request"} | {
    "signing-minutes-file",
    "signing-paper-file",
}
"""Doors of one document that only show something; they are asked with GET."""
CHANNELS = {"readiness", "not_ready", "ready_again", "paper_list", "paper_unlist"}
BULK = {"bulk-folder", "bulk-begin", "bulk-batch", "bulk-progress", "bulk-abandon"}
"""A leader's own batches; tried by others in tests/issuing/test_bulk.py."""
OWN_KEYS = {"my-keys", "my-keys-otp", "my-keys-enrol", "my-keys-ask", "my-keys-pair", "agent-package"}
OWN_KEYS |= {"my-keys-remote", "my-keys-connect", "my-keys-back", "my-keys-disconnect", "remote-back"}
"""Everybody's own keys and computers."""
LISTS = {"signing", "signing-devices", "signing-authorities", "signing-certificates", "signing-trust"}
LISTS |= {"copies", "copy-paper", "standing", "signing-decision"}
"""Of the own agency, and making a copy of a paper for it."""
NO_DOCUMENT = (
    OWN_KEYS | LISTS | {"draft-new", "draft-agencies", "quarantine", "elsewhere-begin"} | BULK | CHANNELS
)
"""Pages that belong to no document; ``elsewhere-begin`` answers for each document by itself (tests/signing)."""

_WORDS = {
    "reason": "Thử làm việc của người khác",
    "text": "Thử làm việc của người khác",
    "result": "Thử làm việc của người khác",
    "code": "OTHER",
    "passphrase": DEMO_PASSPHRASE,
    "secret": DEMO_PASSPHRASE,
    "type_code": "CONG_VAN",
    "subject": "Thử làm việc của người khác",
    "urgency": 0,
    "form": "SY",
    "way": "E2P",
    "kind": "TOKEN",
    "serial": "LA-1",
    "lost_at": "2026-11-01T08:00",
    "circumstances": "Thử làm việc của người khác",
    "permission": "Giấy 1",
    "basis": "Giấy 1",
    "given": "TL",
    "verb": "sign",
    "type_codes": ["CONG_VAN"],
    "since": "2026-11-01",
    "genuine": "1",
    "keys": "{}",
    "agency_id": "00000000-0000-7000-8000-000000000000",
}


@dataclass(frozen=True)
class Door:
    """One door: its name, its address with the keys still open, the method, and the form of its body."""

    name: str
    route: str
    method: str = "POST"
    body: str = "form"
    room: str = ""

    def address(self, keys: dict[str, str]) -> str:
        """The path with the keys of a document, a delivery … filled in; raises ``KeyError`` for an unknown one."""
        return "/" + re.sub(r"[<{](?:\w+:)?(\w+)[>}]", lambda found: keys[found.group(1)], self.route)


class Visitor:
    """One person's session without a browser, for asking many doors quickly."""

    def __init__(self, cluster: DemoCluster, username: str) -> None:
        site, self.person = whereabouts(username)
        self.name = username
        self.http = httpx.Client(base_url=cluster.url(site), timeout=120, trust_env=False)
        self.http.get("/accounts/login/")
        self.http.post("/demo/sign-in", data={"username": username}, headers=self._headers())
        others = [
            row for row in self.http.get("/api/v1/colleagues").json() if row["name"] != self.person.full_name
        ]
        self.colleague = str(others[0]["id"])
        self.leader = next((str(row["id"]) for row in others if "LEADER" in row["roles"]), self.colleague)

    def try_door(self, door: Door, keys: dict[str, str], pdf: bytes, **more: str) -> httpx.Response:
        """Go through the door with everything that the verb asks for."""
        words: dict[str, Any] = {
            **_WORDS,
            **dict.fromkeys(("lead", "taker", "post", "holder"), self.colleague),
            **dict.fromkeys(("submit_to", "signer", "signer_id"), self.leader),
            "key": keys.get("key", ""),
            **more,
        }
        asked: dict[str, Any] = {"json": words}
        if door.body == "files":
            names = ("main_file", "annex_files", "file")
            asked = {"data": words, "files": dict.fromkeys(names, ("thu.pdf", pdf))}
        elif door.body == "form":
            asked = {"data": words}
        if door.method == "GET":
            asked = {}
        return self.http.request(door.method, door.address(keys), headers=self._headers(), **asked)

    def page(self, path: str) -> httpx.Response:
        """Look at a page."""
        return self.http.get(path, headers={"Accept": "text/html"})

    def _headers(self) -> dict[str, str]:
        token = next((value for name, value in self.http.cookies.items() if "csrf" in name), "")
        return {"X-CSRFToken": token, "Accept": "application/json"}


def of_pages() -> list[Door]:
    """The doors of the rooms that change something, from their url configurations."""
    from vanthu.copying import urls as copying
    from vanthu.exchange import urls as exchange
    from vanthu.handling import urls as handling
    from vanthu.issuing import urls as issuing
    from vanthu.signing import urls as signing

    found: list[Door] = []
    rooms = {"issuing": issuing, "handling": handling, "exchange": exchange, "copying": copying}
    for room, module in {**rooms, "signing": signing}.items():
        for pattern in module.urlpatterns:
            assert isinstance(pattern, URLPattern)
            name, route = pattern.name or "", str(pattern.pattern)
            if name not in NO_DOCUMENT:
                method = "GET" if name in READING else "POST"
                files = name in {"draft-main", "draft-annexes", "draft-edit", "joint-bring"}
                found.append(Door(name, route, method, "files" if files else "form", room))
    return found


def of_api() -> list[Door]:
    """The doors of the API that change a document, from its own description."""
    from vanthu.api.v1 import api

    return list(_described(api.get_openapi_schema()))


def _described(schema: dict[str, Any]) -> Iterator[Door]:
    for route, methods in schema["paths"].items():
        for method, about in methods.items():
            if method == "get" or "{" not in route:
                continue
            kinds = about.get("requestBody", {}).get("content", {})
            body = "form" if "application/x-www-form-urlencoded" in kinds else "json"
            body = "files" if "multipart/form-data" in kinds else body
            module = about["operationId"].removeprefix("vanthu_api_").split("_")[0]
            room = {"incoming": "handling", "copies": "copying"}.get(module, "issuing")
            yield Door(f"{method} {route}", route.removeprefix("/"), method.upper(), body, room)
