"""Long polling at a really running axis: how fast a packet wakes its recipient, and what waiting costs others.

One web process. The floor is the same call without anybody waiting.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from django.conf import settings

from bench.measuring import Result, Row
from vanthu.evidence import new_key
from vanthu.localdb import PRODUCTION, LocalDb
from vanthu.relay import Client

FLOOR = "cùng lời gọi khi không ai chờ"
WAITING = 60
SEED = """
import json, sys
from vanthu.startup import start_django
start_django()
from vanthu.axis import actions, queries
found = {}
for number in range(int(sys.argv[1])):
    code = f"H{number:02}"
    found[code] = actions.add_member(code, code)[1]
    actions.put_agency(queries.member(code), actions.AgencyDetails(code, f"Cơ quan {code}"))
print(json.dumps(found))
"""
PACKET = (
    '<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>'
    "<From><OrganId>H00</OrganId></From><To><OrganId>{to}</OrganId></To><DocumentId>{id}</DocumentId>"
    "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"
)


def run(*, quick: bool = False) -> Result:
    """Time from the sender's answer to the recipient's, and another member's calls meanwhile."""
    rounds = 20 if quick else 200
    with _axis(WAITING + 2) as (url, secrets, web):
        clients = {code: Client(url, code, new_key(), secret=secret) for code, secret in secrets.items()}
        sender, other = clients.pop("H00"), clients.pop("H01")
        for client in (sender, other, *clients.values()):
            client.enrol()
        alone = _calls(other, rounds)
        with ThreadPoolExecutor(WAITING) as pool:
            woken, meanwhile = _woken(sender, other, clients, pool, rounds)
        memory = psutil.Process(web).memory_info().rss / 1e6
    return Result("waiting", f"Trục: {WAITING} hệ thống cùng chờ ở một tiến trình web", FLOOR, [
        _row("từ khi bên gửi có biên nhận đến khi bên nhận được báo", woken, None),
        _row(f"lời gọi của hệ thống khác khi {WAITING} hệ thống chờ", meanwhile, alone,
             f"bộ nhớ tiến trình web {memory:.0f} MB"),
    ])  # fmt: skip


def _row(what: str, ms: list[float], floor: list[float] | None, notes: str = "") -> Row:
    middle, base = _at(ms, 0.5), _at(floor, 0.5) if floor else None
    ratio = round(min(ms) / min(floor), 2) if floor else None
    return Row(what, middle, "ms", base, ratio, p95=_at(ms, 0.95), best=min(ms), notes=notes)


def _at(ms: list[float], share: float) -> float:
    return round(sorted(ms)[min(int(len(ms) * share), len(ms) - 1)], 2)


def _calls(client: Client, rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        client.received("status")
        found.append((time.perf_counter() - started) * 1000)
    return found


def _woken(
    sender: Client, other: Client, clients: dict[str, Client], pool: ThreadPoolExecutor, rounds: int
) -> tuple[list[float], list[float]]:
    """Everybody waits; one by one they are sent a packet, acknowledge it, and wait again."""

    def wait(code: str) -> float:
        clients[code].wait(25)
        return time.perf_counter()

    waiting = {code: pool.submit(wait, code) for code in clients}
    time.sleep(2)
    found, codes = [], list(clients)
    for number in range(min(rounds, len(codes))):
        code = codes[number]
        sender.send_edoc(PACKET.format(to=code, id=number).encode(), sender="H00", message_type="edoc")
        sent = time.perf_counter()
        found.append(max(waiting[code].result(30) - sent, 0) * 1000)
        for row in clients[code].received("edoc"):
            clients[code].update_status(row.doc_id, "done")
        waiting[code] = pool.submit(wait, code)
    time.sleep(0.5)
    return found, _calls(other, rounds)


@contextmanager
def _axis(members: int) -> Iterator[tuple[str, dict[str, str], int]]:
    folder = Path(settings.VANTHU.data_dir)
    database = LocalDb(folder / "pg", PRODUCTION)
    database.ensure_database("bench_waiting_axis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = folder / "waiting.key"
    secret.write_text("w" * 60)
    environment = os.environ | {
        "VANTHU_SITE_KIND": "axis",
        "VANTHU_DATABASE_URL": database.url("bench_waiting_axis"),
        "VANTHU_SECRET_KEY_FILE": str(secret),
        "VANTHU_WEB_PORT": str(port),
    }
    vanthu = [sys.executable, "-m", "vanthu"]
    subprocess.run([*vanthu, "manage", "migrate", "-v", "0"], env=environment, check=True)
    seeded = subprocess.run(
        [sys.executable, "-c", SEED, str(members)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    web = subprocess.Popen([*vanthu, "web", "--workers", "1"], env=environment, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        _until_ready(url)
        worker = max(psutil.Process(web.pid).children(), key=lambda child: child.memory_info().rss)
        yield url, json.loads(seeded.stdout.splitlines()[-1]), worker.pid
    finally:
        os.killpg(web.pid, signal.SIGTERM)
        web.wait(20)


def _until_ready(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/axis/v2/about", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise TimeoutError(url)
