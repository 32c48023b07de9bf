"""Processes are killed at random moments while fifty documents travel; nothing is lost, nothing comes twice."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import pytest
from tests.cluster.helpers import rows
from tests.cluster_fixtures import heal

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import AXIS, GOVERNMENT_OFFICE, HA_TINH, SITES, DemoSite
from vanthu.demo.story import judging
from vanthu.demo.story.load import DEPARTMENT, GOVERNMENT, Office
from vanthu.demo.story.stories import sample_papers
from vanthu.localdb.errors import LocalDbError

DOCUMENTS = int(os.environ.get("VANTHU_CRASH_DOCUMENTS") or 50)
VICTIMS = ("hatinh.web", "hatinh.worker", "vpcp.web", "vpcp.worker", "truc.web")
SEED = int(os.environ.get("VANTHU_CRASH_SEED") or random.SystemRandom().randrange(10**6))
PATIENT, LONGEST_PAUSE_SECONDS, ROUNDS = 0.8, 8.0, 2
CONVERGE_SECONDS = 180.0


class Chaos:
    """Kills at moments and by a choice that the seed decides; looks after the cluster as its runner does.

    Everything dies twice at most, the database once: more deaths show nothing new, and hold up what they shall disturb.
    """

    def __init__(self, cluster: DemoCluster, seed: int) -> None:
        self.killed: list[str] = []
        self._cluster, self._random = cluster, random.Random(seed)
        self._over = threading.Event()

    @contextmanager
    def raging(self) -> Iterator[None]:
        """While the block runs, as far as the rounds go, and until everything died once; the database only once."""
        thread = threading.Thread(target=self._rage)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _rage(self) -> None:
        all_of = {*VICTIMS, "pg"}
        round_of = [*VICTIMS, "pg"]
        for _ in range(ROUNDS):
            self._random.shuffle(round_of)
            for victim in round_of:
                if self._over.is_set() and all_of <= set(self.killed):
                    return
                self._pause()
                if victim == "pg" or self._cluster.processes[victim].alive:
                    self._cluster.kill(victim)
                    self.killed.append(victim)
            round_of = list(VICTIMS)
        while not self._over.wait(0.2):
            self._supervise()

    def _pause(self) -> None:
        """Mostly until everything is up again and a while longer; sometimes something dies on its way up."""
        if self._random.random() < PATIENT:
            while not self._all_well():
                self._supervise()
                time.sleep(0.1)
        end = time.monotonic() + self._random.uniform(0, LONGEST_PAUSE_SECONDS)
        while time.monotonic() < end and not self._over.wait(0.1):
            self._supervise()

    def _all_well(self) -> bool:
        lives = all(self._cluster.processes[name].alive for name in self._cluster.processes.names)
        return lives and all(self._cluster.is_ready(site) for site in SITES)

    def _supervise(self) -> None:
        """One round of the runner's, but without its growing patience with what dies young."""
        for name in self._cluster.processes.names:
            self._cluster.processes[name].deaths = 0
        with suppress(LocalDbError):
            self._cluster.supervise()


def unfinished(cluster: DemoCluster, since: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything since an instant that still waits, runs or failed anywhere; nothing is what all must come to.

    What other tests of the same cluster left on purpose (refused, quarantined) is older.
    """
    jobs = (
        "SELECT task_name, status::text, args FROM procrastinate_jobs WHERE status IN ('doing', 'failed') "
        "OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at < now())"
    )
    asked = {}
    for site in (HA_TINH, GOVERNMENT_OFFICE):
        asked[f"jobs of {site.code}"] = rows(cluster, site, jobs)
        asked[f"outbox of {site.code}"] = rows(
            cluster,
            site,
            "SELECT kind, state, attempts, last_error FROM exchange_outboxpacket "
            f"WHERE state <> 'SENT' AND created_at >= '{since}'",
        )
        asked[f"inbox of {site.code}"] = rows(
            cluster,
            site,
            "SELECT kind, state, error_text FROM exchange_inboxpacket "
            f"WHERE state <> 'TAKEN_IN' AND received_at >= '{since}'",
        )
    asked["deliveries of the axis"] = rows(
        cluster,
        AXIS,
        "SELECT recipient_code, kind, state FROM axis_axisdelivery "
        f"WHERE state <> 'done' AND created_at >= '{since}'",
    )
    return {what: found for what, found in asked.items() if found}


def arrived(cluster: DemoCluster, site: DemoSite, organ_id: str, subject: str) -> list[tuple[Any, ...]]:
    """State and arrival number of what came to an agency."""
    return rows(
        cluster,
        site,
        "SELECT document.subject, document.state, document.arrival_number FROM records_document document "
        "JOIN directory_agencyidentifier known ON known.agency_id = document.agency_id AND known.code = %s "
        "WHERE document.direction = 'INCOMING' AND document.subject LIKE %s",
        organ_id,
        f"{subject}%",
    )


def converged(cluster: DemoCluster, office: Office, keys: list[str], since: str) -> bool:
    """Whether the sender sees everywhere what the recipients did, and nothing is under way any more."""
    if unfinished(cluster, since):
        return False
    return all(row["state"] == "ACCEPTED" for key in keys for row in office.deliveries(key))


@pytest.fixture
def chaos(cluster: DemoCluster) -> Chaos:
    print(f"VANTHU_CRASH_SEED={SEED}")
    return Chaos(cluster, SEED)


def test_fifty_documents_arrive_exactly_once_though_every_process_is_killed(
    cluster: DemoCluster, chaos: Chaos
) -> None:
    title = f"thử sức chịu đựng {token_hex(3)}"
    subjects = [f"{title} lần {number:02}" for number in range(1, DOCUMENTS + 1)]
    began, since = time.monotonic(), datetime.now(UTC).isoformat()
    with ExitStack() as stack:
        office = Office(cluster, stack)
        with office.registering():
            with chaos.raging():
                keys = office.issue(sample_papers()[0], subjects)
                issued = time.monotonic() - began
            heal(cluster)
            end = time.monotonic() + CONVERGE_SECONDS
            while not converged(cluster, office, keys, since) and time.monotonic() < end:
                time.sleep(0.5)
        seen = [office.deliveries(key) for key in keys]
    print(f"killed {chaos.killed}; {office.repeated} steps repeated; issued after {issued:.0f} s, ", end="")
    print(f"converged after {time.monotonic() - began:.0f} s")

    assert unfinished(cluster, since) == {}
    for site, organ_id in ((HA_TINH, DEPARTMENT), (GOVERNMENT_OFFICE, GOVERNMENT)):
        found = arrived(cluster, site, organ_id, title)
        assert sorted(subject for subject, _, _ in found) == subjects
        assert {state for _, state, _ in found} == {"REGISTERED"}
        assert len({number for _, _, number in found}) == DOCUMENTS
    assert len(set(keys)) == DOCUMENTS
    for deliveries in seen:
        assert {row["recipient_code"]: row["state"] for row in deliveries} == {
            DEPARTMENT: "ACCEPTED",
            GOVERNMENT: "ACCEPTED",
        }
        for row in deliveries:
            assert [status["code"] for status in row["statuses"]] == ["01", "03"]
            assert row["sent_at"] <= row["received_at"]
    made = rows(
        cluster,
        HA_TINH,
        "SELECT 1 FROM records_document WHERE direction = 'OUTGOING' AND subject LIKE %s",
        f"{title}%",
    )
    assert len(made) == DOCUMENTS, "no draft was made twice"
    proofs = judging.judge_sites(cluster)
    assert len(proofs) == len(SITES) + 2
    assert [proof for proof in proofs if not proof.holds] == []
