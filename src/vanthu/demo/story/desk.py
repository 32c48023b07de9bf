"""A person of the demonstration at their desk: signed in to their site, using its doors over HTTP."""

from __future__ import annotations

import hashlib
from types import TracebackType
from typing import Any, Self

import httpx

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import AGENCY_SITES, DemoAgency, DemoPerson, DemoSite
from vanthu.errors import VanthuError
from vanthu.tls import shared_context

TIMEOUT_SECONDS = 120.0


class StepRefused(VanthuError):
    """A site refused a step of the story."""

    code = "STORY_STEP_REFUSED"
    message = "{who} không thực hiện được “{step}”: {reason} [{refusal}]"


class DemoNotRunning(VanthuError):
    """Nobody answers at the site's address."""

    code = "DEMO_NOT_RUNNING"
    message = "Chưa có hệ thống chạy thử ở {url}. Hãy chạy “make demo” ở một cửa sổ khác rồi thử lại."


class Desk:
    """One person's session with one site."""

    def __init__(self, url: str, agency: DemoAgency, person: DemoPerson) -> None:
        self.agency, self.person, self.url = agency, person, url
        self._http = httpx.Client(
            base_url=url,
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            follow_redirects=False,
            verify=shared_context(trust_env=False),
        )

    def __enter__(self) -> Self:
        self._sign_in()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    @property
    def who(self) -> str:
        """Name and position, for the timeline."""
        return f"{self.person.full_name} ({self.person.position}, {self.agency.abbreviation})"

    def get(self, path: str, **query: str) -> Any:
        """A JSON answer of the API; raises :class:`StepRefused`."""
        return self._checked(path, self._http.get(f"/api/v1{path}", params=query)).json()

    def post(self, path: str, body: Any = None, *, form: dict[str, str] | None = None) -> Any:
        """A verb of the API; raises :class:`StepRefused`."""
        answer = self._http.post(f"/api/v1{path}", json=body, data=form, headers=self._token())
        return self._json(self._checked(path, answer))

    def put(self, path: str, body: Any) -> Any:
        """Another verb of the API; raises :class:`StepRefused`."""
        answer = self._http.put(f"/api/v1{path}", json=body, headers=self._token())
        return self._json(self._checked(path, answer))

    def upload(self, path: str, name: str, content: bytes) -> None:
        """Send a file; raises :class:`StepRefused`."""
        files = {"file": (name, content)}
        self._checked(path, self._http.post(f"/api/v1{path}", files=files, headers=self._token()))

    def page(self, path: str) -> str:
        """The HTML of a page; raises :class:`StepRefused`."""
        return self._checked(path, self._http.get(path)).text

    def download(self, file_id: str) -> bytes:
        """The bytes of a file, as the person may read them."""
        return self._checked("tải tệp", self._http.get(f"/files/{file_id}")).content

    def sha256(self, file_id: str) -> str:
        """The hash of what the site really serves."""
        return hashlib.sha256(self.download(file_id)).hexdigest()

    def _sign_in(self) -> None:
        try:
            self._http.get("/accounts/login/")
        except httpx.TransportError as problem:
            raise DemoNotRunning(url=self.url) from problem
        form = {"username": self.person.username}  # the one click of the demo's sign-in page
        answer = self._http.post("/demo/sign-in", data=form, headers=self._token() | {"Accept": "text/html"})
        if answer.status_code != httpx.codes.FOUND:
            raise StepRefused(who=self.who, step="đăng nhập", reason=answer.status_code, refusal="LOGIN")

    def _token(self) -> dict[str, str]:
        token = next((value for name, value in self._http.cookies.items() if "csrf" in name), "")
        return {"X-CSRFToken": token, "Referer": self.url, "Accept": "application/json"}

    def _checked(self, step: str, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        said = self._json(answer) or {}
        reason = said.get("message") or said.get("detail") or answer.status_code
        raise StepRefused(
            who=self.who, step=step, reason=reason, refusal=said.get("code", answer.status_code)
        )

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.json() if is_json and answer.content else None


def desk_of(cluster: DemoCluster, username: str) -> Desk:
    """The desk of one of the demonstration's people, not signed in yet; raises ``KeyError``."""
    site, agency, person = _find(username)
    return Desk(cluster.url(site), agency, person)


def _find(username: str) -> tuple[DemoSite, DemoAgency, DemoPerson]:
    for site in AGENCY_SITES:
        for agency in site.agencies:
            for person in agency.people:
                if person.username == username:
                    return site, agency, person
    raise KeyError(username)
