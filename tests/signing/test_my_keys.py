"""The pages about keys: each person's own, the administrator's enrolment, and the dialog for every kind of key."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import asn1crypto
import pkcs11
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import world as worlds
from tests.world import Office, World

from vanthu.base.actors import Role
from vanthu.demo import pki
from vanthu.issuing import actions
from vanthu.pades import Pkcs12Key
from vanthu.signing import agent_package, agents, keys
from vanthu.signing.materials import RemotePlace, dump_elsewhere
from vanthu.signing.models import AgentPairing, AwaitedSignature, KeyKind, SigningKey
from vanthu_agent import VERSION
from vanthu_agent.asked import proof

Post = Callable[..., HttpResponse]


def at_desk(office: Office, who: str) -> Client:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(office.posts[who].person)
    return client


def paired(office: Office, who: str, computer: str = "MAY-1") -> AgentPairing:
    """A computer of this person, paired as the agent does it."""
    client = at_desk(office, who)
    given = client.post("/my-keys/pair").json()
    shown = proof(given["secret"], f"paired {given['pairing']}")
    address = f"/my-keys/computers/{given['pairing']}/confirm"
    assert client.post(address, {"proof": "0" * 64, "computer": computer}).status_code == 409
    assert client.post(address, {"proof": shown, "computer": computer}).status_code == 200
    pairing = AgentPairing.objects.get(pk=given["pairing"])
    assert given["secret"] not in pairing.secret_box
    return pairing


def test_a_paired_computer_serves_its_own_person_only_and_only_until_it_is_unpaired(world: World) -> None:
    office = world.province
    pairing = paired(office, "leader")
    beside = agents.begin_pairing(office.leader)[0].pk  # somebody else uses the same computer
    asked = {"do": "certificates", "pairing": f"{beside} {pairing.pk}", "challenge": "x"}
    leader = at_desk(office, "leader")
    said = leader.post("/my-keys/ask", asked).json()
    assert json.loads(said["request"])["challenge"] == "x"
    for office_of, who in ((office, "clerk"), (world.department, "leader")):
        other = at_desk(office_of, who)
        assert other.post("/my-keys/ask", asked).status_code == 404
        assert other.post(f"/my-keys/computers/{pairing.pk}/revoke").status_code == 404
        assert "MAY-1" not in other.get("/my-keys/").content.decode()
    assert "MAY-1" in leader.get("/my-keys/").content.decode()
    assert leader.post(f"/my-keys/computers/{pairing.pk}/revoke").status_code == 302
    assert leader.post("/my-keys/ask", asked).status_code == 404
    assert Client().post("/my-keys/ask", asked).status_code == 302


def test_my_keys_costs_the_same_with_many_computers(world: World) -> None:
    leader = at_desk(world.province, "leader")
    costs = []
    for count in (1, 5):
        while AgentPairing.objects.count() < count:
            paired(world.province, "leader")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert leader.get("/my-keys/").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 12


def test_a_signature_begins_for_ones_own_work_and_computer_only(world: World) -> None:
    office, elsewhere = world.province, world.department
    key = keys.person_key(office.leader)
    chain = Pkcs12Key.open(pki.p12_path(worlds.authority(), "chu-tich").read_bytes(), worlds.PASSPHRASE).chain
    key.kind, key.material = KeyKind.AGENT, dump_elsewhere(chain)
    key.save()
    document = actions.submit(office.specialist, worlds.draft(office, [elsewhere.agency]).pk)
    door = f"/documents/{document.pk}/elsewhere/begin"
    given = {"verb": "sign", "challenge": "c"}
    asked = given | {"pairing": str(paired(office, "leader").pk)}
    said = at_desk(office, "leader").post(door, asked).json()
    assert len(json.loads(said["request"])["items"]) == 1
    assert at_desk(office, "leader").post(door, asked | {"verb": "xoa"}).status_code == 400
    assert at_desk(office, "clerk").post(door, asked).status_code == 404
    asked = given | {"pairing": str(paired(elsewhere, "leader").pk)}
    assert at_desk(elsewhere, "leader").post(door, asked).status_code == 404
    assert AwaitedSignature.objects.count() == 1
    page = at_desk(office, "leader").get(f"/documents/{document.pk}/").content.decode()
    assert f'data-agent="{agents.address()}"' in page and 'type="password"' not in page


def test_the_dialog_asks_for_what_the_kind_of_key_needs(world: World) -> None:
    office = world.province
    document = actions.submit(office.specialist, worlds.draft(office, [world.department.agency]).pk)

    def dialog() -> str:
        return at_desk(office, "leader").get(f"/documents/{document.pk}/").content.decode()

    assert "Mật khẩu khóa ký" in dialog()
    assert at_desk(office, "leader").post("/my-keys/otp").json()["code"] == "NO_SIGNING_KEY"
    key = keys.person_key(office.leader)
    key.kind, key.material = KeyKind.CSC, RemotePlace(uuid4(), "k", True, True, True).dump()
    key.save()
    page = dialog()
    assert "Mã PIN của khóa ký từ xa" in page and "Mã xác thực một lần (OTP)" in page
    assert "Gửi mã OTP cho tôi" in page
    SigningKey.objects.filter(pk=key.pk).update(active=False)
    assert "Chưa đăng ký khóa ký cho việc này." in dialog()


def test_the_administrator_enrols_keys_of_the_own_agency_only(world: World) -> None:
    office = world.province
    administrator = office.posts["colleague"]
    assert at_desk(office, "colleague").get("/signing/enrol/").status_code == 403
    administrator.roles = [Role.ADMINISTRATOR.value]
    administrator.save()
    client = at_desk(office, "colleague")
    page = client.get("/signing/enrol/").content.decode()
    assert "VANTHU_HSM_LIBRARY" in page and "vanthu signing-service" in page
    before = keys.person_key(office.leader)

    def enrol(owner: str, slug: str, passphrase: str = worlds.PASSPHRASE) -> HttpResponse:
        file = SimpleUploadedFile("khoa.p12", pki.p12_path(worlds.authority(), slug).read_bytes())
        given = {"kind": "PKCS12", "owner": owner, "p12": file, "passphrase": passphrase}
        return client.post("/signing/enrol/", given)

    leader = str(office.posts["leader"].pk)
    assert enrol(leader, "chu-tich", "sai").json()["code"] == "KEY_WRONG_PASSPHRASE"
    assert enrol(leader, "giam-doc").json()["code"] == "KEY_CERTIFICATE_OF_ANOTHER"
    assert enrol(str(world.department.posts["leader"].pk), "giam-doc").json()["code"] == "ENROL_FIELDS_WRONG"
    assert keys.person_key(office.leader).pk == before.pk
    assert enrol(leader, "chu-tich").status_code == 302
    after = keys.person_key(office.leader)
    assert after.pk != before.pk and after.image_sha256 == before.image_sha256


def test_a_clerk_enrols_the_agencys_certificate_and_nobody_else_does(world: World) -> None:
    office = world.province
    held = Pkcs12Key.open(pki.p12_path(worlds.authority(), "ubnd").read_bytes(), worlds.PASSPHRASE)
    import base64

    given = {
        "certificate": base64.b64encode(held.certificate.dump()).decode(),
        "chain": json.dumps([base64.b64encode(one.dump()).decode() for one in held.chain]),
        "owner": "agency",
    }
    assert at_desk(office, "leader").post("/my-keys/enrol", given).status_code == 403
    assert at_desk(office, "clerk").post("/my-keys/enrol", given | {"certificate": "eA=="}).status_code == 400
    assert at_desk(world.department, "clerk").post("/my-keys/enrol", given).status_code == 400
    assert at_desk(office, "clerk").post("/my-keys/enrol", given).json() == {"to": "/my-keys/"}
    assert SigningKey.objects.get(agency=office.agency, post=None, active=True).kind == KeyKind.AGENT


def test_the_program_comes_from_the_site_itself_and_starts_with_nothing_but_its_own_two_libraries(
    db: None, tmp_path: Path
) -> None:
    answer = Client().get(f"/agent/{agent_package.NAME}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as wheel:
        assert wheel.testzip() is None
        code = [wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".py")]
    assert len(code) > 8
    for text in code:
        assert "import django" not in text and "from vanthu." not in text and "import vanthu." not in text
    (tmp_path / agent_package.NAME).write_bytes(answer.content)
    for library in (asn1crypto, pkcs11):
        (tmp_path / library.__name__).symlink_to(Path(library.__file__).parent)
    start = f"import sys; sys.path[:0] = [{str(tmp_path / agent_package.NAME)!r}, {str(tmp_path)!r}]\n"
    start += "from vanthu_agent.main import main; main(['--version'])"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == VERSION
    assert Client().get("/agent/vanthu_agent-9.9.9-py3-none-any.whl").status_code == 404
