"""The operator's commands."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from tests.axis.axis_parts import Axis, document
from typer.testing import CliRunner

from vanthu.axis.receipt_key import receipt_key
from vanthu.commands import attach
from vanthu.evidence import public_jwk


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
