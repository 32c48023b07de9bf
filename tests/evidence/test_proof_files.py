"""A proof file shows, years later and to anybody, what the axis took, from whom, when, and that it is on record."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.authority import authority
from typer.testing import CliRunner

from vanthu.commands.evidence import app
from vanthu.evidence import (
    ProofInvalid,
    Refusal,
    StampInvalid,
    canonical,
    issue,
    issue_receipt,
    issue_refusal,
    merkle,
    new_key,
    public_jwk,
    verify,
)
from vanthu.evidence.batches import close, header_hash, read_header
from vanthu.evidence.keys import Key
from vanthu.evidence.proofs import Entry, Proof, SealedBatch, Trust, verify_proof, write_proof
from vanthu.evidence.timestamps import certificates_of, check_stamp

AT = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)
KEY = new_key()
PACKET = b"<edXML>the packet</edXML>"
SHA256 = hashlib.sha256(PACKET).hexdigest()


def receipt(key: Key = KEY) -> str:
    return issue_receipt(
        key,
        packet_sha256=SHA256,
        size=len(PACKET),
        sender="H27.01",
        recipients=["H37.05"],
        doc_id="0199",
        accepted_at=AT,
    )


def event(about: str, name: str, **more: Any) -> bytes:
    return canonical({"about": about, "at": AT.isoformat(), "event": name, **more})


def proof_file(
    statement: str = "", about: str = "0199", stamped: bool = True, key: Key = KEY, batches: int = 2
) -> bytes:
    """Two batches of a log with strangers' events in between; the packet has one event in each."""
    statement = statement or receipt(key)
    fingerprint = hashlib.sha256(statement.encode()).hexdigest()
    first = [
        event("0100", "accepted"),
        event(about, "accepted", statement=fingerprint),
        event("2", "refused"),
    ]
    second = [*(event(str(number), "accepted") for number in range(4)), event(about, "acknowledged")]
    header = close(key, first, after=None, closed_at=AT)
    following = close(key, second, after=(1, len(first), header_hash(header)), closed_at=AT)
    stamp = authority(at=AT + timedelta(seconds=4)).stamp
    return write_proof(
        key,
        statement=statement,
        entries=[entry(first, 1, 1), entry(second, 2, 4)][:batches],
        batches=[
            SealedBatch(text, stamp(text.encode()) if stamped else b"")
            for text in (header, following)[:batches]
        ],
        keys=[public_jwk(new_key()), public_jwk(key)],
        certificates=[authority(at=AT + timedelta(seconds=4)).root],
        issued_at=AT + timedelta(hours=1),
    )


def entry(entries: list[bytes], batch: int, position: int) -> Entry:
    [path] = merkle.paths([merkle.leaf(each) for each in entries], [position])
    return Entry(entries[position], batch, position, tuple(path))


FILE = proof_file()
TRUST = Trust(frozenset({KEY.thumbprint()}), (authority(at=AT + timedelta(seconds=4)).root,))


def test_an_untouched_file_is_valid_and_says_what_happened() -> None:
    proof = verify_proof(FILE, TRUST, packet_sha256=SHA256)
    assert proof.key_trusted is True
    assert proof.statement.sender == "H27.01"
    assert [(e.sequence, e.content["event"], e.batch.number) for e in proof.entries] == [
        (2, "accepted", 1),
        (8, "acknowledged", 2),
    ]
    for proved in proof.entries:
        assert proved.stamp is not None
        assert (proved.stamp.trusted, proved.stamp.at) == (
            True,
            AT + timedelta(seconds=4),
        )


def test_without_trust_the_file_is_consistent_but_nobody_vouches_for_it() -> None:
    proof = verify_proof(FILE)
    assert proof.key_trusted is None
    assert not any(e.stamp.trusted for e in proof.entries if e.stamp)


def test_every_single_byte_counts() -> None:
    file = proof_file(batches=1)
    changed = bytearray(file)
    for place, byte in enumerate(file):
        changed[place] = byte ^ (1 << place % 7)
        with pytest.raises(ProofInvalid):
            verify_proof(bytes(changed))
        changed[place] = byte


