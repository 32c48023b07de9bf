"""Many documents at once, by people who press the same button again when something breaks under their hands.

The province issues a paper again and again to an agency on its own site and to the Government Office over the
axis; the clerks there register whatever arrives. A step whose answer was lost is repeated only when a look at
the document shows that it was not done, as a person does who reloads the page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx

from vanthu.demo import pki
from vanthu.demo.cluster import DemoCluster
from vanthu.demo.story.desk import Desk, StepRefused, desk_of
from vanthu.demo.story.stories import Paper

DEPARTMENT, GOVERNMENT = "H27.14", "G22"
PAUSE_SECONDS = 0.5
PASSPHRASE = {"passphrase": pki.DEMO_PASSPHRASE}
STAGES = ("DRAFT", "REVIEW", "SUBMITTED", "SIGNED", "NUMBERED", "SEALED", "ISSUED")


class GaveUp(RuntimeError):
    """A person pressed the same button for longer than anybody would."""


class Office:
    """The people of the load at their desks. ``patience`` in seconds is for each single step."""

    def __init__(self, cluster: DemoCluster, stack: ExitStack, *, patience: float = 180.0) -> None:
        def desk(username: str) -> Desk:
            return stack.enter_context(desk_of(cluster, username))

        self.drafter, self.head = desk("ubnd.chuyenvien"), desk("ubnd.chanhvp")
        self.signer, self.registrar = desk("ubnd.chutich"), desk("ubnd.vanthu")
        self.receivers = [desk("snv.vanthu"), desk("vpcp.vanthu")]
        self.repeated = 0
        self._patience = patience
        self._signer_id = next(
            row["id"]
            for row in self.drafter.get("/colleagues")
            if row["name"] == self.signer.person.full_name
        )
        self._recipients = [self._agency(code) for code in (DEPARTMENT, GOVERNMENT)]

    def issue(self, paper: Paper, subjects: list[str], *, desks: int = 4) -> list[str]:
        """Issue the paper once under each subject, several at a time; returns the documents' keys."""
        with ThreadPoolExecutor(desks) as pool:
            return list(pool.map(lambda subject: self._issue(paper, subject), subjects))

    @contextmanager
    def registering(self) -> Iterator[None]:
        """While the block runs, the receiving clerks register what arrives."""
        closed = threading.Event()

        def serve(clerk: Desk) -> None:
            while not closed.wait(PAUSE_SECONDS):
                self._register_all(clerk)

        with ThreadPoolExecutor(len(self.receivers)) as pool:
            serving = [pool.submit(serve, clerk) for clerk in self.receivers]
            try:
                yield
            finally:
                closed.set()
            for one in serving:
                one.result()

    def deliveries(self, key: str) -> list[dict[str, Any]]:
        """How far a document is at each recipient, as its sender sees it."""
        found: list[dict[str, Any]] = self._until(
            lambda: self.registrar.get(f"/documents/{key}")["deliveries"], "xem văn bản"
        )
        return found

    def _issue(self, paper: Paper, subject: str) -> str:
        key: str = self._step(
            "soạn thảo", partial(self._draft, paper, subject), partial(self._drafted, subject)
        )
        steps: tuple[tuple[str, str, Callable[[], Any]], ...] = (
            ("tải tệp lên", "REVIEW", lambda: self._upload(paper, key)),
            ("trình", "REVIEW", lambda: self.drafter.post(f"/documents/{key}/submit")),
            ("duyệt", "SUBMITTED", lambda: self.head.post(f"/documents/{key}/approve-review")),
            ("ký", "SIGNED", lambda: self.signer.post(f"/documents/{key}/sign", form=PASSPHRASE)),
            ("phát hành", "ISSUED", lambda: self.registrar.post(f"/documents/{key}/issue", form=PASSPHRASE)),
        )
        for step, stage, press in steps:
            self._step(step, press, partial(self._reached, key, stage))
        return key

    def _step(self, step: str, press: Callable[[], Any], done: Callable[[], Any]) -> Any:
        """Press; whoever got no answer looks, before pressing again, whether it was done all the same."""
        unsure = False

        def attempt() -> Any:
            nonlocal unsure
            if unsure and (found := done()):
                return found
            unsure = True
            return press() or True

        return self._until(attempt, step)

    def _reached(self, key: str, stage: str) -> bool:
        state = self.drafter.get(f"/documents/{key}")["state"]
        return STAGES.index(state) >= STAGES.index(stage)

    def _draft(self, paper: Paper, subject: str) -> str:
        made = self.drafter.post(
            "/drafts",
            {
                "type_code": paper.type_code,
                "subject": subject,
                "signer_id": self._signer_id,
                "recipient_ids": self._recipients,
            },
        )
        return str(made["id"])

    def _drafted(self, subject: str) -> str | None:
        """The draft whose making was never answered."""
        rows = self.drafter.get("/documents", direction="OUTGOING", q=subject)["documents"]
        return next((row["id"] for row in rows if row["subject"] == subject), None)

    def _upload(self, paper: Paper, key: str) -> None:
        self.drafter.upload(f"/drafts/{key}/main", paper.name, paper.content)

    def _register_all(self, clerk: Desk) -> None:
        try:
            waiting = [row["document"]["id"] for row in clerk.get("/work") if row["verb"] == "REGISTER"]
            for key in waiting:
                clerk.post(f"/documents/{key}/register", {})
        except (httpx.TransportError, StepRefused):
            self.repeated += 1

    def _until(self, work: Callable[[], Any], step: str) -> Any:
        """Try until it gives something; what breaks on the way is tried again after a breath."""
        end = time.monotonic() + self._patience
        last: Exception | None = None
        while time.monotonic() < end:
            try:
                if found := work():
                    return found
            except (httpx.TransportError, StepRefused) as problem:
                last = problem
                self.repeated += 1
            time.sleep(PAUSE_SECONDS)
        raise GaveUp(f"{step}: {last}")

    def _agency(self, organ_id: str) -> str:
        def look() -> str | None:
            rows = self.drafter.get("/agencies", q=organ_id)
            return next((str(row["id"]) for row in rows if row["organ_id"] == organ_id), None)

        return str(self._until(look, f"tìm cơ quan {organ_id}"))
