"""What the framework leaves out of the doors' description (OpenAPI 3.1): kinds of refusals, bytes, headers, examples.

Refuses to describe what no door answers: a test calls each door as it is described here and checks the answer by it.
"""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

Described = dict[str, Any]

PROBLEM = "application/problem+json"
FIRST_REFUSAL = 400
BYTES = "application/octet-stream"

_HEADERS = {
    "Repr-Digest": "sha-256 of the whole packet (RFC 9530)",
    "Accept-Ranges": "bytes",
}
_PACKET = {"content": {BYTES: {"schema": {"type": "string", "contentMediaType": BYTES}}}}


class DescribedAPI(NinjaAPI):
    """The doors with a description that says of every refusal that it is problem details (RFC 9457)."""

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The whole description, the answers of each door in the order of their status."""
        described = super().get_openapi_schema(**given)
        for operations in described["paths"].values():
            for operation in operations.values():
                answers = operation["responses"]
                operation["responses"] = {
                    status: _answer(status, answers[status]) for status in sorted(answers)
                }
        return described


def _answer(status: int, about: Described) -> Described:
    if status < FIRST_REFUSAL:
        return about
    return about | {"content": {PROBLEM: about["content"]["application/json"]}}


def body(example: Described) -> Described:
    """The example of a JSON body."""
    return {"requestBody": {"content": {"application/json": {"example": example}}}}


def header(name: str, text: str, example: str, *, required: bool = True) -> Described:
    """An argument in a header that the framework does not read."""
    return {
        "in": "header",
        "name": name,
        "required": required,
        "description": text,
        "schema": {"type": "string"},
        "example": example,
    }


UPLOAD: Described = {
    "parameters": [
        header(
            "Idempotency-Key",
            "1 to 200 ASCII characters; the same key and body gives the same answer",
            "5c1f",
        ),
        header(
            "Content-Digest",
            "sha-256 of the body (RFC 9530)",
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        ),
        header(
            "Packet-To",
            "JSON array of agency codes, instead of the recipients in the packet",
            '["H37.05"]',
            required=False,
        ),
    ],
    "requestBody": {
        "required": True,
        "content": {BYTES: {"schema": {"type": "string", "contentMediaType": BYTES}}},
    },
}
"""Read and checked where the upload is, so that they are covered by its signature; described here."""

ENROLMENT: Described = {
    "parameters": [
        header(
            "xroadvnpt-hash-header",
            "VXP signature (HMAC-SHA256) with the system's secret over the signed arguments, ``jwk`` among them",
            "…",
        ),
        header("Signature-Input", "message signature of the new key (RFC 9421)", 'relay=(…);keyid="…"'),
        header("Signature", "message signature of the new key (RFC 9421)", "relay=:…:"),
    ]
}

DOWNLOAD: Described = {
    "parameters": [
        header("Range", "goes on where a download broke off (RFC 9110)", "bytes=0-", required=False)
    ],
    "responses": {
        status: {
            "description": text,
            "headers": {
                name: {"description": said, "schema": {"type": "string"}} for name, said in headers.items()
            },
            **_PACKET,
        }
        for status, text, headers in (
            (200, "The packet", _HEADERS),
            (206, "The rest, or a part", _HEADERS | {"Content-Range": "which bytes of how many"}),
        )
    },
}

PROOF_FILE: Described = {
    "responses": {
        200: {
            "description": "The proof file",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    }
}