@given(
    st.integers(0, len(FILE) - 1), st.integers(0, 255), st.sampled_from(["change", "insert", "cut", "drop"])
)
def test_no_change_passes(place: int, byte: int, how: str) -> None:
    changed = {
        "change": FILE[:place] + bytes([byte]) + FILE[place + 1 :],
        "insert": FILE[:place] + bytes([byte]) + FILE[place:],
        "cut": FILE[:place],
        "drop": FILE[:place] + FILE[place + 1 :],
    }[how]
    if changed == FILE:
        return
    with pytest.raises(ProofInvalid):
        verify_proof(changed)


def resealed(change: Any, key: Key = KEY) -> bytes:
    """What a forger with the axis' key can make: any content under a good last signature."""
    content = json.loads(FILE)
    del content["seal"]
    change(content)
    digest = hashlib.sha256(canonical(content)).hexdigest()
    content["seal"] = issue(key, "vanthu-seal", {"issuedAt": AT.isoformat(), "sha256": digest})
    return canonical(content)


def _other_event(content: Any) -> None:
    content["entries"][1]["content"]["state"] = "done"


def _other_place(content: Any) -> None:
    content["entries"][0]["position"] = 0


def _other_receipt(content: Any) -> None:
    content["statement"] = receipt()


def _swapped_stamps(content: Any) -> None:
    first, second = content["batches"]
    first["token"], second["token"] = second["token"], first["token"]


def _batch_missing(content: Any) -> None:
    del content["batches"][1]


def _no_entries(content: Any) -> None:
    content["entries"], content["batches"] = [], []


@pytest.mark.parametrize(
    "change",
    [_other_event, _other_place, _other_receipt, _swapped_stamps, _batch_missing, _no_entries],
)
def test_the_axis_itself_cannot_rewrite_what_was_sealed(change: Any) -> None:
    with pytest.raises(ProofInvalid):
        verify_proof(resealed(change))


@pytest.mark.parametrize("change", ["entries", "keys", "batches", "certificates", "statement"])
@pytest.mark.parametrize("value", [None, 7, "x", [None], [{}], {"a": 1}, [["x"]]])
def test_rubbish_in_any_part_is_refused_in_words(change: str, value: Any) -> None:
    with pytest.raises(ProofInvalid):
        verify_proof(resealed(lambda content: content.__setitem__(change, value)))


def test_the_events_of_another_packet_do_not_pass() -> None:
    with pytest.raises(ProofInvalid):
        proof_file(about="0200")


def test_another_axis_key_or_another_authority_is_not_believed() -> None:
    with pytest.raises(ProofInvalid):
        verify_proof(FILE, Trust(frozenset({new_key().thumbprint()})))
    with pytest.raises(ProofInvalid):
        verify_proof(FILE, Trust(roots=(authority("Kẻ lạ").root,)))
    with pytest.raises(ProofInvalid):
        verify_proof(proof_file(stamped=False), TRUST)


def test_a_refusal_is_proved_like_a_receipt() -> None:
    refusal = Refusal("r1", "H27", "H27.01", SHA256, 5, "18", "AXIS_RECEIVER_UNKNOWN", "Không có đơn vị", AT)
    proof = verify_proof(proof_file(issue_refusal(KEY, refusal), about="r1"), TRUST)
    assert proof.statement == refusal


def test_a_file_without_time_stamps_is_valid_and_says_so() -> None:
    proof: Proof = verify_proof(proof_file(stamped=False))
    assert [e.stamp for e in proof.entries] == [None, None]


