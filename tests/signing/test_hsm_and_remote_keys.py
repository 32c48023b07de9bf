"""Keys on the site's HSM and at a remote signing service sign as files do: real PKCS#11, a real CSC server."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from pyhanko.pdf_utils.reader import PdfFileReader
from tests import world as worlds
from tests.softtoken import LIBRARY, PIN, make_token, shelf
from tests.world import World

from vanthu.base.actors import system_actor
from vanthu.blobs import store
from vanthu.environment import RsaSignatures
from vanthu.errors import VanthuError
from vanthu.issuing import actions
from vanthu.issuing.models import Stage
from vanthu.pades.csc import CscService
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import enrolling, keys
from vanthu.signing.models import KeyKind, SigningKey

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
    assert CREDENTIAL.format("chu-tich") in keys.remote(service).credentials()
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
    import hashlib

    return hashlib.sha256(bytes(key.certificate)).hexdigest()


def test_several_hashes_are_authorized_at_once_and_refusals_say_what_to_do(remote_url: str) -> None:
    service = CscService("Ký từ xa", remote_url)
    chosen = service.credential(CREDENTIAL.format("chu-tich"))
    signatures = service.sign(chosen, [b"a", b"b", b"c"], pin="", otp="")
    assert len(set(signatures)) == 3
    refused("REMOTE_TOO_MANY_AT_ONCE", service.sign, chosen, [b"a"] * 11, pin="", otp="")
    refused("REMOTE_KEY_UNKNOWN", service.credential, CREDENTIAL.format("khong-co"))
    refused("REMOTE_SIGNING_UNAVAILABLE", CscService("Ký từ xa", "http://127.0.0.1:9/csc/v1").credentials)
