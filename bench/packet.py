"""One signed document from draft to the other agency's inbox, stage by stage, through the product's own actions.

Both agencies are on one site, so no network stands between; time stamps and revocation answers are left out for
the same reason (their services would be measured, not the product).
"""

from __future__ import annotations

import io
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from bench import seeding
from bench.measuring import Result, Row, Times, repeat, timed
from vanthu import edxml, pades
from vanthu.base import clock
from vanthu.base.actors import system_actor
from vanthu.blobs import store
from vanthu.demo import images, pki, samples
from vanthu.directory.models import Post
from vanthu.edxml import Content
from vanthu.exchange.models import InboxPacket, OutboxPacket, PacketKind
from vanthu.formalities.fonts import tinos_folder
from vanthu.handling.models import IntakeVerdict
from vanthu.issuing import actions as issuing
from vanthu.issuing.rules import DraftData
from vanthu.issuing.uploads import check_upload
from vanthu.pades.keys import HeldKeySigner
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import service
from vanthu.signing.actions import enrol_key
from vanthu.signing.device_models import DeviceKind
from vanthu.signing.device_rules import HandoverData
from vanthu.signing.devices import DeviceData, register_device

T = TypeVar("T")
FLOOR = "một chữ ký pyHanko trần trên cùng tệp, cùng khóa đã mở sẵn, cùng lượt đo"
PASSPHRASE = pki.DEMO_PASSPHRASE
LEADER, SENDER, RECIPIENT = "Võ Trọng Thử", "Ủy ban nhân dân tỉnh Hà Tĩnh", "Sở Nội vụ tỉnh Hà Tĩnh"


class Stages:
    """A stopwatch per stage, in the order in which stages are first seen."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = defaultdict(list)

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """Do it and note how long it took."""
        started = time.perf_counter()
        result = work()
        self.ms[name].append((time.perf_counter() - started) * 1000)
        return result


def run(*, quick: bool = False) -> Result:
    """Milliseconds per stage over several documents; the first one, which fills caches, does not count."""
    rounds = 3 if quick else 15
    keys = authority(Path(settings.VANTHU.data_dir) / "authority")
    sender = seeding.office(SENDER, "UBND", "H27")
    recipient = seeding.office(RECIPIENT, "SNV", "H27.14")
    enrol(sender, sender.leader, keys, "chu-tich", images.signature(LEADER))
    enrol(
        sender,
        None,
        keys,
        "ubnd",
        images.seal(SENDER, font=tinos_folder() / "700Bold/Tinos_700Bold.ttf"),
    )
    page = letter()
    _one(Stages(), sender, recipient, page, 0)
    stages, whole = Stages(), []
    for order in range(1, rounds + 1):
        started = time.perf_counter()
        document = _one(stages, sender, recipient, page, order)
        whole.append((time.perf_counter() - started) * 1000)
    libraries = _libraries(document, rounds)
    floor = repeat(_bare_signature(page, keys), rounds)
    return Result(
        "packet", "Một văn bản ký số: dự thảo → cơ quan nhận", FLOOR, _rows(stages, whole, libraries, floor)
    )


def _rows(stages: Stages, whole: list[float], libraries: dict[str, Times], floor: Times) -> list[Row]:
    rows = [timed(name, Times(taken), floor) for name, taken in sorted(stages.ms.items(), key=_place)]
    rows.append(timed("TỔNG: từ dự thảo đến khi kiểm tra xong ở nơi nhận", Times(whole), floor))
    rows += [timed(f"thư viện: {name}", times, floor) for name, times in libraries.items()]
    return rows


def _place(stage: tuple[str, list[float]]) -> int:
    return int(stage[0].partition(".")[0])


def _one(
    stages: Stages, sender: seeding.Office, recipient: seeding.Office, page: bytes, order: int
) -> Document:
    """One document the whole way; returns the sender's."""
    drafter, leader = sender.actor(sender.specialists[0]), sender.actor(sender.leader)
    clerk = sender.actor(sender.clerk)
    data = DraftData(
        type_code="CONG_VAN",
        subject=f"Rà soát công tác chuyển đổi số lần {order}",
        signer_id=str(sender.leader.pk),
        recipient_ids=[str(recipient.agency.pk)],
        distribution=["Như trên", "Lưu: VT"],
    )
    key = stages("1. soạn: create_draft", lambda: issuing.create_draft(drafter, data)).pk
    stages(
        "2. tệp: check_upload + attach_main",
        lambda: issuing.attach_main(drafter, key, check_upload("cong-van.pdf", page)),
    )
    stages("3. trình: submit (chuẩn bị PDF)", lambda: issuing.submit(drafter, key))
    stages("4. ký: sign_document", lambda: issuing.sign_document(leader, key, PASSPHRASE))
    stages("5. cấp số: assign_number", lambda: issuing.assign_number(clerk, key))
    stages("6. đóng dấu: seal_document", lambda: issuing.seal_document(clerk, key, PASSPHRASE))
    document = stages("7. phát hành: dispatch (ghi gói tin)", lambda: issuing.dispatch(clerk, key))
    _run_jobs(stages)
    _require_arrived(document, recipient)
    return document


JOB_NAMES = {
    "exchange.send_packet": "8. chuyển: send_packet",
    "vanthu.handling.jobs.take_in": "9. đến: take_in (đọc gói tin)",
    "handling.check": "10. kiểm tra ở nơi nhận (chữ ký)",
    "issuing.check_sealed": "11. kiểm tra lại ở nơi gửi",
}


