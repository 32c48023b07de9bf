"""From the leader's signature to "arrived" on the sender's screen: two agency sites and an axis, really running.

Each site has its own database and worker. The document is signed, numbered, sealed and dispatched in this process,
the sender's; its worker sends the packet, the recipient's fetches it and reports status 01, the sender's worker takes
that in. Measured with nothing else on the way, and for urgent documents while ten thousand ordinary packets wait for
the recipient. The floor is what this process does itself: signature, number, seal, dispatch.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from django.conf import settings

from bench import packet, seeding
from bench.axis_site import AxisSite
from bench.load import drive
from bench.measuring import Result, Row, Times
from vanthu.demo import images
from vanthu.directory.models import Agency
from vanthu.exchange.models import Delivery
from vanthu.formalities.fonts import tinos_folder
from vanthu.issuing import actions as issuing
from vanthu.issuing.rules import DraftData
from vanthu.issuing.uploads import check_upload
from vanthu.localdb import PRODUCTION, LocalDb
from vanthu.records.models import Document

FLOOR = "phần của nơi gửi trước khi gói tin rời đi: ký, cấp số, đóng dấu, phát hành"
FLOOD, FLOOD_SIZE, FLOOD_THREADS = 10_000, 20_000, 8
BEGUN = 50
"""Packets of the flood that the recipient has taken in when the urgent documents are signed."""

PATIENCE = 300.0
SEED = """
from vanthu.startup import start_django
start_django()
from bench import seeding
seeding.office("Ủy ban nhân dân tỉnh Lạng Sơn", "UBND", "H37")
"""


def run(*, quick: bool = False) -> Result:
    """Milliseconds from signing to status 01, alone and in a flood."""
    flood, rounds = (500, 3) if quick else (FLOOD, 10)
    root = Path(settings.VANTHU.data_dir)
    keys = packet.authority(root / "authority")
    with AxisSite(root) as axis:
        sender = _Sender(root, axis, keys)
        with (
            _Worker(root, axis, "H37", keys, "bench_latency_recipient") as recipient,
            _Worker(root, axis, "H27", keys, "bench_latency"),
        ):
            sender.wait_for_recipient()
            sender.one(0)
            ordinary = [sender.one(0) for _ in range(rounds)]
            recipient.stop()
            drive(axis.target, FLOOD_SIZE, threads=FLOOD_THREADS, seconds=PATIENCE, mark="flood", most=flood)
            before = recipient.packets()
            recipient.start()
            _until(lambda: recipient.packets() - before >= BEGUN)
            urgent = [sender.one(4) for _ in range(rounds // 2 or 1)]
            left = flood + len(urgent) - (recipient.packets() - before)
    return Result("latency", "Từ lúc ký đến lúc nơi gửi thấy “đã đến” (01)", FLOOR, [
        _row("văn bản thường, không có gì chờ", ordinary, ""),
        _row(f"văn bản khẩn trong khi {flood} gói thường chờ ở trục", urgent,
             f"khi văn bản cuối cùng đã đến, {left} gói thường vẫn còn chờ"),
    ])  # fmt: skip


def _row(what: str, found: list[tuple[float, float]], notes: str) -> Row:
    whole, own = Times([both for both, _ in found]), Times([part for _, part in found])
    ratio = round(whole.best / own.best, 2)
    notes = "; ".join(filter(None, (notes, f"lâu nhất {max(whole.ms):.0f} ms, {len(found)} văn bản")))
    return Row(what, whole.p50, "ms", own.p50, ratio, whole.p95, whole.best, notes, {"ms": whole.ms})


class _Sender:
    """The office that signs, in this process."""

    def __init__(self, root: Path, axis: AxisSite, keys: Path) -> None:
        settings.VANTHU.axis_url, settings.VANTHU.axis_system_id = axis.address, "H27"
        settings.VANTHU.axis_secret_file = _secret_file(root, axis, "H27")
        self._office = office = seeding.office(packet.SENDER, "UBND", "H27")
        packet.enrol(office, office.leader, keys, "chu-tich", images.signature(packet.LEADER))
        font = tinos_folder() / "700Bold/Tinos_700Bold.ttf"
        packet.enrol(office, None, keys, "ubnd", images.seal(packet.SENDER, font=font))
        self._page = packet.letter()
        self._order = 0

    def wait_for_recipient(self) -> None:
        """Until the list of agencies came from the axis."""
        _until(lambda: Agency.objects.filter(identifiers__code="H37").exists())
        self._recipient = Agency.objects.get(identifiers__code="H37")

    def one(self, urgency: int) -> tuple[float, float]:
        """Milliseconds from the signature to the recipient's status 01, and until dispatched."""
        office, key = self._office, self._drafted(urgency)
        leader, clerk = office.actor(office.leader), office.actor(office.clerk)
        started = time.perf_counter()
        issuing.sign_document(leader, key, packet.PASSPHRASE)
        issuing.assign_number(clerk, key)
        issuing.seal_document(clerk, key, packet.PASSPHRASE)
        document = issuing.dispatch(clerk, key)
        dispatched = time.perf_counter()
        _until(lambda: _arrived(document), 0.01)
        return (time.perf_counter() - started) * 1000, (dispatched - started) * 1000

    def _drafted(self, urgency: int) -> object:
        self._order += 1
        drafter = self._office.actor(self._office.specialists[0])
        data = DraftData(
            type_code="CONG_VAN",
            subject=f"Rà soát công tác chuyển đổi số lần {self._order}",
            urgency=urgency,
            signer_id=str(self._office.leader.pk),
            recipient_ids=[str(self._recipient.pk)],
            distribution=["Như trên", "Lưu: VT"],
        )
        key = issuing.create_draft(drafter, data).pk
        issuing.attach_main(drafter, key, check_upload("cong-van.pdf", self._page))
        issuing.submit(drafter, key)
        return key


