"""The operator's page and commands."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from tests.axis.axis_parts import Axis, document
from typer.testing import CliRunner

from vanthu.axis.models import Packet
from vanthu.axis.receipt_key import receipt_key
from vanthu.base.actors import Role
from vanthu.commands import attach
from vanthu.directory.models import Agency, Person, Post
from vanthu.evidence import public_jwk


@pytest.fixture
def operator(axis: Axis, client: Any) -> Any:
    person = Person.objects.create_user("truc", "mat-khau-thu-nghiem", full_name="Lê Văn Trực")
    office = Agency.objects.create(name="Đơn vị vận hành trục", hosted=True)
    Post.objects.create(person=person, agency=office, position="Vận hành", roles=[Role.OPERATOR.value])
    client.force_login(person)
    return client


def command(*words: str) -> Any:
    app = typer.Typer()
    attach(app)
    return CliRunner().invoke(app, list(words))


def test_the_page_shows_members_queue_and_packets(operator: Any, axis: Axis) -> None:
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    page = operator.get("/axis/").content.decode()
    assert "Hà Tĩnh" in page
    assert "1 gói tin đang chờ nhận" in page
    assert str(Packet.objects.get().id) in page
    assert "Về việc họp" not in page, "the axis knows no subjects"
    live = operator.get("/axis/", headers={"HX-Request": "true"}).content.decode()
    assert live.lstrip().startswith("<div")


def test_a_packet_is_found_by_any_of_its_ids(operator: Any, axis: Axis) -> None:
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    axis.province.send_edoc(
        document(document_id="other", to=("H27.02",)), sender="H27.01", message_type="edoc"
    )
    packet = Packet.objects.get(document_id="H27.01,2026/11/21,15/SNV")
    delivery = packet.deliveries.get()
    for text in (str(packet.id), str(delivery.id), packet.document_id, packet.sha256, "000.00.05.H37"):
        page = operator.get("/axis/", {"q": text}).content.decode()
        assert str(packet.id) in page, text
        assert "other" not in page, text
    assert "Không có gói tin nào khớp" in operator.get("/axis/", {"q": "nothing\0"}).content.decode()


def test_other_people_do_not_see_the_page(axis: Axis, client: Any) -> None:
    assert client.get("/axis/").status_code == 302
    client.force_login(Person.objects.create_user("ai-do", "mat-khau-thu-nghiem", full_name="Ai Đó"))
    assert client.get("/axis/").status_code == 403


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
