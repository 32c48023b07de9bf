"""The operator's commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.axis.axis_parts import Axis, document
from typer.testing import CliRunner

from vanthu.axis import actions
from vanthu.axis.models import AxisAgency, Member
from vanthu.axis.receipt_key import receipt_key
from vanthu.commands import attach
from vanthu.evidence import new_key, public_jwk


def command(*words: str) -> Any:
    app = typer.Typer()
    attach(app)
    return CliRunner().invoke(app, list(words))


@pytest.mark.django_db
def test_members_and_agencies_are_admitted_by_command() -> None:
    added = command("axis", "member", "add", "H60", "Tuyên Quang", "--json")
    assert added.exit_code == 0, added.output
    said = json.loads(added.stdout)
    assert said["systemId"] == "H60"
    assert len(said["secret"]) >= 43
    assert command("axis", "member", "add", "H60", "Tuyên Quang").exit_code == 1
    agency = command(
        "axis", "agency", "add", "H60", "H60.01", "Sở Tư pháp", "--old-code", "000.00.01.H60", "--json"
    )
    assert agency.exit_code == 0, agency.output
    [row] = json.loads(command("axis", "members", "--json").stdout)
    assert (row["systemId"], row["agencies"], row["waiting"], row["lastSeen"]) == ("H60", 1, 0, None)
    assert command("axis", "agency", "add", "H61", "H61.01", "Sở Tư pháp").exit_code == 1


def test_a_receipt_is_verified_by_command(axis: Axis, tmp_path: Any) -> None:
    sent = axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    key, packet = tmp_path / "jwks.json", tmp_path / "packet.edxml"
    key.write_text(json.dumps({"keys": [public_jwk(receipt_key())]}))
    packet.write_bytes(document())
    good = command(
        "evidence", "verify", str(sent.receipt), "--key", str(key), "--packet", str(packet), "--json"
    )
    assert good.exit_code == 0, good.output
    assert json.loads(good.stdout)["docId"] == sent.doc_id
    packet.write_bytes(document(priority=1))
    for words in (["--packet", str(packet)], []):
        receipt = str(sent.receipt) if words else str(sent.receipt)[:-6] + "AAAAAA"
        assert command("evidence", "verify", receipt, "--key", str(key), *words).exit_code == 1


def test_every_command_of_the_operator(axis: Axis, tmp_path: Path) -> None:
    """What the pages do, by command: each word of ``vanthu axis`` at least once, against one axis."""
    key, other = tmp_path / "khoa.pem", tmp_path / "khoa.json"
    pair, second = new_key(), new_key()
    key.write_bytes(pair.as_pem(private=False))
    other.write_text(json.dumps(public_jwk(second)))
    assert done("axis", "key", "add", "H37", str(key)).strip() == pair.thumbprint()
    done("axis", "key", "add", "H37", str(other))
    done("axis", "key", "revoke", pair.thumbprint())
    rows = done("axis", "key", "list", "H37").splitlines()
    assert ["(thu hồi" in row for row in rows] == [True, False]
    for wrong in (["add", "H99", str(key)], ["add", "H37", str(tmp_path / "khong-co")], ["revoke", "x"]):
        assert command("axis", "key", *wrong).exit_code == 1
    assert command("axis", "key", "list", "H99").exit_code == 1

    renewed = json.loads(done("axis", "member", "renew", "H37", "--keep-hours", "1", "--json"))
    assert renewed["secret"] != axis.secrets["H37"]
    done("axis", "member", "limits", "H37", "--calls", "60", "--packet-mb", "50", "--fresh-stamps")
    done("axis", "member", "axis", "H37")
    done("axis", "member", "axis", "H37", "--no")
    done("axis", "member", "stop", "H37")
    assert "(đã ngừng)" in done("axis", "members")
    done("axis", "member", "start", "H37")
    member = Member.objects.get(system_id="H37")
    told = (member.name, member.calls_per_minute, member.max_packet_mb, member.fresh_stamps, member.is_axis)
    assert told == ("Lạng Sơn", 60, 50, True, False)

    assert "còn thiếu: Gửi văn bản" in done("axis", "agency", "show", "H37.05")
    assert json.loads(done("axis", "agency", "show", "H37.05", "--json"))["stage"] == "READY"
    assert "chưa qua thử nghiệm" in command("axis", "agency", "live", "H37.05").output
    done("axis", "agency", "carry", "H37.05", "--reason", "QĐ 12/2025")
    done("axis", "agency", "partner", "H37.05")
    done("axis", "agency", "partner", "H37.05", "--no")
    done("axis", "agency", "lock", "H37.05")
    assert AxisAgency.objects.get(code="H37.05").locked
    done("axis", "agency", "unlock", "H37.05")
    done("axis", "agency", "recode", "H37.05", "H37.50")
    done("axis", "agency", "add", "H37", "H37.60", "Sở Y tế và Dân số", "--parent", "H37")
    ending = (
        "axis",
        "agency",
        "dissolve",
        "H37.05",
        "--last-day",
        "2099-01-31",
        "--decision",
        "QĐ 5/QĐ-UBND",
    )
    assert command(*ending).exit_code == 1, "nobody confirmed"
    done(*ending, "--yes")
    assert AxisAgency.objects.get(code="H37.50").dissolution == "QĐ 5/QĐ-UBND"
    done("axis", "agency", "merge", "H37.05", "H37.60", "--last-day", "2026-01-31")
    agency = AxisAgency.objects.get(code="H37.50")
    assert (agency.stage, agency.locked, str(agency.valid_to)) == ("LIVE", False, "2026-01-31")
    assert agency.successor is not None and agency.successor.code == "H37.60"
    done("axis", "agency", "revive", "H37.50")
    assert AxisAgency.objects.get(code="H37.50").successor is None
    assert command("axis", "agency", "show", "H99").exit_code == 1

    sent = axis.province.send_edoc(document(to=("H27.02",)), sender="H27.01", message_type="edoc")
    proof = tmp_path / "bang-chung.json"
    assert command("axis", "evidence", sent.doc_id).exit_code == 1, "not sealed yet"
    actions.close_batches()
    done("axis", "evidence", sent.doc_id, "--out", str(proof))
    assert sent.doc_id in proof.read_text(encoding="utf-8")
    assert json.loads(done("axis", "verify", "--json"))["holds"]
    assert "đúng" in done("axis", "verify")


def done(*words: str) -> str:
    """A command that succeeds; what it prints."""
    result = command(*words)
    assert result.exit_code == 0, (words, result.output)
    return str(result.stdout)