class _Worker:
    """The worker of an agency site."""

    def __init__(self, root: Path, axis: AxisSite, code: str, keys: Path, database: str) -> None:
        server = LocalDb(root / "pg", PRODUCTION)
        fresh = server.ensure_database(database, "bench_template")
        folder = root / f"site-{code}"
        folder.mkdir()
        self._url = server.url(database)
        self._log = (folder / "log").open("ab")
        self._environment = os.environ | {
            "VANTHU_SITE_KIND": "agency",
            "VANTHU_DATABASE_URL": self._url,
            "VANTHU_DATA_DIR": str(folder),
            # One file store for both sites: files go by their hash, and none is ever removed here.
            "VANTHU_BLOB_DIR": str(settings.VANTHU.blob_dir),
            "VANTHU_AXIS_URL": axis.address,
            "VANTHU_AXIS_SYSTEM_ID": code,
            "VANTHU_AXIS_SECRET_FILE": str(_secret_file(root, axis, code)),
            "VANTHU_TRUST_DIR": str(keys / "trust"),
            "VANTHU_REVOCATION_FETCH": "false",
        }
        if fresh:
            subprocess.run([sys.executable, "-c", SEED], env=self._environment, check=True)

    def __enter__(self) -> _Worker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._log.close()

    def start(self) -> None:
        """Run it."""
        command = [sys.executable, "-m", "vanthu", "worker"]
        self._process = subprocess.Popen(command, env=self._environment, stdout=self._log, stderr=self._log)

    def stop(self) -> None:
        """End it as a crash would: it is to leave its work where it stands."""
        self._process.kill()
        self._process.wait()

    def packets(self) -> int:
        """How many packets its site has taken in."""
        with psycopg.connect(self._url) as connection:
            row = connection.execute("SELECT count(*) FROM exchange_inboxpacket").fetchone()
        return int(row[0]) if row else 0


def _secret_file(root: Path, axis: AxisSite, code: str) -> Path:
    path = root / f"secret-{code}"
    path.write_text(axis.secrets[code])
    return path


def _arrived(document: Document) -> bool:
    return Delivery.objects.filter(document=document, received_at__isnull=False).exists()


def _until(done: Callable[[], bool], pause: float = 0.1) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("nothing arrived")
        time.sleep(pause)