def test_a_time_stamp_is_still_good_after_its_certificate_has_ended() -> None:
    old = authority("Dịch vụ cũ", at=datetime(2021, 5, 5, tzinfo=UTC))
    token = old.stamp(b"then")
    assert check_stamp(token, b"then", roots=[old.root]).trusted
    late = authority("Dịch vụ hết hạn", at=datetime(2031, 5, 5, tzinfo=UTC))
    assert not check_stamp(late.stamp(b"x"), b"x", roots=[late.root]).trusted
    with pytest.raises(StampInvalid):
        check_stamp(token, b"now")
    assert len(certificates_of(token)) == 2


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_a_path_proves_its_entry_and_no_other(entries: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf(each) for each in entries]
    position = data.draw(st.integers(0, len(entries) - 1))
    [path] = merkle.paths(leaves, [position])
    root = merkle.root(leaves)
    assert merkle.climb(leaves[position], position, len(leaves), path) == root
    assert merkle.climb(merkle.leaf(b"another entry"), position, len(leaves), path) != root
    assert merkle.climb(leaves[position], position, len(leaves), [*path, root]) is None
    if path:
        assert merkle.climb(leaves[position], position, len(leaves), path[:-1]) != root


def test_the_headers_are_a_chain() -> None:
    first = close(KEY, [b"a"], after=None, closed_at=AT)
    second = close(KEY, [b"b", b"c"], after=(1, 1, header_hash(first)), closed_at=AT)
    said = read_header(second, KEY)
    assert (said.number, said.first, said.count) == (2, 2, 2)
    assert said.previous == header_hash(first)


def test_a_statement_of_one_kind_is_not_one_of_another() -> None:
    from vanthu.evidence import StatementInvalid

    token = issue(KEY, "vanthu-status", {"status": "03"})
    assert verify(token, public_jwk(KEY), "vanthu-status") == {"status": "03"}
    for kind, other in (("vanthu-receipt", KEY), ("vanthu-status", new_key())):
        with pytest.raises(StatementInvalid):
            verify(token, other, kind)


# --- the command


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["verify", *map(str, arguments)])
    return result.exit_code, result.output


def kept(folder: Path) -> Path:
    (folder / "proof.json").write_bytes(FILE)
    (folder / "packet.edxml").write_bytes(PACKET)
    (folder / "trust").mkdir()
    (folder / "trust" / "tsa.pem").write_bytes(authority(at=AT + timedelta(seconds=4)).root_pem)
    (folder / "trust" / "axis.json").write_text(json.dumps({"keys": [public_jwk(KEY)]}))
    return folder / "proof.json"


def test_the_command_needs_the_file_and_nothing_else(tmp_path: Path) -> None:
    path = kept(tmp_path)
    assert run(path)[0] == 0
    status, said = run(path, "--trust", tmp_path / "trust", "--packet", tmp_path / "packet.edxml", "--json")
    shown = json.loads(said)
    assert (status, shown["valid"], shown["keyTrusted"]) == (0, True, True)
    assert [line["stampTrusted"] for line in shown["entries"]] == [True, True]
    words = run(path, "--trust", tmp_path / "trust")[1]
    assert "H37.05" in words
    assert "được tin cậy" in words


def test_the_command_says_no_to_another_packet_another_key_and_a_changed_file(tmp_path: Path) -> None:
    path = kept(tmp_path)
    (tmp_path / "other").write_bytes(PACKET + b" ")
    (tmp_path / "stranger.pem").write_bytes(new_key().as_pem(private=False))
    (tmp_path / "changed.json").write_bytes(FILE.replace(b"acknowledged", b"acknowledgeD", 1))
    for wrong in (
        [path, "--packet", tmp_path / "other"],
        [path, "--trust", tmp_path / "stranger.pem"],
        [tmp_path / "changed.json"],
    ):
        status, said = run(*wrong, "--json")
        assert (status, json.loads(said)["valid"]) == (1, False)
    assert run(tmp_path / "missing.json")[0] == 2


def test_the_command_still_reads_a_bare_receipt(tmp_path: Path) -> None:
    (tmp_path / "axis.pem").write_bytes(KEY.as_pem(private=False))
    (tmp_path / "receipt.txt").write_text(receipt())
    assert run(tmp_path / "receipt.txt", "--key", tmp_path / "axis.pem")[0] == 0
    assert run(tmp_path / "receipt.txt")[0] == 1
