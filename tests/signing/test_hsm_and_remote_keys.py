"""Keys on the site's HSM and at a remote signing service sign as files do: real PKCS#11, a real CSC server."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pyhanko.pdf_utils.reader import PdfFileReader
from tests import world as worlds
from tests.copying.test_copies import PAPER_ONLY, scan
from tests.signing.authorization_server import CLIENT, SECRET, AuthorizationServer, authorization_server
from tests.softtoken import LIBRARY, PIN, make_token, shelf
from tests.world import World
from typer.testing import CliRunner

from vanthu.base import clock
from vanthu.base.actors import system_actor
from vanthu.blobs import store
from vanthu.commands.signing_service import app
from vanthu.copying import elsewhere as copying
from vanthu.copying.models import BegunCopy, Copy
from vanthu.environment import RsaSignatures
from vanthu.errors import VanthuError
from vanthu.issuing import actions
from vanthu.issuing.models import Stage
from vanthu.pades import Pending
from vanthu.pades.csc import CscService
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import enrolling, keys, sign_ins
from vanthu.signing.models import AwaitedSignature, KeyKind, RemoteService, SigningKey
from vanthu.signing.sign_in_models import RemoteSignIn

CREDENTIAL = "vanthu/{}"


@pytest.fixture(scope="module")
def remote_url() -> Iterator[str]:
    """A remote signing service with the keys of the test authority, which pins every authorization to hashes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    config = worlds.authority() / "pki.yml"
    command = [sys.executable, "-m", "csc_dummy", str(config), str(port), "2"]
    running = subprocess.Popen(
        command, cwd=worlds.authority(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}/csc/v1"
    end = time.monotonic() + 30
    while not _answers(url):
        assert time.monotonic() < end and running.poll() is None
    yield url
    running.terminate()
    running.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.post(f"{url}/info", json={}, trust_env=False).status_code == 200
    except httpx.TransportError:
        time.sleep(0.05)
        return False


def refused(code: str, call: object, *given: object, **more: object) -> None:
    with pytest.raises(VanthuError) as answer:
        call(*given, **more)  # type: ignore[operator]
    assert answer.value.code == code


def submitted(world: World) -> Document:
    document = worlds.draft(world.province, [world.department.agency])
    return actions.submit(world.province.specialist, document.pk)


def test_the_leader_signs_at_a_remote_service_and_the_clerk_with_the_sites_hsm(
    world: World, remote_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = world.province
    administrator = system_actor(office.agency.pk)
    service = enrolling.connect_remote(
        administrator, office.agency, name="Ký từ xa", url=remote_url, secret="bi-mat"
    )
    assert "bi-mat" not in service.secret_box
    assert CREDENTIAL.format("chu-tich") in sign_ins.service_for(service).credentials()
    leader = office.posts["leader"]
    refused(
        "KEY_CERTIFICATE_OF_ANOTHER",
        enrolling.enrol_remote_key,
        administrator,
        office.agency,
        leader,
        service.pk,
        CREDENTIAL.format("giam-doc"),
    )
    elsewhere = world.department
    refused(
        "REMOTE_SERVICE_UNKNOWN",
        enrolling.enrol_remote_key,
        administrator,
        elsewhere.agency,
        elsewhere.posts["leader"],
        service.pk,
        CREDENTIAL.format("giam-doc"),
    )
    key = enrolling.enrol_remote_key(
        administrator, office.agency, leader, service.pk, CREDENTIAL.format("chu-tich")
    )
    assert key.kind == KeyKind.CSC
    document = submitted(world)
    monkeypatch.setattr(settings.VANTHU, "rsa_signatures", RsaSignatures.PSS)
    assert actions.sign_document(office.leader, document.pk, "").state == Stage.SIGNED

    with shelf(tmp_path) as folder:
        make_token(folder, "HSM", worlds.authority(), "ubnd")
        refused("HSM_LIBRARY_NOT_SET", keys.device_library)
        monkeypatch.setattr(settings.VANTHU, "hsm_library", LIBRARY)
        fingerprint = _fingerprint(keys.agency_key(office.clerk))
        key = enrolling.enrol_device_key(administrator, office.agency, None, fingerprint)
        assert key.kind == KeyKind.PKCS11 and key.image_sha256
        refused("TOKEN_PIN_WRONG", actions.issue, office.clerk, document.pk, "000000")
        document.refresh_from_db()
        assert document.number is None
        assert actions.issue(office.clerk, document.pk, PIN).state == Stage.ISSUED
    main = records.main_file(document)
    assert main is not None
    sealed = PdfFileReader(io.BytesIO(store.read(main.sha256))).embedded_signatures
    schemes = [one.signer_info["signature_algorithm"]["algorithm"].native for one in sealed]
    assert schemes == ["rsassa_pss", "rsassa_pss"]


def _fingerprint(key: SigningKey) -> str:
    return hashlib.sha256(bytes(key.certificate)).hexdigest()


def test_several_hashes_are_authorized_at_once_and_refusals_say_what_to_do(remote_url: str) -> None:
    service = CscService("Ký từ xa", remote_url)
    chosen = service.credential(CREDENTIAL.format("chu-tich"))
    signatures = service.sign(chosen, [b"a", b"b", b"c"], pin="", otp="")
    assert len(set(signatures)) == 3
    refused("REMOTE_TOO_MANY_AT_ONCE", service.sign, chosen, [b"a"] * 11, pin="", otp="")
    refused("REMOTE_KEY_UNKNOWN", service.credential, CREDENTIAL.format("khong-co"))
    refused("REMOTE_SIGNING_UNAVAILABLE", CscService("Ký từ xa", "http://127.0.0.1:9/csc/v1").credentials)


class Visitor:
    """A person's browser between this site and the service."""

    def __init__(self, office: worlds.Office, who: str, server: AuthorizationServer) -> None:
        self.browser = Client(headers={"Accept": "application/json"})
        self.browser.force_login(office.posts[who].person)
        self.server = server

    def comes_back(self, address: str) -> str:
        """Through the service's page and back; the code of what went wrong, or nothing."""
        return self.lands(self.server.let_in(address))

    def lands(self, location: str) -> str:
        parts = urlsplit(location)
        answer = self.browser.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 302
        self.page = answer.url
        told = [
            one.extra_tags
            for one in answer.wsgi_request._messages._queued_messages
            if one.level == messages.ERROR
        ]
        return told[-1] if told else ""

    def connects(self, service: RemoteService) -> str:
        answer = self.browser.post(f"/my-keys/remote/{service.pk}/connect")
        return self.comes_back(answer.headers["HX-Redirect"])

    def begins(self, door: str, verb: str = "sign") -> dict[str, str]:
        said: dict[str, str] = self.browser.post(door, {"verb": verb}).json()
        return said


def test_people_confirm_each_signing_on_the_services_own_page(
    world: World, remote_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = world.province
    monkeypatch.setattr(actions, "in_thread", lambda run: run())
    with authorization_server(remote_url) as server:
        server.keys = [CREDENTIAL.format(slug) for slug in ("chu-tich", "giam-doc")]
        service = connected(office, server, tmp_path)
        leader, clerk = (Visitor(office, who, server) for who in ("leader", "clerk"))
        stranger = Visitor(world.department, "leader", server)
        mine = f"/my-keys/remote/{service.pk}/"
        assert stranger.browser.post(mine + "connect").status_code == 404
        assert leader.browser.get(mine).status_code == 200, "says that a connection is needed"

        # A key is enrolled by its owner alone, who proved themselves to the service.
        server.person_agrees = False
        assert leader.connects(service) == "REMOTE_SIGN_IN_REFUSED"
        server.person_agrees = True
        assert leader.connects(service) == "" and leader.page == mine
        kept = RemoteSignIn.objects.get()
        assert not any(token in kept.token_box for token in server.tokens)
        assert "Võ Trọng Thử" in leader.browser.get(mine).content.decode()
        assert (
            leader.browser.post(mine, {"credential": server.keys[1]}).json()["code"]
            == "KEY_CERTIFICATE_OF_ANOTHER"
        )
        assert leader.browser.post(mine, {"credential": server.keys[0]}).status_code == 302
        refused("KEY_ELSEWHERE", keys.unlock, keys.person_key(office.leader), "")

        # Whatever goes wrong on the way is told, and nothing is signed.
        document = submitted(world)
        door = f"/documents/{document.pk}/remote/begin"
        assert stranger.begins(door)["code"] == "NOT_FOUND"
        page = leader.browser.get(f"/documents/{document.pk}/").content.decode()
        assert f'data-away data-verb="sign" data-begin="{door}"' in page
        server.person_agrees = False
        assert leader.comes_back(leader.begins(door)["go"]) == "REMOTE_SIGN_IN_REFUSED"
        server.person_agrees = True
        late = server.let_in(leader.begins(door)["go"])
        with clock.frozen(clock.now() + sign_ins.ATTEMPT_LASTS + timedelta(seconds=1)):
            assert leader.lands(late) == "REMOTE_SIGN_IN_LATE"
        right = server.let_in(leader.begins(door)["go"])
        assert clerk.lands(right) == "REMOTE_SIGN_IN_UNKNOWN", "another's session"
        assert stranger.lands(right) == "REMOTE_SERVICE_UNKNOWN"
        assert leader.lands(right.replace("state=", "state=x")) == "REMOTE_SIGN_IN_UNKNOWN"
        assert leader.lands(re.sub("code=[^&]*", "code=x", right)) == "REMOTE_CODE_REFUSED"
        document.refresh_from_db()
        assert document.state == Stage.SUBMITTED

        # The hashes that the person confirms are those of the files that wait; the answer serves once.
        go = leader.begins(door)["go"]
        pending = Pending.from_dict(AwaitedSignature.objects.get().pending)
        digest = base64.urlsafe_b64encode(hashlib.sha256(pending.to_sign).digest()).rstrip(b"=").decode()
        asked = parse_qs(urlsplit(go).query)
        assert (asked["hash"], asked["numSignatures"], asked["scope"]) == ([digest], ["1"], ["credential"])
        right = server.let_in(go)
        assert leader.lands(right) == "" and leader.page == f"/documents/{document.pk}/"
        assert leader.lands(right) == "REMOTE_SIGN_IN_UNKNOWN"
        document.refresh_from_db()
        assert document.state == Stage.SIGNED

        # The clerk seals with the agency's key at the same service; its connection is the clerk's own.
        assert clerk.begins(door, "issue")["code"] == "KEY_AT_HAND", "the agency's key is a file so far"
        server.keys = [CREDENTIAL.format("ubnd")]
        assert clerk.connects(service) == ""
        assert clerk.browser.post(mine, {"credential": server.keys[0], "owner": "agency"}).status_code == 302
        assert clerk.comes_back(clerk.begins(door, "issue")["go"]) == ""
        document.refresh_from_db()
        assert document.state == Stage.ISSUED

        # So is a copy; one that was refused there, or whose answer nobody lived to keep, is confirmed again.
        scanned = SimpleUploadedFile("quet.pdf", scan(), "application/pdf")
        asked_for = {**PAPER_ONLY, "way": "P2E", "form": "SY", "signer": str(office.posts["leader"].pk)}
        assert "trang của dịch vụ" in clerk.browser.get("/copies/new/").content.decode()
        there = clerk.browser.post("/copies/new/", {**asked_for, "file": scanned}).url
        page = clerk.browser.get(there).content.decode()
        door = f"/copies/begun/{BegunCopy.objects.get().pk}/remote"
        assert f'data-begin="{door}"' in page and "data-ask-now" not in page
        assert leader.begins(door)["code"] == "SIGNATURE_NOT_AWAITED"
        server.person_agrees = False
        assert clerk.comes_back(clerk.begins(door)["go"]) == "REMOTE_SIGN_IN_REFUSED"
        assert clerk.page == there.removesuffix("?now")
        server.person_agrees = True
        with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
            killed.setattr(copying, "keep_sealed", interrupt)
            clerk.comes_back(clerk.begins(door)["go"])
        assert not Copy.objects.exists()
        assert clerk.comes_back(clerk.begins(door)["go"]) == ""
        assert clerk.page == f"/copies/{Copy.objects.get().pk}/"
        assert not BegunCopy.objects.exists() and not AwaitedSignature.objects.exists()

        # Version 2 of the API, a folder, and a connection that ended meanwhile: renewed without asking anybody, else
        # the person is asked to connect again and comes back to the page.
        one = submitted(world)
        RemoteService.objects.filter(pk=service.pk).update(url=f"{server.url}/csc/v2")
        there = leader.browser.post("/sign/begin", {"documents": [str(one.pk)]}).url.removesuffix("?now")
        assert "Sang trang xác nhận" in leader.browser.get(there).content.decode()
        RemoteSignIn.objects.update(expires_at=clock.now())
        given, server.refreshes = server.refreshes, set()
        assert "scope=service" in leader.begins(there + "remote")["go"]
        assert leader.connects(service) == ""
        RemoteSignIn.objects.update(expires_at=clock.now())
        server.refreshes |= given
        go = leader.begins(there + "remote")["go"]
        assert parse_qs(urlsplit(go).query)["hashAlgorithmOID"] and "hashes=" in go
        assert leader.comes_back(go) == "" and leader.page == there
        one.refresh_from_db()
        assert one.state == Stage.SIGNED

        assert leader.browser.post(mine + "disconnect").status_code == 302
        assert not RemoteSignIn.objects.filter(person=office.posts["leader"].person).exists()
        assert set(server.tokens.values()) != {""}
        assert clerk.connects(service) == ""
    assert clerk.browser.get(mine).context["trouble"].code == "REMOTE_SIGNING_UNAVAILABLE"
    assert clerk.browser.post(mine + "disconnect").status_code == 302
    assert not RemoteSignIn.objects.exists()


def interrupt(*_given: object, **_named: object) -> None:
    """Killed before the commit."""
    raise KeyboardInterrupt


def connected(office: worlds.Office, server: AuthorizationServer, tmp_path: Path) -> RemoteService:
    """The office is connected to the service by the command, which says what to register there."""
    (tmp_path / "secret").write_text(SECRET)
    code = office.agency.identifiers.values_list("code", flat=True)[0]
    words = ["connect", code, "Ký từ xa", f"{server.url}/csc/v1", "--people", "--client-id", CLIENT]
    done = CliRunner().invoke(app, [*words, "--secret-file", str(tmp_path / "secret")])
    assert done.exit_code == 0, done.output
    service = RemoteService.objects.get(name="Ký từ xa")
    assert service.oauth_url == server.url and SECRET not in service.secret_box
    server.redirects = set(re.findall(r"http\S+/back", done.output))
    assert server.redirects == set(sign_ins.redirects(service).values())
    unsafe = CliRunner().invoke(app, ["connect", code, "Khác", "http://ky-so.example/csc/v1"])
    assert unsafe.exit_code == 1 and "REMOTE_ADDRESS_UNSAFE" in unsafe.output
    return service
