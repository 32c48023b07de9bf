"""An encryption key on the server's own device: enrolled on the page, opened with its PIN."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from tests import world as worlds
from tests.cms.parts import holder, root
from tests.cms.software_token import LIBRARY, software_token
from tests.handling import letters
from tests.issuing.desk import browser
from tests.jobs import run_jobs

from vanthu.encryption.models import AgencyKey, KeyPlace, Without
from vanthu.handling import opening
from vanthu.pades.errors import PinWrong
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document
from vanthu.signing import service


def test_a_key_on_the_servers_device_opens_what_is_encrypted_for_the_agency(
    world: worlds.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root.pem").write_bytes(root().certificate.public_bytes(Encoding.PEM))
    monkeypatch.setattr(settings.VANTHU, "trust_dir", tmp_path)
    monkeypatch.setattr(settings.VANTHU, "hsm_library", LIBRARY)
    service.trust.cache_clear()
    department = holder("Sở Nội vụ", kind="rsa", organ_id="H27.14")
    clerk = browser(world.department.posts["clerk"])
    with software_token(tmp_path, {"so": department}):
        fingerprint = department.asn1.sha256.hex()
        assert fingerprint in clerk.get("/encryption/").content.decode()
        wrong = clerk.post(
            "/encryption/keys", {"place": "PKCS11", "fingerprint": fingerprint, "pin": "999999"}
        )
        assert wrong.status_code == 400
        done = clerk.post(
            "/encryption/keys", {"place": "PKCS11", "fingerprint": fingerprint, "pin": "123456"}
        )
        assert done.status_code == 302
        assert AgencyKey.objects.get().place == KeyPlace.PKCS11
        letters.issued(world.province, [world.department.agency], encrypted=Without.STOP)
        run_jobs()
        arrived = Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)
        with pytest.raises(PinWrong):
            opening.open_files(world.department.clerk, arrived.pk, "999999")
        opening.open_files(world.department.clerk, arrived.pk, "123456")
    assert not any(file.is_encrypted for file in records.current_files(arrived))
    service.trust.cache_clear()
