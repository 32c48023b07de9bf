"""What the axis did is on record, and a member can prove it to anybody without asking the axis."""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from tests.axis.axis_parts import Axis, document
from tests.evidence.authority import Authority, authority
from typer.testing import CliRunner

from vanthu.axis import proofs, receipt_key
from vanthu.axis.actions import log
from vanthu.axis.models import EvidenceBatch, LogEntry
from vanthu.base import clock
from vanthu.commands import axis as axis_command
from vanthu.commands import evidence as evidence_command
from vanthu.evidence import Receipt, Refusal, new_key, private_pem, verify_refusal
from vanthu.evidence.proofs import Trust, verify_proof
from vanthu.pades.errors import TimestampUnavailable
from vanthu.vxp import Client, VxpRefused, VxpUnreachable


@pytest.fixture
def clockwork(settings: Any, monkeypatch: Any, tmp_path: Path) -> Authority:
    """A time-stamping authority at hand, in whom the axis trusts."""
    found = authority()
    settings.VANTHU.tsa_url = "http://tsa.test"
    settings.VANTHU.trust_dir = tmp_path / "authorities"
    (tmp_path / "authorities").mkdir()
    (tmp_path / "authorities" / "root.pem").write_bytes(found.root_pem)
    monkeypatch.setattr(log, "request_stamp", lambda _url, content: found.stamp(content))
    yield found
    settings.VANTHU.tsa_url, settings.VANTHU.trust_dir = "", None


def sent(axis: Axis, packet: bytes = b"", **more: Any) -> str:
    return axis.province.send_edoc(packet or document(), sender="H27.01", message_type="edoc", **more).doc_id


def refused(axis: Axis, packet: bytes) -> VxpRefused:
    with pytest.raises(VxpRefused) as why:
        sent(axis, packet)
    return why.value


def sealed() -> None:
    log.close_batches()
    log.stamp_batches()


def events(client: Client, doc_id: str, root: bytes) -> list[str]:
    proof = verify_proof(client.evidence(doc_id), Trust(roots=(root,)))
    return [str(entry.content["event"]) for entry in proof.entries]


def test_sender_and_recipient_each_prove_their_side(axis: Axis, clockwork: Authority) -> None:
    packet = document(to=("H37.05", "H27.02"))
    doc_id = sent(axis, packet)
    [row], [own] = axis.district.received("edoc"), axis.province.received("edoc")
    axis.district.get(row.doc_id)
    axis.district.update_status(row.doc_id, "done")
    axis.province.update_status(own.doc_id, "fail", "Khong mo duoc")
    sealed()
    root = clockwork.root
    assert events(axis.province, doc_id, root) == ["accepted", "handed_over", "acknowledged", "acknowledged"]
    assert events(axis.district, row.doc_id, root) == ["accepted", "handed_over", "acknowledged"]
    assert events(axis.province, own.doc_id, root) == ["accepted", "acknowledged"]
    proof = verify_proof(axis.province.evidence(doc_id), packet_sha256=hashlib.sha256(packet).hexdigest())
    assert isinstance(proof.statement, Receipt)
    assert proof.statement.recipients == ("H27.02", "H37.05")
    assert {entry.content["state"] for entry in proof.entries if "state" in entry.content} == {"done", "fail"}


def test_nobody_gets_the_evidence_of_others(axis: Axis, clockwork: Authority) -> None:
    doc_id = sent(axis)
    [row] = axis.district.received("edoc")
    token = refused(axis, document(to=("H99",))).receipt
    refusal = verify_refusal(token, axis.keys())
    sealed()
    for stranger, key in (
        (axis.district, doc_id),
        (axis.province, row.doc_id),
        (axis.district, refusal.refusal_id),
        (axis.province, "../../etc/passwd"),
    ):
        with pytest.raises(VxpRefused) as why:
            stranger.evidence(key)
        assert why.value.error_code == "41"


def test_a_refusal_is_signed_and_proved(axis: Axis, clockwork: Authority) -> None:
    packet = document(to=("H99",))
    token = refused(axis, packet).receipt
    said = verify_refusal(token, axis.keys())
    assert (said.answer, said.code, said.sender, said.member) == (
        "18",
        "AXIS_RECEIVER_UNKNOWN",
        "H27.01",
        "H27",
    )
    assert (said.packet_sha256, said.size) == (hashlib.sha256(packet).hexdigest(), len(packet))
    sealed()
    proof = verify_proof(axis.province.evidence(said.refusal_id), Trust(roots=(clockwork.root,)))
    assert isinstance(proof.statement, Refusal)
    assert proof.statement == said


def test_evidence_can_be_had_once_it_is_sealed(axis: Axis, clockwork: Authority, monkeypatch: Any) -> None:
    """The authority is away for a while: the log goes on, its batches are stamped later, none is lost."""

    def away(_url: str, _content: bytes) -> bytes:
        raise TimestampUnavailable(url="http://tsa.test")

    first = sent(axis)
    with monkeypatch.context() as broken:
        broken.setattr(log, "request_stamp", away)
        for number in range(3):
            sent(axis, document(document_id=f"later {number}"))
            sealed()
        assert EvidenceBatch.objects.filter(token=None).count() == 3
        with pytest.raises(VxpUnreachable):
            axis.province.evidence(first)
        assert proofs.verify_log().unstamped == 3
    log.stamp_batches()
    assert not EvidenceBatch.objects.filter(token=None).exists()
    assert events(axis.province, first, clockwork.root) == ["accepted"]