def _run_jobs(stages: Stages) -> None:
    """Run what the actions enqueued, in this process; status packets that flow back are counted apart."""
    for _ in range(50):
        job = _take_job()
        if job is None:
            return
        task, arguments = job
        name = JOB_NAMES.get(arguments.get("listener", task), "12. trạng thái và việc nền khác")
        if task == "exchange.send_packet" and _is_status(arguments["outbox_id"]):
            name = "12. trạng thái và việc nền khác"
        stages(name, lambda: app.tasks[task].func(**arguments))  # noqa: B023
    raise RuntimeError("jobs do not come to an end")


def _is_status(outbox_id: str) -> bool:
    return OutboxPacket.objects.filter(pk=outbox_id, kind=PacketKind.STATUS).exists()


def _take_job() -> tuple[str, dict[str, Any]] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs WHERE status = 'todo' "
            "AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY priority DESC, id LIMIT 1) "
            "RETURNING task_name, args"
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return row[0], row[1] if isinstance(row[1], dict) else json.loads(row[1])


def _require_arrived(document: Document, recipient: seeding.Office) -> None:
    arrived = InboxPacket.objects.select_related("document__intake").get(
        agency=recipient.agency, document__document_id=document.document_id
    )
    verdict = arrived.document.intake.verdict  # type: ignore[union-attr]
    if verdict in (IntakeVerdict.CHECKING, IntakeVerdict.REJECT):
        raise RuntimeError(f"the document did not arrive whole: {verdict}")


def _libraries(document: Document, rounds: int) -> dict[str, Times]:
    """The pure libraries alone, on the document that was just sent."""
    sealed = store.read(_main_sha(document))
    packet = OutboxPacket.objects.filter(document=document, kind=PacketKind.EDOC).get()
    raw = store.read(packet.sha256)
    content = edxml.read(io.BytesIO(raw)).packet
    large = _with_large_file(content)
    large_raw = io.BytesIO()
    edxml.write_to(large, large_raw)
    return {
        f"edxml.write_to, gói {len(raw) // 1024} kB": repeat(
            lambda: edxml.write_to(content, io.BytesIO()), rounds
        ),
        f"edxml.read, gói {len(raw) // 1024} kB": repeat(lambda: edxml.read(io.BytesIO(raw)), rounds),
        "edxml.write_to, tệp kèm 10 MB": repeat(lambda: edxml.write_to(large, io.BytesIO()), 5, warm_up=1),
        "edxml.read, tệp kèm 10 MB": repeat(
            lambda: edxml.read(io.BytesIO(large_raw.getvalue())), 5, warm_up=1
        ),
        "pades.validate (2 chữ ký)": repeat(
            lambda: pades.validate(sealed, service.trust(), at=clock.now()), rounds
        ),
    }


def _with_large_file(packet: edxml.Packet) -> edxml.Packet:
    assert isinstance(packet, edxml.DocumentPacket)
    noise = b"%PDF-1.7\n" + bytes(value & 0xFF for value in itertools.islice(itertools.count(0, 7), 10 << 20))
    big = edxml.Attachment(name="phu-luc.pdf", content=Content.of(noise))
    return replace(packet, attachments=(*packet.attachments, big))


def _main_sha(document: Document) -> str:
    file = records.main_file(document)
    assert file is not None
    return file.sha256


def _bare_signature(page: bytes, authority: Path) -> Callable[[], None]:
    """pyHanko and nothing else: an invisible signature, the key read before."""
    with pades.Pkcs12Key.open(pki.p12_path(authority, "chu-tich").read_bytes(), PASSPHRASE) as key:
        held = HeldKeySigner(key)
    metadata = signers.PdfSignatureMetadata(field_name="chu_ky", md_algorithm="sha256")

    def sign() -> None:
        signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(page)), metadata, signer=held)

    return sign


def letter() -> bytes:
    """The page of an official letter, as PDF."""
    head = samples.Letterhead(
        parent="",
        issuer=SENDER.upper(),
        agency_abbreviation="UBND",
        unit_abbreviation="VP",
        place="Hà Tĩnh",
        authority=("CHỦ TỊCH",),
        signer=LEADER,
        name=SENDER,
    )
    return samples.document(
        "CONG_VAN",
        letterhead=head,
        subject="V/v rà soát công tác chuyển đổi số",
        paragraphs=("Đề nghị các cơ quan, đơn vị rà soát và báo cáo kết quả trước ngày 30 hằng tháng.",) * 6,
        to=("Các sở, ban, ngành",),
        year=clock.today().year,
    )


def authority(folder: Path) -> Path:
    """Keys from a make-believe authority whose services do not run, and trust in it; made once for a run."""
    trusted = folder / "trust"
    if not trusted.exists():
        _establish(folder, trusted)
    settings.VANTHU.trust_dir = trusted
    settings.VANTHU.revocation_fetch = False
    service.trust.cache_clear()
    return folder


def _establish(folder: Path, trusted: Path) -> None:
    pki.create(
        folder,
        [pki.PersonCert("chu-tich", LEADER, SENDER, "Chủ tịch")],
        [pki.AgencyCert("ubnd", SENDER, "H27")],
        port=9,
    )
    trusted.mkdir()
    (trusted / "root.pem").write_bytes((folder / "root.pem").read_bytes())
    (trusted / "intermediate.pem").write_bytes((folder / "issuer.pem").read_bytes())


def enrol(office: seeding.Office, post: Post | None, folder: Path, slug: str, image: bytes) -> None:
    """Give the post, or the agency itself, the key of that name with its image."""
    data = pki.p12_path(folder, slug).read_bytes()
    system = system_actor(office.agency.pk)
    device = None
    if post is None:
        said = HandoverData(permission="Quyết định 07/QĐ-VP ngày 05/01/2026")
        given = DeviceData(kind=DeviceKind.FILE, serial=slug, custodian_id=office.clerk.pk, said=said)
        device = register_device(system, given)
    enrol_key(system, office.agency, post, data, PASSPHRASE, image=image, device=device)
