"""One HTTP call to a remote signing service: bounded in time and size, never redirected, JSON back.

Owns the connection to one address. Refuses what does not answer; what an answer means is the caller's to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from vanthu.pades.errors import RemoteUnavailable
from vanthu.tls import shared_context

LARGEST_ANSWER = 1_000_000
SECONDS_PER_CALL = 20.0


@dataclass(frozen=True)
class Line:
    """``name`` is what people call the service; ``url`` has no slash at its end."""

    name: str
    url: str

    def post(self, path: str, headers: dict[str, str], **body: Any) -> tuple[int, dict[str, Any]]:
        """Status and content; the content is empty when it is no JSON object or too large.

        ``body`` is httpx' ``json`` or ``data``. Raises RemoteUnavailable.
        """
        context = shared_context(trust_env=False)
        try:
            with (
                httpx.Client(timeout=SECONDS_PER_CALL, trust_env=False, verify=context) as client,
                client.stream("POST", f"{self.url}/{path}", headers=headers, **body) as answer,
            ):
                return answer.status_code, _read_json(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise RemoteUnavailable(service=self.name) from problem


def _read_json(answer: httpx.Response) -> dict[str, Any]:
    content = b""
    for part in answer.iter_bytes():
        content += part
        if len(content) > LARGEST_ANSWER:
            return {}
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