def test_an_axis_without_an_authority_gives_evidence_without_time_stamp(axis: Axis) -> None:
    doc_id = sent(axis)
    sealed()
    [entry] = verify_proof(axis.province.evidence(doc_id)).entries
    assert entry.stamp is None


def test_a_repeated_packet_is_on_record_once(axis: Axis) -> None:
    assert sent(axis) == sent(axis)
    assert [line.event for line in LogEntry.objects.all()] == ["accepted"]


def test_workers_that_seal_at_once_put_every_entry_into_one_batch(axis_over_http: Axis) -> None:
    axis = axis_over_http

    def send(number: int) -> None:
        sent(axis, document(document_id=str(number)))

    def seal(_: int) -> None:
        log.close_batches()
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(send, n) for n in range(30)] + [pool.submit(seal, n) for n in range(6)]
        for each in work:
            each.result()
    log.close_batches()
    verdict = proofs.verify_log()
    assert (verdict.holds, verdict.entries, verdict.open) == (True, 30, 0)


def test_the_database_refuses_to_change_the_log(axis: Axis) -> None:
    sent(axis)
    sealed()
    for change in (
        lambda: LogEntry.objects.update(content="{}"),
        lambda: LogEntry.objects.update(batch=None),
        lambda: LogEntry.objects.all().delete(),
        lambda: EvidenceBatch.objects.update(hash="0" * 64),
        lambda: EvidenceBatch.objects.all().delete(),
    ):
        with (
            pytest.raises((DatabaseError, ProtectedError), match=r"append-only|protected"),
            transaction.atomic(),
        ):
            change()


CHANGES = [
    "UPDATE axis_logentry SET content = replace(content, 'H27.01', 'H27.02') WHERE position = 1",
    "DELETE FROM axis_logentry WHERE position = 0",
    "UPDATE axis_evidencebatch SET header = (SELECT header FROM axis_evidencebatch WHERE number = 1)",
    "UPDATE axis_evidencebatch SET number = number + 10 WHERE number = 2",
]


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_gets_around_the_database_is_found_out(axis: Axis, change: str) -> None:
    for batch in range(2):
        for number in range(3):
            sent(axis, document(document_id=f"{batch}/{number}"))
        sealed()
    assert proofs.verify_log().holds
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("axis_logentry", "axis_evidencebatch"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute(change)
    verdict = proofs.verify_log()
    assert not verdict.holds
    assert verdict.reason


def test_what_an_earlier_key_signed_stays_provable(axis: Axis, settings: Any, tmp_path: Path) -> None:
    doc_id = sent(axis)
    sealed()
    settings.VANTHU.axis_key_file = tmp_path / "new.pem"
    settings.VANTHU.axis_key_file.write_bytes(private_pem(new_key()))
    try:
        assert len(axis.keys()["keys"]) == 2
        assert verify_proof(axis.province.evidence(doc_id)).key_id != receipt_key.receipt_key().thumbprint()
    finally:
        settings.VANTHU.axis_key_file = None


def test_the_operator_writes_the_file_and_anybody_checks_it(
    axis: Axis, clockwork: Authority, tmp_path: Path
) -> None:
    packet = document()
    doc_id = sent(axis, packet)
    sealed()
    run = CliRunner().invoke
    file = tmp_path / "proof.json"
    (tmp_path / "packet").write_bytes(packet)
    (tmp_path / "root.pem").write_bytes(clockwork.root_pem)
    assert run(axis_command.app, ["evidence", doc_id, "--out", str(file)]).exit_code == 0
    assert run(axis_command.app, ["evidence", "nothing"]).exit_code == 1
    checked = run(
        evidence_command.app,
        ["verify", str(file), "--packet", f"{tmp_path}/packet", "--trust", f"{tmp_path}/root.pem", "--json"],
    )
    assert checked.exit_code == 0
    assert json.loads(checked.output)["docId"] == doc_id
    said = run(evidence_command.app, ["verify", str(file)]).output
    assert re.search(r"#\d+ trục nhận \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+07:00: dấu thời gian", said)
    missing = run(evidence_command.app, ["verify", str(tmp_path / "khong-co.json"), "--json"])
    assert (missing.exit_code, json.loads(missing.output)["code"]) == (2, "FILE")
    verdict = run(axis_command.app, ["verify", "--json"])
    assert (verdict.exit_code, json.loads(verdict.output)["holds"]) == (0, True)


def test_a_real_authority_stamps_the_log(axis: Axis, demo_pki: Any, settings: Any) -> None:
    from vanthu.demo import pki

    settings.VANTHU.tsa_url = pki.tsa_url(demo_pki.port)
    settings.VANTHU.trust_dir = demo_pki.material.trust
    try:
        doc_id = sent(axis)
        sealed()
        data = axis.province.evidence(doc_id)
    finally:
        settings.VANTHU.tsa_url, settings.VANTHU.trust_dir = "", None
    root = pki.trust_roots(demo_pki.material.pki)[0].dump()
    [entry] = verify_proof(data, Trust(roots=(root,))).entries
    assert entry.stamp is not None
    assert entry.stamp.trusted
    assert abs(entry.stamp.at - clock.now()) < timedelta(minutes=5)
